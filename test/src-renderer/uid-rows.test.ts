import { describe, expect, it } from 'vitest';
import {
  firstUidSorting,
  mainReason,
  sortedUids,
  uidColumns,
  uidRows,
} from '../../src-renderer/state/uid-rows.ts';
import { practiceProfile } from '../../src-shared/profile/shipped.ts';
import { why } from '../../src-shared/scoring/why.ts';
import { ss58 } from '../../src-shared/units.ts';
import { me, mineOf } from '../e2e/page/scenes.ts';
import { judged, NEURONS, validating } from '../e2e/page/validator-scenes.ts';

const NOW = 1_780_000_000_000;
const { scores } = mineOf(validating(NOW));
const seen = judged(NOW);
if (!scores) throw new Error('the scene has no scores');
const { model } = scores;
const rows = uidRows(scores, seen, me);

describe('the table of a validator', () => {
  it('has every uid once, also those without a score and those that the chain does not list', () => {
    expect(rows).toHaveLength(NEURONS);
    expect(rows.filter(({ card }) => card === null).length).toBeGreaterThan(0);
    const gone = { ...scores.all[0]!, hotkey: ss58('5Gone'), uid: 900 };
    const more = uidRows({ ...scores, all: [...scores.all, gone] }, seen, me);
    expect(more).toHaveLength(NEURONS + 1);
    expect(more.at(-1)).toMatchObject({ uid: 900, role: null, trust: null });
  });

  it('shows scores before the chain was read, and the chain before any scores', () => {
    expect(uidRows(scores, null, me)).toHaveLength(scores.all.length);
    expect(uidRows(null, seen, me).every(({ card, reason }) => card === null && reason === null)).toBe(true);
  });

  it('takes its columns from the score model, whatever its terms are called', () => {
    const terms = [{ id: 'score', label: 'S', meaning: 'm' }, ...model.terms];
    const odd = { ...model, terms } as typeof model;
    const columns = uidColumns(odd);
    expect(columns.filter((one) => one.startsWith('term.'))).toHaveLength(odd.terms.length);
    expect(new Set(columns).size).toBe(columns.length);
  });

  it('sorts by every column both ways and loses nobody; what is not known goes last', () => {
    for (const by of uidColumns(model)) {
      const first = firstUidSorting(by);
      const ways = [first, { by, isDown: !first.isDown }].map((sorting) => sortedUids(rows, sorting));
      for (const order of ways) expect(new Set(order.map(({ uid }) => uid)).size).toBe(NEURONS);
      if (by === 'average') for (const order of ways) expect(order.at(-1)?.card?.average ?? null).toBeNull();
    }
    const byTrust = sortedUids(rows, firstUidSorting('trust')).flatMap(({ trust }) => trust ?? []);
    expect(byTrust).toEqual(byTrust.toSorted((a, b) => b - a));
  });
});

describe('what speaks against a score', () => {
  const { scoreModel } = practiceProfile({
    witness: me,
    ownerColdkey: me,
    endpoint: '',
    bootstrap: [],
  }).consensus;
  const card = (values: Record<string, number | null>) => ({
    terms: Object.fromEntries(
      scoreModel.terms.map(({ id }, i) => [
        id,
        { value: id in values ? (values[id] ?? null) : 1, why: why('not-measured', { i }) },
      ]),
    ),
  });
  const termIn = (values: Record<string, number | null>) => {
    const found = mainReason(scoreModel, card(values));
    if (found) expect(scoreModel.terms[Number(found.why.params.i)]?.id).toBe(found.term);
    return found?.term ?? null;
  };

  it('is a gate before any part, and of those the lowest', () => {
    expect(termIn({ gradient: 0.2, steps: 0 })).toBe('gradient');
    expect(termIn({ gradient: 0.8, identity: 0 })).toBe('identity');
  });

  it('is the part that costs most by its weight', () => {
    expect(termIn({ bandwidth: 0.3, steps: 0.4 })).toBe('steps');
    expect(termIn({ bandwidth: 0.3, steps: 1.4 })).toBe('bandwidth');
  });

  it('is nothing where nothing is amiss, and what was not measured only then', () => {
    expect(termIn({})).toBeNull();
    expect(termIn({ bandwidth: 0.99 })).toBeNull();
    expect(termIn({ allReduce: null })).toBe('allReduce');
    expect(termIn({ allReduce: null, steps: 0.2 })).toBe('steps');
  });
});
