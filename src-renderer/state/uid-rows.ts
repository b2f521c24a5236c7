import type { ScoreCard, ScoresView } from '../../src-shared/contract/page/runs.ts';
import type { JudgedNeuron, LastCheck, ValidationView } from '../../src-shared/contract/page/validation.ts';
import type { ScoreModel } from '../../src-shared/profile/schema.ts';
import type { KeptWhy } from '../../src-shared/scoring/why.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import { type Sorting, type SortKey, sortedBy } from './grid.ts';

/** A uid as the table of a validator shows it. What is not known, by chain or validator, is null. */
export interface UidRow {
  readonly uid: number;
  readonly hotkey: Ss58;
  readonly isMine: boolean;
  readonly role: JudgedNeuron['role'] | null;
  /** null: the validator gave it no score. */
  readonly card: ScoreCard | null;
  readonly incentive: number | null;
  readonly consensus: number | null;
  readonly trust: number | null;
  readonly checked: LastCheck | null;
  /** What speaks most against its score; null where nothing does, and without a score. */
  readonly reason: MainReason | null;
}

export interface MainReason {
  /** Id of the score model's term. */
  readonly term: string;
  readonly why: KeptWhy;
}

/** Columns beside those of the score model's terms, whose ids have a prefix: a term may be called anything. */
const before = ['uid', 'hotkey', 'role', 'score', 'average', 'weight'] as const;
const behind = ['reason', 'checked', 'trust', 'consensus', 'incentive'] as const;
export type FixedColumn = (typeof before)[number] | (typeof behind)[number];
type TermColumn = `term.${string}`;
export type UidColumn = FixedColumn | TermColumn;

export const uidColumns = (model: ScoreModel): readonly UidColumn[] => [
  ...before,
  ...model.terms.map(({ id }): TermColumn => `term.${id}`),
  ...behind,
];

/** The term's id; null for a column of another kind. */
export const termOf = (column: UidColumn): string | null =>
  column.startsWith('term.') ? column.slice('term.'.length) : null;

/** Every uid of the subnet, and whom the validator scored and the chain does not list (yet, or any more). */
export function uidRows(
  scores: Pick<ScoresView, 'model' | 'all'> | null,
  seen: Pick<ValidationView, 'neurons' | 'checks'> | null,
  mine: string,
): readonly UidRow[] {
  const cards = new Map(scores?.all.map((card) => [card.hotkey, card]));
  const checks = new Map(seen?.checks?.map((check) => [check.hotkey, check]));
  const rowOf = (hotkey: Ss58, uid: number, neuron: JudgedNeuron | null): UidRow => {
    const card = cards.get(hotkey) ?? null;
    return {
      ...{ uid, hotkey, isMine: hotkey === mine, card, role: neuron?.role ?? null },
      incentive: neuron?.incentive ?? null,
      consensus: neuron?.consensus ?? null,
      trust: neuron?.trust ?? null,
      checked: checks.get(hotkey) ?? null,
      reason: scores && card && mainReason(scores.model, card),
    };
  };
  const listed = seen?.neurons ?? [];
  const known = new Set(listed.map(({ hotkey }) => hotkey));
  return [
    ...listed.map((neuron) => rowOf(neuron.hotkey, neuron.uid, neuron)),
    ...[...cards.values()]
      .filter(({ hotkey }) => !known.has(hotkey))
      .map(({ hotkey, uid }) => rowOf(hotkey, uid, null)),
  ].sort((a, b) => a.uid - b.uid);
}

/** Less than this lost by a part is nothing to speak of. */
const AMISS = 0.05;

/**
 * What costs a score most: the lowest gate that is not whole, else the part that loses most by its weight. A part above
 * 1 loses nothing, and what was not measured says so only where nothing else is amiss.
 */
export function mainReason(
  { gates, parts }: ScoreModel,
  { terms }: Pick<ScoreCard, 'terms'>,
): MainReason | null {
  const loss = (id: string, weight: number) => {
    const value = terms[id]?.value;
    return value === null || value === undefined ? 0 : weight * (1 - value);
  };
  const worst = (some: readonly { readonly id: string; readonly weight: number }[]) =>
    some
      .map(({ id, weight }) => ({ id, lost: loss(id, weight) }))
      .filter(({ lost }) => lost > AMISS)
      .toSorted((a, b) => b.lost - a.lost)[0]?.id ?? null;
  const id =
    worst(gates.map((gate) => ({ id: gate, weight: 1 }))) ??
    worst(parts.map(({ term, weight }) => ({ id: term, weight })));
  const term =
    id ?? [...gates, ...parts.map((part) => part.term)].find((one) => terms[one]?.value === null) ?? null;
  const why = term === null ? undefined : terms[term]?.why;
  return term === null || why === undefined ? null : { term, why };
}

/** What a column sorts by. */
const sortKey: Readonly<Record<FixedColumn, (row: UidRow) => SortKey>> = {
  uid: ({ uid }) => uid,
  hotkey: ({ hotkey }) => hotkey,
  role: ({ role }) => role,
  score: ({ card }) => card?.total ?? null,
  average: ({ card }) => card?.average ?? null,
  weight: ({ card }) => card?.weightShare ?? null,
  checked: ({ checked }) => checked?.round ?? null,
  trust: ({ trust }) => trust,
  consensus: ({ consensus }) => consensus,
  incentive: ({ incentive }) => incentive,
  reason: ({ reason }) => reason?.why.code ?? null,
};

export function sortedUids(rows: readonly UidRow[], { by, isDown }: Sorting<UidColumn>): readonly UidRow[] {
  const term = termOf(by);
  const key =
    term === null ? sortKey[by as FixedColumn] : (row: UidRow) => row.card?.terms[term]?.value ?? null;
  return sortedBy(rows, key, isDown);
}

/** Figures begin with the largest, names, numbers and words with the first. */
export const firstUidSorting = (by: UidColumn): Sorting<UidColumn> => ({
  by,
  isDown: !['uid', 'hotkey', 'role', 'reason'].includes(by),
});
