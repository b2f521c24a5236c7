import * as v from 'valibot';
import { count, digest } from '../../../src-shared/contract/fields.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { MAX_CHUNKS_PER_REQUEST } from '../limits.ts';
import { MessageReader, sendMessage, withLink } from '../net/ask.ts';
import { toBytes } from '../net/json.ts';
import type { Link, Network } from '../net/link.ts';
import { FrameSource } from './frame-source.ts';
import { decodeResultFrame, encodeFrame, encodeResult, frameTypes, type SignedResult } from './frames.ts';
import type { RoundPlan } from './plan.ts';

/** "Which of these have you?" The answer is a frame per chunk, result or none, in the same order. */
export const wantSchema = v.object({
  round: count,
  rosterDigest: digest,
  chunks: v.pipe(v.array(count), v.maxLength(MAX_CHUNKS_PER_REQUEST)),
});

export const WANT_MAX_BYTES = 4_096;

interface Gathering {
  readonly plan: RoundPlan;
  readonly network: Network;
  /** Ends with the hard deadline. */
  readonly signal: AbortSignal;
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
    if (index === plan.self) continue;
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
  { plan, network, signal, take }: Gathering,
  donor: Ss58,
  chunks: readonly number[],
): Promise<boolean> {
  if (!network.isConnected(donor)) return false;
  const link = await network.open(donor, 'results', signal);
  return withLink(link, signal, async () => {
    await sendMessage(link, toBytes({ round: plan.roster.round, rosterDigest: plan.rosterDigest, chunks }));
    const frames = new FrameSource(link, plan.grid, donor);
    for (const chunk of chunks) {
      const frame = await frames.next();
      if (frame?.chunk !== chunk) return false;
      if (frame.type === frameTypes.result) await take(chunk, decodeResultFrame(frame.payload));
    }
    return true;
  });
}

/** Answers a member that lacks results. */
export async function serveWanted(
  link: Link,
  from: Ss58,
  signal: AbortSignal,
  answerFor: (want: v.InferOutput<typeof wantSchema>) => Promise<{
    readonly plan: RoundPlan;
    readonly read: (chunk: number) => Promise<SignedResult | null>;
  } | null>,
  parse: (bytes: Uint8Array) => v.InferOutput<typeof wantSchema> | null,
): Promise<void> {
  await withLink(link, signal, async () => {
    const said = await new MessageReader(link, from).next(WANT_MAX_BYTES);
    const want = said && parse(said);
    const kept = want && (await answerFor(want));
    if (!want || !kept) return;
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
