import { describe, expect, it } from 'vitest';
import { consentOf, isProblem, joinLabel, mismatch } from '../../src-renderer/state/join-rules.ts';
import type { JoinQuote, ProfileSummary } from '../../src-shared/contract/page/join.ts';
import type { EndpointFacts } from '../../src-shared/contract/page/network.ts';
import { alphaRao, hex, rao, ss58 } from '../../src-shared/units.ts';

const facts: EndpointFacts = {
  endpoint: 'ws://x',
  chain: 'Lan',
  genesis: hex('aa'),
  specVersion: 1,
  finalizedBlock: 5,
  knownNetwork: null,
  mark: null,
  netuid: 38,
  subnet: { name: 'Ours', ownerColdkey: null },
};
const profile = {
  name: 'p',
  netuid: 38,
  identity: { name: 'Ours', ownerColdkey: null },
  problem: null,
} as unknown as ProfileSummary;
const answers = { wanted: null, facts, profile, role: 'miner' } as const;
const quote: JoinQuote = {
  hotkey: ss58('5h'),
  coldkey: ss58('5c'),
  coldkeyFile: 'open',
  uid: null,
  registrationCostRao: rao(500_000_000n),
  freeRao: rao(2_000_000_000n),
  stakeAlpha: alphaRao(0n),
  capsPrice: true,
  maySpend: true,
  problem: null,
};
const consent = (
  over: Partial<JoinQuote>,
  typed = { limit: '1', stake: '' },
  role: 'miner' | 'validator' = 'miner',
) => consentOf({ ...quote, ...over }, role, typed);

describe('what is asked for', () => {
  it('fits where chain, subnet and profile name each other', () => {
    expect(mismatch(answers)).toBeNull();
  });

  it.each([
    [{ wanted: 'finney' }, 'CHAIN_IS_ANOTHER', 'endpoint'],
    [{ facts: { ...facts, knownNetwork: 'test' }, wanted: 'finney' }, 'CHAIN_IS_ANOTHER', 'endpoint'],
    [{ facts: { ...facts, subnet: null } }, 'SUBNET_ABSENT', 'profile'],
    [
      { facts: { ...facts, subnet: { name: 'Theirs', ownerColdkey: null } } },
      'CHAIN_IDENTITY_MISMATCH',
      'profile',
    ],
    [
      { profile: { ...profile, problem: { code: 'PROFILE_UNPINNED', params: {} } } },
      'PROFILE_UNPINNED',
      'profile',
    ],
  ] as const)('does not fit: %#', (over, code, at) => {
    expect(mismatch({ ...answers, ...over })).toMatchObject({ at, error: { code } });
  });
});

describe('consent', () => {
  it('is to the limit for a place, and to nothing where there is one', () => {
    expect(consent({})).toEqual({ registrationLimitRao: 1_000_000_000n, stakeRao: null });
    expect(consent({ uid: 3, maySpend: false })).toEqual({ registrationLimitRao: null, stakeRao: null });
  });

  it('to a stake is asked of validators alone', () => {
    const typed = { limit: '1', stake: '0.5' };
    expect(consent({}, typed)).toMatchObject({ stakeRao: null });
    expect(consent({}, typed, 'validator')).toMatchObject({ stakeRao: 500_000_000n });
  });

  it.each([
    ['no place and no leave to buy one', { maySpend: false }, '1', 'HOTKEY_NOT_REGISTERED'],
    ['a limit that is no amount', {}, 'much', 'AMOUNT_INVALID'],
    ['a price above the limit', { registrationCostRao: rao(1_000_000_001n) }, '1', 'REGISTRATION_OVER_LIMIT'],
    ['a price above the balance', { freeRao: rao(499_999_999n) }, '1', 'BALANCE_TOO_LOW'],
    [
      'what the host objects to',
      { problem: { code: 'ROLE_WITHOUT_PERMIT', params: {} } },
      '1',
      'ROLE_WITHOUT_PERMIT',
    ],
  ] as const)('is not to be had with %s', (_title, over, limit, code) => {
    const given = consent(over, { limit, stake: '' });
    expect(isProblem(given) && given.error.code).toBe(code);
  });

  it.each([
    ['a limit that is no amount', { limit: 'much', stake: '' }, 'limit'],
    ['a stake that is no amount', { limit: '1', stake: 'much' }, 'stake'],
    ['a stake beyond the balance', { limit: '1', stake: '2' }, 'stake'],
  ] as const)('names %s at the field where it was typed', (_title, typed, at) => {
    expect(consent({}, typed, 'validator')).toMatchObject({ at });
  });

  it('reads as it will be paid, to the last place', () => {
    expect(joinLabel({ registrationLimitRao: null, stakeRao: null }, true)).toBe('Join');
    const both = { registrationLimitRao: rao(1_000_000_001n), stakeRao: rao(5_000_000_000n) };
    expect(joinLabel(both, true)).toBe(
      'Join: pay at most τ\u00a01.000000001 for a place, stake τ\u00a05.0000',
    );
  });

  it('promises no highest price where the chain holds to none', () => {
    const place = { registrationLimitRao: rao(1_000_000_000n), stakeRao: null };
    expect(joinLabel(place, false)).toBe('Join: order a place while it costs τ\u00a01.0000 or less');
  });

  describe.each([
    ['registered', 3],
    ['not registered', null],
  ])('of a validator without a permit, %s', (_title, uid) => {
    const problem = { code: 'ROLE_WITHOUT_PERMIT', params: { netuid: 38 } } as const;

    it.each(['', '0', '0.0'])('needs a stake, and %j is none', (stake) => {
      expect(consent({ uid, problem }, { limit: '1', stake }, 'validator')).toEqual({
        at: 'stake',
        error: problem,
      });
    });

    it('is to the stake by which it comes', () => {
      expect(consent({ uid, problem }, { limit: '1', stake: '0.5' }, 'validator')).toEqual({
        registrationLimitRao: uid === null ? 1_000_000_000n : null,
        stakeRao: 500_000_000n,
      });
    });

    it('is not to be had where nothing may be staked', () => {
      expect(consent({ uid, problem, maySpend: false }, { limit: '1', stake: '0.5' }, 'validator')).toEqual({
        at: 'keys',
        error: problem,
      });
    });
  });
});
