import type { NeuronRow, SubnetView } from '../../src-shared/contract/page/subnet.ts';
import { blocksPerDay } from '../../src-shared/economics/newcomers.ts';
import { alphaPerDay } from '../../src-shared/economics/returns.ts';
import { hasSetWeights, type Role, roleOf } from '../../src-shared/economics/roles.ts';
import type { AlphaRao } from '../../src-shared/units.ts';
import { type Sorting, type SortKey, sortedBy } from './grid.ts';

/** A neuron as the table shows it. */
export interface MetagraphRow extends NeuronRow {
  readonly isMine: boolean;
  /** Place among those that newcomers replace, 1 is the next; null: none, or not known. */
  readonly order: number | null;
  readonly role: Role;
  /** Others always go before it. */
  readonly isKept: boolean;
  readonly isImmune: boolean;
  /** null without a tempo. */
  readonly dailyAlpha: AlphaRao | null;
  /** Blocks since it last set weights; null for one that never did. */
  readonly weightsAge: number | null;
}

export const metagraphColumns = [
  'uid',
  'hotkey',
  'kind',
  'stake',
  'incentive',
  'dividends',
  'daily',
  'weights',
  'registered',
  'order',
] as const;
export type MetagraphColumn = (typeof metagraphColumns)[number];

export function metagraphRows({
  neurons,
  pruneOrder,
  place,
  rules,
  block,
  blockMs,
}: SubnetView): readonly MetagraphRow[] {
  const orders = new Map(pruneOrder?.map((uid, i) => [uid, i + 1]));
  const perDay = blocksPerDay(blockMs);
  return neurons.map((neuron) => ({
    ...neuron,
    isMine: neuron.uid === place?.uid,
    order: orders.get(neuron.uid) ?? null,
    role: roleOf(neuron),
    isKept: pruneOrder !== null && !orders.has(neuron.uid),
    isImmune: rules !== null && block - neuron.registeredAt < rules.immunityPeriod,
    dailyAlpha: rules && alphaPerDay(neuron.emissionAlpha, rules.tempo, perDay),
    weightsAge: hasSetWeights(neuron) ? block - neuron.lastUpdate : null,
  }));
}

const sortKey: Readonly<Record<MetagraphColumn, (row: MetagraphRow) => SortKey>> = {
  uid: ({ uid }) => uid,
  hotkey: ({ hotkey }) => hotkey,
  kind: ({ role }) => role,
  stake: ({ stakeAlpha }) => stakeAlpha,
  incentive: ({ incentive }) => incentive,
  dividends: ({ dividends }) => dividends,
  daily: ({ dailyAlpha }) => dailyAlpha,
  weights: ({ weightsAge }) => weightsAge,
  registered: ({ registeredAt }) => registeredAt,
  order: ({ order }) => order,
};

export const sorted = (
  rows: readonly MetagraphRow[],
  { by, isDown }: Sorting<MetagraphColumn>,
): readonly MetagraphRow[] => sortedBy(rows, sortKey[by], isDown);

/** Figures begin with the largest, names and places with the first. */
export const firstSorting = (by: MetagraphColumn): Sorting<MetagraphColumn> => ({
  by,
  isDown: ['stake', 'incentive', 'dividends', 'daily', 'registered'].includes(by),
});
