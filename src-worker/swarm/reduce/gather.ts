import * as v from 'valibot';
import { count, digest } from '../../../src-shared/contract/fields.ts';
import type { Hex, Ss58 } from '../../../src-shared/units.ts';
import { CHUNKS_ASKED_FIRST, CHUNKS_ASKED_MS, MAX_CHUNKS_PER_REQUEST } from '../limits.ts';
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

/**
 * "Which of these have you?" The answer is a frame per chunk, result or pass, in the same order. With digests, one for
 * each chunk, only the result with that digest is meant: what a results list names.
 */
export const wantSchema = v.object({
  round: count,
  rosterDigest: digest,
  chunks: v.pipe(v.array(count), v.maxLength(MAX_CHUNKS_PER_REQUEST)),
  digests: v.optional(v.pipe(v.array(digest), v.maxLength(MAX_CHUNKS_PER_REQUEST))),
});

type Want = v.InferOutput<typeof wantSchema>;

export interface KeptResults {
  readonly plan: RoundPlan;
  readonly read: (chunk: number, digest?: Hex) => Promise<SignedResult | null>;
}

/** 256 numbers of chunks, and as many digests. */
export const WANT_MAX_BYTES = 32_768;

/** Which results are asked for, of whom, and what becomes of them. */
export interface Gathering {
  readonly plan: RoundPlan;
  readonly network: Network;
  /** Ends with the all-reduce. */
  readonly signal: AbortSignal;
  /** Members that are asked before the others. */
  readonly first?: readonly number[];
  /** How long the next donor may take. */
  readonly patienceMs: () => number;
  /** Members that are gone or silent are not asked. */
  readonly isLost: (member: number) => boolean;
  readonly isMissing: (chunk: number) => boolean;
  /** Which result of a chunk; where it is left out, any. */
  readonly digestOf?: (chunk: number) => Hex;
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
  const inOrder = Array.from({ length }, (_, i) => ((plan.self ?? 0) + 1 + i) % length);
  for (const index of new Set([...(gathering.first ?? []), ...inOrder])) {
    if (signal.aborted) return;
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

/**
 * Asks for as much at a time as comes within two seconds: what a donor was asked for goes on filling our line when we want
 * no more of it, and every word of others waits behind it.
 * @returns whether the donor answered for all of them, with a result or without
 */
async function askDonor(gathering: Gathering, donor: Ss58, chunks: readonly number[]): Promise<boolean> {
  const { network, plan } = gathering;
  if (!network.isConnected(donor)) return false;
  const tooLate = new AbortController();
  const end = () => tooLate.abort();
  const limit = setTimeout(end, gathering.patienceMs());
  const silence = setTimeout(end, plan.times.silentAfterMs);
  const signal = AbortSignal.any([gathering.signal, tooLate.signal]);
  const heard = () => void silence.refresh();
  try {
    for (let at = 0, size = CHUNKS_ASKED_FIRST; at < chunks.length; ) {
      const some = chunks.slice(at, at + size);
      const cameMs = await askFor(gathering, { donor, chunks: some, heard, signal });
      if (cameMs === null) return false;
      at += some.length;
      size = nextSize(some.length, cameMs);
    }
    return true;
  } finally {
    clearTimeout(limit);
    clearTimeout(silence);
  }
}

/** At the pace of the last ones, and no more than four times as many: a few that came at once say little. */
export const nextSize = (came: number, cameMs: number): number =>
  Math.max(1, Math.min(4 * came, Math.floor((came * CHUNKS_ASKED_MS) / Math.max(1, cameMs))));

/** @returns ms from the first answer to the last; null where some did not come */
async function askFor(
  gathering: Gathering,
  to: {
    readonly donor: Ss58;
    readonly chunks: readonly number[];
    readonly heard: () => void;
    readonly signal: AbortSignal;
  },
): Promise<number | null> {
  const { network, plan, digestOf } = gathering;
  const { donor, chunks, heard, signal } = to;
  const link = await network.open(donor, 'results', signal);
  return await withLink(link, signal, async () => {
    const frames = new FrameSource(link, plan.grid, donor);
    frames.onBytes = heard;
    const want: Want = {
      round: plan.roster.round,
      rosterDigest: plan.rosterDigest,
      chunks: [...chunks],
      ...(digestOf && { digests: chunks.map(digestOf) }),
    };
    await sendMessage(link, toBytes(want));
    return takeAnswers(gathering, chunks, frames);
  });
}

async function takeAnswers(
  { take }: Gathering,
  chunks: readonly number[],
  frames: FrameSource,
): Promise<number | null> {
  let firstMs: number | null = null;
  for (const chunk of chunks) {
    const frame = await nextAnswer(frames);
    if (frame?.chunk !== chunk) return null;
    firstMs ??= performance.now();
    if (frame.type === frameTypes.result) await take(chunk, decodeResultFrame(frame.payload));
  }
  return performance.now() - (firstMs ?? performance.now());
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
    for (const [i, chunk] of want.chunks.entries()) {
      const result = await kept.read(chunk, want.digests?.[i]);
      const { tag, coder } = kept.plan;
      const codec = coder.resultWire;
      await link.send(
        result
          ? encodeFrame({ type: frameTypes.result, codec, chunk, tag, payload: encodeResult(result) })
          : encodeFrame({ type: frameTypes.pass, chunk, tag }),
      );
    }
  });
}
