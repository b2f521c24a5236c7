import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { type ModelConfig, parameterLayout } from '../model/layout.ts';
import { canonicalJson } from '../profile/profile.ts';
import type { Consensus } from '../profile/schema.ts';
import { clipMembers } from '../reduce/norms.ts';
import { mostChunks, splitParts } from '../reduce/parts.ts';
import type { Rates } from '../scoring/bandwidth.ts';
import { type Hex, hex, type Ss58 } from '../units.ts';
import type { Ready, Roster, RosterMember } from './messages.ts';
import { seededOrder } from './proposer.ts';
import { believedRates } from './rates.ts';

export interface RosterRequest {
  readonly round: number;
  readonly baseId: Hex;
  readonly schemaHash: Hex;
  readonly blockHash: Hex;
  readonly proposer: Ss58;
  readonly chunks: number;
  /** All that was said of the round; of one hotkey more than one thing, where it contradicts itself. */
  readonly readies: readonly Ready[];
  readonly witnesses: readonly Ss58[];
  /** Coldkey of every registered hotkey; who is not in it is not registered. */
  readonly coldkeys: ReadonlyMap<Ss58, Ss58>;
  /** Hotkeys whose last check failed, or whose contributions do harm: they stay members, their weight is 0. */
  readonly failedChecks: ReadonlySet<Ss58>;
  /** Hotkeys of which nothing was taken when they were last listed: their weight is 1. */
  readonly silent: ReadonlySet<Ss58>;
  /** What both-signed receipts of the last rounds show of each link. */
  readonly rates: ReadonlyMap<Ss58, Rates>;
}

/**
 * The roster of a round from who is ready: drawn by the block's seed, clipped, weighted and cut into parts. It hangs
 * on its inputs alone, not on the order in which they came.
 * @returns null while too few can take part
 */
export function composeRoster(consensus: Consensus, request: RosterRequest): Roster | null {
  const { group } = consensus;
  const fitting = newestOfEach(request.readies).filter((ready) => fits(ready, request, consensus));
  const drawn = draw(fitting, request, group.maxMembers);
  const { medianNorm, members: clipped } = clipMembers(drawn.map((ready) => claimOf(ready, request)));
  const working = drawn.filter((_ready, i) => clipped[i]!.weight > 0);
  if (working.length < group.minMembers) return null;
  if (coldkeysOf(working, request) < group.minColdkeys) return null;
  const rates = believedRates(working, request.rates);
  const parts = splitParts(
    request.chunks,
    drawn.map((ready) => rates[working.indexOf(ready)] ?? null),
    mostChunks(request.chunks, working.length, consensus.reduce.commitShare),
  );
  const members = drawn.map(
    ({ hotkey, codec: tier, norm, root, workDigest }, i): RosterMember => ({
      hotkey,
      codec: tier,
      ...clipped[i]!,
      norm,
      root,
      workDigest,
      ...parts[i]!,
    }),
  );
  return { round: request.round, baseId: request.baseId, proposer: request.proposer, members, medianNorm };
}

/** SHA-256 over names, shapes and dtype of all tensors: peers of another model cannot be averaged. */
export const schemaHashOf = (model: ModelConfig): Hex =>
  hex(
    bytesToHex(
      sha256(
        utf8ToBytes(
          canonicalJson(parameterLayout(model).map(({ name, shape }) => ({ name, shape, dtype: 'f32' }))),
        ),
      ),
    ),
  );

/** Sequences of a full round are this weight; an integer, since sums must be exact. */
const FULL_WEIGHT = 127;

/** The weight a miner asks for: in proportion to its sequences, at least 1. */
export function weightForSequences(sequences: number, { inner }: Consensus): number {
  const full = inner.maxStepsPerRound * inner.microBatchesPerStep * inner.sequencesPerMicroBatch;
  return Math.min(FULL_WEIGHT, Math.max(1, Math.round((FULL_WEIGHT * sequences) / full)));
}

/** Of several from one hotkey the one with the greatest canonical text: any rule will do that knows no order. */
function newestOfEach(readies: readonly Ready[]): Ready[] {
  const kept = new Map<Ss58, Ready>();
  for (const ready of readies) {
    const other = kept.get(ready.hotkey);
    if (!other || canonicalJson(other) < canonicalJson(ready)) kept.set(ready.hotkey, ready);
  }
  return [...kept.values()];
}

/** Whether somebody who says this may be listed at all. */
export function fits(ready: Ready, request: RosterRequest, { codec }: Consensus): boolean {
  return (
    ready.round === request.round &&
    ready.baseId === request.baseId &&
    ready.schemaHash === request.schemaHash &&
    codec.tiers.includes(ready.codec) &&
    Number.isFinite(ready.norm) &&
    ready.norm >= 0 &&
    request.coldkeys.has(ready.hotkey)
  );
}

/** Number of distinct owners. */
export const coldkeysOf = (
  members: readonly { readonly hotkey: Ss58 }[],
  { coldkeys }: Pick<RosterRequest, 'coldkeys'>,
): number => new Set(members.map(({ hotkey }) => coldkeys.get(hotkey))).size;

/** Witnesses first, for they audit; then who works, by the seed; validators take what seats are left. */
function draw(readies: readonly Ready[], request: RosterRequest, seats: number): Ready[] {
  const order = seededOrder(
    readies.map(({ hotkey }) => hotkey),
    request.blockHash,
    'draw',
  );
  const rank = ({ hotkey, weight }: Ready): number =>
    request.witnesses.includes(hotkey) ? 0 : weight > 0 ? 1 : 2;
  const place = new Map(order.map((hotkey, i) => [hotkey, i]));
  return [...readies]
    .sort((a, b) => rank(a) - rank(b) || place.get(a.hotkey)! - place.get(b.hotkey)!)
    .slice(0, seats);
}

function claimOf({ hotkey, weight, norm }: Ready, { failedChecks, silent }: RosterRequest) {
  if (failedChecks.has(hotkey)) return { weight: 0, norm };
  return { weight: silent.has(hotkey) ? Math.min(1, weight) : weight, norm };
}
