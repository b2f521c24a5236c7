import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { type ModelConfig, parameterLayout } from '../model/layout.ts';
import { canonicalJson } from '../profile/profile.ts';
import type { Consensus } from '../profile/schema.ts';
import { clipMembers } from '../reduce/norms.ts';
import { type Bandwidth, partsCover, splitParts } from '../reduce/parts.ts';
import { type Hex, hex, type Ss58 } from '../units.ts';
import type { Ready, Roster, RosterMember } from './messages.ts';
import { seededOrder } from './proposer.ts';

export interface RosterRequest {
  readonly round: number;
  readonly baseId: Hex;
  readonly schemaHash: Hex;
  readonly blockHash: Hex;
  readonly proposer: Ss58;
  readonly chunks: number;
  readonly readies: readonly Ready[];
  readonly witnesses: readonly Ss58[];
  /** Coldkey of every registered hotkey; who is not in it is not registered. */
  readonly coldkeys: ReadonlyMap<Ss58, Ss58>;
  /** Hotkeys whose last check failed: they stay members, their weight is 0. */
  readonly failedChecks: ReadonlySet<Ss58>;
}

/**
 * The roster of a round from who is ready: drawn by the block's seed, clipped, weighted and cut into parts. It hangs
 * on its inputs alone, not on the order in which they came.
 * @returns null while too few can take part
 */
export function composeRoster(consensus: Consensus, request: RosterRequest): Roster | null {
  const { group, codec } = consensus;
  const fitting = newestOfEach(request.readies).filter((ready) => fits(ready, request, codec.tiers));
  const drawn = draw(fitting, request, group.maxMembers);
  const { medianNorm, members: clipped } = clipMembers(drawn.map((ready) => claimOf(ready, request)));
  const working = drawn.filter((_ready, i) => clipped[i]!.weight > 0);
  const coldkeys = new Set(working.map(({ hotkey }) => request.coldkeys.get(hotkey)));
  if (working.length < group.minMembers || coldkeys.size < group.minColdkeys) return null;
  const parts = splitParts(
    request.chunks,
    drawn.map((ready, i) => (clipped[i]!.weight > 0 ? bandwidthOf(ready) : null)),
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

/** What a member checks of a roster before it takes part: what signatures cannot make true. */
export function rosterFault(
  roster: Roster,
  expected: {
    readonly round: number;
    readonly baseId: Hex;
    readonly chunks: number;
    readonly minMembers: number;
  },
): string | null {
  if (roster.round !== expected.round) return 'it is of another round';
  if (roster.baseId !== expected.baseId) return 'it stands on another base';
  if (new Set(roster.members.map(({ hotkey }) => hotkey)).size !== roster.members.length)
    return 'a member stands in it twice';
  if (roster.members.filter(({ weight }) => weight > 0).length < expected.minMembers)
    return 'it has too few members';
  if (!partsCover(expected.chunks, roster.members)) return 'its parts do not cover the model';
  return null;
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

function fits(ready: Ready, request: RosterRequest, tiers: readonly string[]): boolean {
  return (
    ready.round === request.round &&
    ready.baseId === request.baseId &&
    ready.schemaHash === request.schemaHash &&
    tiers.includes(ready.codec) &&
    Number.isFinite(ready.norm) &&
    ready.norm >= 0 &&
    request.coldkeys.has(ready.hotkey)
  );
}

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

const claimOf = ({ hotkey, weight, norm }: Ready, { failedChecks }: RosterRequest) => ({
  weight: failedChecks.has(hotkey) ? 0 : weight,
  norm,
});

/** Lower of both directions; 0 is unknown. */
const bandwidthOf = ({ upBytesPerS, downBytesPerS }: Ready): Bandwidth =>
  Math.min(upBytesPerS, downBytesPerS);
