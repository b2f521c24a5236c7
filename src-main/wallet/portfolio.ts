import type { Holdings, StakeView } from '../../src-shared/contract/page/money.ts';
import { stakeableRao } from '../../src-shared/contract/page/order.ts';
import { RAO_PER_TAO, type Rao, rao, type Ss58 } from '../../src-shared/units.ts';
import type { Portfolio, Position } from '../network/reads/portfolio.ts';

/** How people call what a portfolio names by number and address. */
export interface Names {
  subnet(netuid: number): string | null;
  hotkey(address: Ss58): HotkeyName;
}

/** `name` null: nobody here has given it one. */
export interface HotkeyName {
  readonly name: string | null;
  readonly isOwn: boolean;
}

/** What a portfolio comes to, the largest stake first by what it would bring. */
export function holdingsOf(
  { positions, depositRao, ...funds }: Portfolio,
  { block, atMs }: Pick<Holdings, 'block' | 'atMs'>,
  names: Names,
): Holdings {
  const stakes = positions.map((position) => stakeOf(position, names)).toSorted(byWorth);
  const { freeRao, reservedRao } = funds;
  return {
    ...{ block, atMs, freeRao, reservedRao, stakes },
    stakeableRao: stakeableRao(funds, depositRao),
    totalRao: totalOf(freeRao, stakes),
  };
}

function stakeOf(
  { netuid, hotkey, stakeAlpha, availableAlpha, priceRao, exitRao }: Position,
  names: Names,
): StakeView {
  const named = names.hotkey(hotkey);
  return {
    netuid,
    subnetName: names.subnet(netuid),
    hotkey,
    hotkeyName: named.name,
    isOwnHotkey: named.isOwn,
    alpha: stakeAlpha,
    availableAlpha,
    priceRao,
    // Cut: a worth is never shown larger than it is.
    spotRao: priceRao === null ? null : rao((stakeAlpha * priceRao) / RAO_PER_TAO),
    exitRao,
  };
}

/** One stake without a quote leaves the whole unknown: a sum of the others would look like all there is. */
function totalOf(freeRao: Rao, stakes: readonly StakeView[]): Rao | null {
  let total: bigint = freeRao;
  for (const { exitRao } of stakes) {
    if (exitRao === null) return null;
    total += exitRao;
  }
  return rao(total);
}

/** Those without a quote last, by their spot value. */
function byWorth(a: StakeView, b: StakeView): number {
  if ((a.exitRao === null) !== (b.exitRao === null)) return a.exitRao === null ? 1 : -1;
  return largerFirst(a.exitRao, b.exitRao) || largerFirst(a.spotRao, b.spotRao) || a.netuid - b.netuid;
}

const largerFirst = (a: Rao | null, b: Rao | null): number =>
  (a ?? 0n) === (b ?? 0n) ? 0 : (a ?? 0n) < (b ?? 0n) ? 1 : -1;
