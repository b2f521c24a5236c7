import type { AlphaRao, Ss58 } from '../units.ts';

/** What the chain looks at when a full subnet gives a uid to a newcomer. Blocks are numbers of the chain. */
export interface PruningRules {
  readonly immunityPeriod: number;
  /** While no more than this many are past immunity, an immune one goes instead. */
  readonly minNonImmuneUids: number;
  /** So many hotkeys of the owner are never pruned. */
  readonly immuneOwnerUids: number;
  readonly ownerColdkey: Ss58 | null;
  readonly ownerHotkey: Ss58 | null;
}

/** A neuron as far as pruning goes. */
export interface Seat {
  readonly uid: number;
  readonly hotkey: Ss58;
  readonly coldkey: Ss58;
  readonly registeredAt: number;
  /** Of the last epoch. */
  readonly emissionAlpha: AlphaRao;
}

/** Whether the chain spares it by its age, in that block. */
export const isImmune = ({ registeredAt }: Seat, { immunityPeriod }: PruningRules, block: number): boolean =>
  block - registeredAt < immunityPeriod;

/**
 * The uids of these neurons in the order in which newcomers would get them, as things stand in that block; those that
 * are never pruned are missing, and so are newcomers, who may lose a uid before an older one does. From Subtensor's own order: least emission first, of equals the one registered earliest, then the least uid;
 * of those past immunity, or of the immune while the others are too few to lose one.
 * @param seats all neurons of the subnet
 */
export function pruneOrder(seats: readonly Seat[], rules: PruningRules, block: number): readonly number[] {
  const spared = ownersOwn(seats, rules);
  const open = seats.filter(({ hotkey }) => !spared.has(hotkey)).toSorted(byPruneOrder);
  const immune = open.filter((seat) => isImmune(seat, rules, block));
  const mortal = open.filter((seat) => !isImmune(seat, rules, block));
  // Each newcomer is immune: of the mortal all but the last few go, then only the immune do.
  const going = mortal.slice(0, Math.max(0, mortal.length - rules.minNonImmuneUids));
  return [...going, ...immune].map(({ uid }) => uid);
}

/** Hotkeys of the owner that are never pruned: the earliest of its coldkey, and first of all the subnet's own. */
function ownersOwn(
  seats: readonly Seat[],
  { ownerColdkey, ownerHotkey, immuneOwnerUids }: PruningRules,
): Set<Ss58> {
  const earliest = seats
    .filter(({ coldkey }) => coldkey === ownerColdkey)
    .toSorted((a, b) => a.registeredAt - b.registeredAt || a.uid - b.uid)
    .slice(0, immuneOwnerUids)
    .map(({ hotkey }) => hotkey);
  const isSeated = seats.some(({ hotkey }) => hotkey === ownerHotkey);
  if (ownerHotkey && isSeated && !earliest.includes(ownerHotkey)) earliest.unshift(ownerHotkey);
  return new Set(earliest.slice(0, immuneOwnerUids));
}

function byPruneOrder(a: Seat, b: Seat): number {
  if (a.emissionAlpha !== b.emissionAlpha) return a.emissionAlpha < b.emissionAlpha ? -1 : 1;
  return a.registeredAt - b.registeredAt || a.uid - b.uid;
}
