import { withLimit } from '../src-node/waits.ts';
import { epochBlocks, revealOf } from '../src-shared/chain/reveal.ts';
import { firstAllowed, pendingOpenings, type WeightsClock } from '../src-shared/chain/weights-clock.ts';
import type { ScoreCard } from '../src-shared/contract/page/runs.ts';
import type { JudgedNeuron, OtherValidator, ValidationView } from '../src-shared/contract/page/validation.ts';
import { U16 } from '../src-shared/economics/ratio.ts';
import { hasSetWeights, roleOf } from '../src-shared/economics/roles.ts';
import { seatOf } from '../src-shared/economics/seat.ts';
import { type WeightRow, weightAgreement } from '../src-shared/scoring/rank-correlation.ts';
import type { Ss58 } from '../src-shared/units.ts';
import { ifSaid, keptFor } from './economy/kept.ts';
import {
  CHECKED_ROUNDS,
  LOOK_LIMIT_MS,
  OTHER_VALIDATORS_MAX,
  RULES_EVERY_MS,
  WEIGHT_ROWS_EVERY_MS,
} from './economy/limits.ts';
import { newestSnapshot } from './economy/newest-snapshot.ts';
import type { Neuron, SubnetSnapshot } from './network/chain.ts';
import type { ConnectedChain } from './network/client.ts';
import { nextEpochBlock } from './network/epoch-rule.ts';
import type { Runs } from './runs/runs.ts';
import type { Store } from './store/store.ts';

/** Where a page asks how a validator stands on its chain. */
export interface ValidationDesk {
  /**
   * The validator of a run: itself, or for a miner the one whose scores it reads.
   * @returns null while the run is only starting, or has heard of no validator
   * @throws {AppError} RUN_UNKNOWN, CHAIN_UNREACHABLE
   */
  look(id: Ss58): Promise<ValidationView | null>;
}

type LookedAt = Pick<
  ConnectedChain,
  'netuid' | 'endpoint' | 'snapshot' | 'on' | 'subnet' | 'economy' | 'commitTerms' | 'lastEpochBlock'
>;

export function openValidationDesk({
  runs,
  store,
  nowMs,
  signal,
}: {
  readonly runs: Pick<Runs, 'get'>;
  readonly store: Pick<Store, 'lastChecks'>;
  nowMs(): number;
  readonly signal: AbortSignal;
}): ValidationDesk {
  const readers = new WeakMap<LookedAt, ReturnType<typeof readerOf>>();
  return {
    async look(id) {
      const run = runs.get(id).body?.run;
      if (!run) return null;
      const { chain, scores, rounds, hotkey, config } = run;
      const validator =
        config.role === 'validator' ? hotkey : (scores?.validator ?? rounds.witnesses[0] ?? null);
      if (validator === null) return null;
      const reader = readers.get(chain) ?? readerOf(chain, nowMs);
      readers.set(chain, reader);
      const limit = withLimit(signal, LOOK_LIMIT_MS);
      const snapshot = await newestSnapshot(chain, limit);
      const [seen, checks] = await Promise.all([
        reader(validator, snapshot, ownWeights(scores?.all ?? []), limit),
        config.role === 'validator' ? store.lastChecks(run.storeId, CHECKED_ROUNDS) : null,
      ]);
      return { ...seen, checks };
    },
  };
}

/** Rules and weights of others are read now and then, all else in the state of the newest block. */
function readerOf(chain: LookedAt, nowMs: () => number) {
  const rules = keptFor(RULES_EVERY_MS, nowMs, (at: SubnetSnapshot['block'], signal: AbortSignal) =>
    ifSaid(chain.economy.rules(at.hash, signal)),
  );
  const rows = keptFor(
    WEIGHT_ROWS_EVERY_MS,
    nowMs,
    ({ block, neurons }: SubnetSnapshot, signal: AbortSignal) =>
      ifSaid(chain.economy.weightRows(validating(neurons), block.hash, signal)),
  );
  return async (
    validator: Ss58,
    snapshot: SubnetSnapshot,
    own: WeightRow,
    signal: AbortSignal,
  ): Promise<Omit<ValidationView, 'checks'>> => {
    const { block, neurons, subnet } = snapshot;
    const me = neurons.find(({ hotkey }) => hotkey === validator);
    const [found, weights, clock] = await Promise.all([
      rules(block, signal),
      rows(snapshot, signal),
      me ? ifSaid(clockOf(chain, me, snapshot, signal)) : null,
    ]);
    return {
      validator,
      block: block.number,
      neurons: neurons.map(judged),
      seat: me ? { ...seatOf(neurons, validator, found?.maxValidators ?? null), uid: me.uid } : null,
      clock,
      others: weights && othersOf(neurons, validator, own, weights),
      isHidden: subnet.commitReveal,
    };
  };
}

/** Who has a permit and has ever used it, the most stake first, so many at most. */
const validating = (neurons: readonly Neuron[]): readonly number[] =>
  neurons
    .filter((one) => one.validatorPermit && hasSetWeights(one))
    .toSorted((a, b) => (a.stakeAlpha === b.stakeAlpha ? 0 : a.stakeAlpha < b.stakeAlpha ? 1 : -1))
    .slice(0, OTHER_VALIDATORS_MAX)
    .map(({ uid }) => uid);

const judged = (one: Neuron): JudgedNeuron => ({
  ...{ uid: one.uid, hotkey: one.hotkey, role: roleOf(one), incentive: one.incentive / U16 },
  consensus: one.consensus === null ? null : one.consensus / U16,
  trust: one.trust === null ? null : one.trust / U16,
});

/** What it would set now, as far as its cards say. */
const ownWeights = (cards: readonly ScoreCard[]): WeightRow =>
  new Map(cards.flatMap(({ uid, weightShare }) => (weightShare ? [[uid, weightShare] as const] : [])));

function othersOf(
  neurons: readonly Neuron[],
  validator: Ss58,
  own: WeightRow,
  rows: ReadonlyMap<number, readonly { readonly uid: number; readonly weight: number }[]>,
): readonly OtherValidator[] {
  const byUid = new Map(neurons.map((one) => [one.uid, one]));
  return [...rows].flatMap(([uid, row]) => {
    const one = byUid.get(uid);
    // Who stakes and works may have a permit and its own weights: none of them makes a row.
    if (!one || one.hotkey === validator || row.length === 0) return [];
    const theirs = new Map(row.map(({ uid: of, weight }) => [of, weight]));
    const { hotkey, stakeAlpha, lastUpdate } = one;
    return [{ uid, hotkey, stakeAlpha, lastUpdate, agreement: weightAgreement(own, theirs) }];
  });
}

async function clockOf(
  chain: LookedAt,
  neuron: Neuron,
  { block, subnet }: SubnetSnapshot,
  signal: AbortSignal,
): Promise<WeightsClock> {
  const { tempo, weightsSetRateLimit } = subnet;
  const at = {
    lastUpdate: hasSetWeights(neuron) ? neuron.lastUpdate : null,
    mayFrom: firstAllowed(neuron.lastUpdate, weightsSetRateLimit),
  };
  if (!subnet.commitReveal) {
    const lastEpochBlock = await chain.lastEpochBlock(block.hash, signal);
    const next = nextEpochBlock(block.number, { netuid: chain.netuid, tempo, lastEpochBlock });
    return { ...at, how: 'open', block: block.number, nextEpochBlock: next };
  }
  const terms = await chain.commitTerms(neuron.hotkey, signal);
  if (terms.kind === 'hashed') {
    const { block: seen, nextEpochBlock: next, revealBlock } = terms;
    const pending = terms.pending.map(({ block: made, fromBlock }) => ({
      block: made,
      opensBlock: fromBlock,
    }));
    return { ...at, how: 'hashed', block: seen, nextEpochBlock: next, revealBlock, pending };
  }
  const { reveal, epochBlock } = terms;
  const { block: revealBlock, nextEpochBlock: next } = revealOf(reveal);
  const opening = { epochBlock, revealBlock, epochBlocks: epochBlocks(reveal) };
  const made = terms.pending.map((one) => one.block);
  return {
    ...{ ...at, how: 'timelocked', block: reveal.block, nextEpochBlock: next, revealBlock },
    pending: pendingOpenings(made, opening),
  };
}
