import { describe, expect, it } from 'vitest';
import { figureWords } from '../../src-renderer/i18n/figures.ts';
import {
  formatChange,
  formatShare,
  quantityText,
  roughAlpha,
  roughTao,
  signedAlpha,
} from '../../src-renderer/i18n/quantity.ts';
import {
  gapAbove,
  ordinal,
  participationBefore,
  risksOf,
  turnOf,
  turnSentences,
} from '../../src-renderer/state/subnet-words.ts';
import { figuresOf } from '../../src-shared/economics/figures.ts';
import { alphaRao, RAO_PER_TAO, rao } from '../../src-shared/units.ts';
import { fullSubnet, own, quietSubnet, youngSubnet } from '../e2e/page/subnet-scenes.ts';

const NOW = 1_780_000_000_000;
const TAO = RAO_PER_TAO;

describe('amounts and shares at a glance', () => {
  it('show as much as tells something, and never round to more', () => {
    expect(roughTao(rao(46_310_999_999_999n))).toBe('τ 46,310');
    expect(roughTao(rao(1_899_199_999n))).toBe('τ 1.8991');
    expect(roughAlpha(alphaRao(3_209_000_000n))).toBe('α 3.20');
    expect(roughAlpha(alphaRao(15_400_000n))).toBe('α 0.0154');
    expect(roughAlpha(alphaRao(0n))).toBe('α 0');
    expect(roughAlpha(alphaRao(12n * 10n ** 6n * TAO))).toBe('α 12.00 M');
    expect(signedAlpha(-41_200n * TAO)).toBe('− α 41,200');
    expect(signedAlpha(12_000n * TAO)).toBe('+ α 12,000');
  });
  it('never call something nothing', () => {
    expect([0, 0.00001, 0.0055, 0.093, 0.41, 1, -0.04].map(formatShare)).toEqual([
      '0 %',
      '<0.01 %',
      '0.55 %',
      '9.3 %',
      '41 %',
      '100 %',
      '−4.0 %',
    ]);
    expect([0.39, -0.04].map(formatChange)).toEqual(['+39 %', '−4.0 %']);
  });
  it('count places as people do', () => {
    expect([1, 2, 3, 4, 11, 12, 13, 21, 48, 101, 111].map(ordinal)).toEqual([
      '1st',
      '2nd',
      '3rd',
      '4th',
      '11th',
      '12th',
      '13th',
      '21st',
      '48th',
      '101st',
      '111th',
    ]);
  });
});

describe('figures of a subnet', () => {
  const figures = figuresOf(fullSubnet(NOW), null);
  const textOf = (id: keyof typeof figures) => {
    const { value } = figures[id];
    return value && quantityText(value);
  };

  it('are those of the worked numbers', () => {
    expect(textOf('price')).toBe('τ 0.018993');
    expect(textOf('marketCap')).toBe('τ 46,308');
    expect(textOf('emissionShare')).toBe('0.55 %');
    expect(textOf('emissionADay')).toBe('τ 19.80');
    expect(textOf('gamma')).toBe('τ 0.0189');
    expect(textOf('paidPerDay')).toBe('0.30 %');
    expect([
      textOf('minersShare'),
      textOf('validatorsShare'),
      textOf('rootShare'),
      textOf('ownerCut'),
    ]).toEqual(['41 %', '33 %', '7.8 %', '18 %']);
    expect(textOf('emissionRank')).toBe('39');
  });

  it('have words and a formula each, whose inputs are named once', () => {
    for (const [id, { inputs }] of Object.entries(figures)) {
      const words = figureWords[id as keyof typeof figures];
      expect(words.means.endsWith('.')).toBe(true);
      expect(words.formula.length).toBeGreaterThan(4);
      expect(new Set(inputs.map(({ name }) => name)).size).toBe(inputs.length);
    }
  });

  it('wait for a price in money, and use it when it is there', () => {
    expect(figures.emissionsRatio.value).toBeNull();
    const ratio = figuresOf(fullSubnet(NOW), 400).emissionsRatio.value;
    expect(ratio).toMatchObject({ kind: 'ratio' });
  });

  it('are unknown, never zero, where the chain says nothing', () => {
    const unknown = Object.entries(figuresOf(quietSubnet(NOW), null)).filter(
      ([, { value }]) => value === null,
    );
    expect(unknown.map(([id]) => id)).toEqual(
      expect.arrayContaining([
        'price',
        'marketCap',
        'volume',
        'gamma',
        'paidPerDay',
        'ownerCut',
        'depth',
        'cheaperSubnets',
      ]),
    );
  });
});

describe('who leaves next, in words', () => {
  it('names the places above the edge, the newcomers and the days', () => {
    const view = fullSubnet(NOW);
    const said = turnSentences(view, turnOf(view)).join(' ');
    expect(said).toMatch(/You are \d+ places above the edge\./);
    expect(said).toMatch(/at least [\d.]+ a day/);
    expect(said).toMatch(/your turn would come in .+ to .+\./);
  });
  it('says that one is the next', () => {
    const view = fullSubnet(NOW);
    const next = { ...view, place: { ...own(view), uid: view.pruneOrder?.[0] ?? null } };
    expect(turnSentences(next, turnOf(next))[0]).toBe('You are the next to leave.');
    expect(gapAbove(next)).toBeGreaterThanOrEqual(0n);
  });
  it('counts free places first, and guesses nothing of a young subnet', () => {
    const view = youngSubnet(NOW);
    const said = turnSentences(view, turnOf(view));
    expect(said[0]).toBe('251 places are free: newcomers take them before anybody has to leave.');
    expect(said.at(-1)).toBe('The subnet is too young to say how many come in a day.');
  });
  it('does not call a miner the owner where others merely go first', () => {
    const view = fullSubnet(NOW);
    const kept = { ...view, pruneOrder: (view.pruneOrder ?? []).filter((uid) => uid !== own(view).uid) };
    expect(turnSentences(kept, turnOf(kept))[0]).toBe(
      'Your place is not in reach: others always go before you.',
    );
    expect(gapAbove(kept)).toBeNull();
  });
  it('says nothing of an order that is not known', () => {
    const view = quietSubnet(NOW);
    expect(turnOf(view).forecast).toBeNull();
  });
});

describe('what can go wrong', () => {
  it('stands beside what is known of it', () => {
    const view = fullSubnet(NOW);
    const texts = Object.fromEntries(risksOf(view, figuresOf(view, null)).map(({ id, text }) => [id, text]));
    expect(texts.moves).toMatch(/^between −.+ and \+.+ in a day, over \d+ days seen$/);
    expect(texts.pool).toBe('selling 5 % of all α drops the price by 28 %');
    expect(texts.competition).toMatch(/^number 39 of 128 subnets by emission/);
    expect(texts.dissolve).toBe(
      '78 subnets have a lower smoothed price and would go before; the pool is paid out then',
    );
  });
  it('is not made up', () => {
    const view = quietSubnet(NOW);
    for (const { text } of risksOf(view, figuresOf(view, null))) expect(text).toMatch(/not (?:known|say)/);
  });
});

it('participation compares with the first time it was seen, and not with this minute', () => {
  expect(participationBefore(fullSubnet(NOW).history, NOW)?.miners).toBe(40);
  expect(participationBefore(youngSubnet(NOW).history, NOW)).toBeNull();
});
