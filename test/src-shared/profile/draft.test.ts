import { describe, expect, it } from 'vitest';
import { draftProfile } from '../../../src-shared/profile/draft.ts';
import { parseProfile, profileHash } from '../../../src-shared/profile/profile.ts';
import { liveProfile } from '../../../src-shared/profile/shipped.ts';
import { neededRules } from '../../../src-shared/profile/subnet-rules.ts';
import { hex, ss58 } from '../../../src-shared/units.ts';

const { consensus: base } = liveProfile('gpt2-124m');
const ownerColdkey = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
const draft = (name: string, predecessor: Parameters<typeof draftProfile>[0]['predecessor'] = null) =>
  draftProfile({
    base,
    name,
    chain: { genesis: hex('ab'.repeat(32)), netuid: 7, subnetName: 'Mine', ownerColdkey },
    witnesses: { kind: 'by-stake', count: 3 },
    local: { endpoints: ['ws://127.0.0.1:9944'], bootstrap: [], mark: 'TEST' },
    predecessor,
  });

describe('the draft of a run', () => {
  it('is a profile, on its own chain and with weights of its own', () => {
    const made = draft('mine');
    expect(parseProfile(JSON.parse(JSON.stringify(made)))).toEqual(made);
    expect(made.consensus.initialWeights).toEqual({ seed: 'butterfly/mine/1', digest: null });
    expect(made.consensus.model).toEqual(base.model);
  });

  it('keeps the weights of a base whose name it keeps', () => {
    expect(draft(base.name).consensus.initialWeights).toEqual(base.initialWeights);
  });

  it('names the run that it takes over from', () => {
    const { consensus } = draft('mine');
    expect(draft('mine 2', { consensus, afterRound: 9 }).consensus.predecessor).toEqual({
      hash: profileHash(consensus),
      afterRound: 9,
    });
  });
});

describe('the rules that a run needs', () => {
  const { clock, group } = base;
  const fine = { immunityPeriod: 5_000, minAllowedWeights: 1, activityCutoff: 5_000 };

  it('are none where the subnet lets it work', () => {
    expect(neededRules(base, fine)).toEqual([]);
  });

  it.each([
    [{ immunityPeriod: 100 }, 'immunityPeriod', 3 * clock.blocksPerRound],
    [{ minAllowedWeights: 8 }, 'minAllowedWeights', group.minMembers],
    [{ activityCutoff: 360 }, 'activityCutoff', 2 * clock.blocksPerRound],
  ])('change %j and nothing else', (off, rule, to) => {
    const rules = { ...fine, ...off };
    expect(neededRules(base, rules)).toEqual([{ rule, from: Object.values(off)[0], to }]);
  });

  it('stay within what the chain can hold', () => {
    const long = { ...base, clock: { ...clock, blocksPerRound: 40_000 } };
    expect(neededRules(long, fine).map(({ to }) => to)).toEqual([65_535, 65_535]);
  });
});
