import * as v from 'valibot';
import type { CallName } from '../../../src-shared/chain/calls.ts';
import { epochIndex } from '../../../src-shared/chain/reveal.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { type Hex, hex, type Ss58 } from '../../../src-shared/units.ts';
import { hasCall } from '../calls/extrinsic.ts';
import type { HashTerms } from '../chain.ts';
import { firstIndexBlock, nextIndexBlock } from '../epoch-rule.ts';
import { HASH_COMMITS_MAX, REVEAL_EPOCHS_MAX } from '../limits.ts';
import type { Session } from '../session.ts';
import { parse, readMany, requiredItem, smallUint } from '../storage.ts';
import { readEpochClock } from './epoch-clock.ts';
import { weightsVersion } from './weights-version.ts';

const CALLS: readonly CallName[] = ['SubtensorModule.commit_weights', 'SubtensorModule.reveal_weights'];

const periodSchema = v.pipe(smallUint, v.maxValue(REVEAL_EPOCHS_MAX, 'a reveal period this long'));
const hashText = v.pipe(v.string(), v.regex(/^0x[0-9a-f]{64}$/));
/** Hash and three numbers: see `windowOf`. */
const commitsSchema = v.pipe(
  v.array(v.tuple([hashText, smallUint, smallUint, smallUint])),
  v.maxLength(HASH_COMMITS_MAX, 'this many commits'),
);

/**
 * What a commit of weights by their hash needs to know, in the state of one block, and what this hotkey has committed
 * that it has not said yet.
 * @throws {AppError} CHAIN_CALL_UNAVAILABLE where the runtime takes no such commit
 */
export async function readHashTerms(
  session: Session,
  { netuid, hash, block }: { readonly netuid: number; readonly hash: Hex; readonly block: number },
  hotkey: Ss58,
  signal: AbortSignal,
): Promise<HashTerms> {
  const missing = CALLS.find((name) => !hasCall(session, name));
  if (missing) throw new AppError('CHAIN_CALL_UNAVAILABLE', { call: missing });
  const [clock, versionKey, [period, commits]] = await Promise.all([
    readEpochClock(session, netuid, hash, signal),
    weightsVersion(session, netuid, hash, signal),
    readMany(
      session,
      [
        { item: requiredItem(session, 'SubtensorModule', 'RevealPeriodEpochs'), args: [netuid] },
        { item: requiredItem(session, 'SubtensorModule', 'WeightCommits'), args: [netuid, hotkey] },
      ],
      hash,
      signal,
    ),
  ]);
  const next = nextIndexBlock(block, clock);
  if (next === null) throw new AppError('CHAIN_ANSWER_MALFORMED', { what: 'a tempo of nothing' });
  const epochs = parse(periodSchema, period?.toPrimitive() ?? null);
  const { tempo } = clock;
  const isByNumber = clock.lastEpochBlock === null;
  const length = isByNumber ? tempo + 1 : tempo;
  const rows = parse(commitsSchema, commits?.toPrimitive() ?? []);
  const at = { netuid, tempo, epochs, next, isByNumber, index: clock.epochIndex };
  const pending = rows.map(([text, ...numbers]) => ({ hash: hex(text.slice(2)), ...windowOf(at, numbers) }));
  return {
    ...{ kind: 'hashed', block, versionKey, epochBlock: firstIndexBlock(next, clock), nextEpochBlock: next },
    revealBlock: next + Math.max(0, epochs - 1) * length,
    pending: pending.filter(({ toBlock }) => toBlock >= block).toSorted((a, b) => b.block - a.block),
  };
}

interface Now {
  readonly netuid: number;
  readonly tempo: number;
  /** So many epochs after its own a commit can be said. */
  readonly epochs: number;
  readonly next: number;
  readonly isByNumber: boolean;
  /** Of the epoch that the block is in, where the state counts epochs. */
  readonly index: number | null;
}

/**
 * When a commit was made and can be said. Beside its hash stand, where the state counts epochs, the index of its epoch
 * and its block; elsewhere its block, and between which blocks the chain thought then that it can be said. The chain
 * judges by the rules of today.
 */
function windowOf(
  { netuid, tempo, epochs, next, isByNumber, index }: Now,
  [first, second, third]: readonly [number, number, number],
): Omit<HashTerms['pending'][number], 'hash'> {
  if (index !== null) {
    const fromBlock = next + (first + epochs - index - 1) * tempo;
    return { block: second, fromBlock, toBlock: fromBlock + tempo - 1 };
  }
  if (!isByNumber) return { block: first, fromBlock: second, toBlock: third };
  const fromBlock = (epochIndex({ block: first, netuid, tempo }) + epochs) * (tempo + 1) - (netuid + 1);
  return { block: first, fromBlock, toBlock: fromBlock + tempo };
}
