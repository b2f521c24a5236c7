import * as v from 'valibot';
import { count, digest } from '../../../src-shared/contract/fields.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { MAX_CHUNKS_PER_REQUEST } from '../limits.ts';
import { MessageReader, sendMessage, withLink } from '../net/ask.ts';
import { fromBytes, toBytes } from '../net/json.ts';
import type { Network, PeerLink } from '../net/link.ts';
import { FrameSource } from './frame-source.ts';
import {
  decodeResultFrame,
  encodeFrame,
  encodeResult,
  type Frame,
  frameTypes,
  type SignedResult,
} from './frames.ts';
import { keepAlive } from './keep-alive.ts';
import { type RoundPlan, tagOf } from './plan.ts';

/** "Which of these have you?" The answer is a frame per chunk, result or none, in the same order. */
export const wantSchema = v.object({
  round: count,
  rosterDigest: digest,
  chunks: v.pipe(v.array(count), v.maxLength(MAX_CHUNKS_PER_REQUEST)),
});

type Want = v.InferOutput<typeof wantSchema>;

export interface KeptResults {
  readonly plan: RoundPlan;
  readonly read: (chunk: number) => Promise<SignedResult | null>;
}

export const WANT_MAX_BYTES = 4_096;

interface Gathering {
  readonly plan: RoundPlan;
  readonly network: Network;
  /** Ends with the hard deadline, which comes at this time of `performance.now()`. */
  readonly signal: AbortSignal;
  readonly deadlineMs: number;
  /** Members that are gone or silent are not asked. */
  readonly isLost: (member: number) => boolean;
  readonly isMissing: (chunk: number) => boolean;
  /** Verifies and keeps. */
  readonly take: (chunk: number, result: SignedResult) => Promise<void>;
}

/**
 * Asks the members, one after another in roster order from the next one on, for results that did not come from
 * their reducers. A member answers once its own first phase is over, so all end with the same set.
 */
export async function gatherMissing(gathering: Gathering): Promise<void> {
  const { plan, signal } = gathering;
  const { length } = plan.members;
  for (let i = 1; i <= length && !signal.aborted; i++) {
    const index = ((plan.self ?? 0) + i) % length;
    if (index === plan.self || gathering.isLost(index)) continue;
    const donor = plan.members[index]!.hotkey;
    const missing = Array.from({ length: plan.grid.chunks }, (_, chunk) => chunk).filter(gathering.isMissing);
    if (missing.length === 0) return;
    for (let at = 0; at < missing.length; at += MAX_CHUNKS_PER_REQUEST) {
      const chunks = missing.slice(at, at + MAX_CHUNKS_PER_REQUEST);
      // One donor that fails must not keep us from the next.
      if (!(await askDonor(gathering, donor, chunks).catch(() => false))) break;
    }
  }
}

/** @returns whether the donor answered for all of them, with a result or without */
async function askDonor(
  { plan, network, take, ...gathering }: Gathering,
  donor: Ss58,
  chunks: readonly number[],
): Promise<boolean> {
  if (!network.isConnected(donor)) return false;
  // Half of what is left: one that keeps us waiting must not take the time of all others.
  const limitMs = Math.ceil((gathering.deadlineMs - performance.now()) / 2);
  const silence = new AbortController();
  const signal = AbortSignal.any([
    gathering.signal,
    silence.signal,
    AbortSignal.timeout(Math.max(1, limitMs)),
  ]);
  const link = await network.open(donor, 'results', signal);
  return withLink(link, signal, async () => {
    await sendMessage(link, toBytes({ round: plan.roster.round, rosterDigest: plan.rosterDigest, chunks }));
    const frames = new FrameSource(link, plan.grid, donor);
    const watch = setTimeout(() => silence.abort(), plan.reduce.silentAfterMs);
    frames.onBytes = () => {
      watch.refresh();
    };
    try {
      for (const chunk of chunks) {
        const frame = await nextAnswer(frames);
        if (frame?.chunk !== chunk) return false;
        if (frame.type === frameTypes.result) await take(chunk, decodeResultFrame(frame.payload));
      }
    } finally {
      clearTimeout(watch);
    }
    return true;
  });
}

async function nextAnswer(frames: FrameSource): Promise<Frame | null> {
  for (;;) {
    const frame = await frames.next();
    if (frame?.type !== frameTypes.heartbeat) return frame;
  }
}

/**
 * Answers a member that lacks results.
 * @param keptFor waits until this member's own first phase is over; null when it knows nothing of that round
 */
export async function serveWanted(
  link: PeerLink,
  from: Ss58,
  signal: AbortSignal,
  keptFor: (want: Want) => Promise<KeptResults | null>,
): Promise<void> {
  await withLink(link, signal, async () => {
    const said = await new MessageReader(link, from).next(WANT_MAX_BYTES);
    const want = said && fromBytes(wantSchema, said);
    if (!want) return;
    const release = keepAlive(link, tagOf(want.rosterDigest));
    const kept = await keptFor(want).finally(release);
    if (!kept) return;
    for (const chunk of want.chunks) {
      const result = await kept.read(chunk);
      const { tag } = kept.plan;
      await link.send(
        result
          ? encodeFrame({ type: frameTypes.result, codec: 1, chunk, tag, payload: encodeResult(result) })
          : encodeFrame({ type: frameTypes.none, chunk, tag }),
      );
    }
  });
}
