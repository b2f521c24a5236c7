import { describe, expect, it } from 'vitest';
import { parseProfile } from '../../../src-shared/profile/profile.ts';
import { earliestOutcome } from '../../../src-shared/profile/round-times.ts';
import type { Consensus } from '../../../src-shared/profile/schema.ts';
import { practiceProfile, shippedConsensus } from '../../../src-shared/profile/shipped.ts';
import { ss58 } from '../../../src-shared/units.ts';

const addressOf = (name: string) => ss58(`5${name}`.padEnd(48, 'x'));
const { consensus: practice, local } = practiceProfile({
  witness: addressOf('witness'),
  ownerColdkey: addressOf('owner'),
  endpoint: 'ws://127.0.0.1:1',
  bootstrap: [],
});
const taken = (consensus: Consensus) => parseProfile({ consensus, local }).consensus;
const reason = 'a round needs its outcome at block';

describe('times of a round', () => {
  it('fit in every profile that is shipped, as it is used', () => {
    expect(taken(practice).clock).toMatchObject({ ready: 11, roster: 12, outcome: 17 });
    for (const consensus of shippedConsensus().filter(({ name }) => name !== 'practice')) {
      expect(taken(consensus).name).toBe(consensus.name);
      expect(consensus.clock.roster).toBeLessThanOrEqual(consensus.name === 'gpt2-1.1b' ? 630 : 640);
    }
  });

  it('are the sum of all steps, with all witnesses silent but the last', () => {
    const reduce = { ...practice.reduce, fetchBlocks: 7, prepareBlocks: 11, silentListBlocks: 100 };
    expect(earliestOutcome({ ...practice, reduce })).toBe(12 + 2 + 7 + 11 + 3);
    const witnesses: Consensus['witnesses'] = { kind: 'by-stake', count: 3 };
    expect(earliestOutcome({ ...practice, reduce, witnesses })).toBe(12 + 2 * 1 + 2 + 2 * 100 + 7 + 11 + 3);
  });

  it.each<[string, Partial<Consensus>]>([
    ['an exchange that is a block longer', { reduce: { ...practice.reduce, exchangeBlocks: 3 } }],
    ['a roster a block later', { clock: { ...practice.clock, roster: 13 } }],
    ['an outcome a block earlier', { clock: { ...practice.clock, outcome: 16 } }],
    ['fetching that takes a block', { reduce: { ...practice.reduce, fetchBlocks: 1 } }],
    ['more witnesses', { witnesses: { kind: 'by-stake', count: 3 } }],
  ])('that do not fit are refused: %s', (_what, over) => {
    expect(() => taken({ ...practice, ...over })).toThrow(
      expect.objectContaining({
        code: 'PROFILE_INVALID',
        params: { reason: expect.stringContaining(reason) },
      }),
    );
  });

  it('longer than a timer takes are refused: on a slow chain it would end as it begins', () => {
    const clock = { ...practice.clock, blockMs: 86_400_000 };
    expect(() => taken({ ...practice, clock })).toThrow(
      expect.objectContaining({
        code: 'PROFILE_INVALID',
        params: { reason: expect.stringContaining('longer than a timer takes') },
      }),
    );
  });
});
