import { describe, expect, it } from 'vitest';
import { worthPath } from '../../src-renderer/charts/worth-path.ts';
import { formatExact } from '../../src-renderer/i18n/format.ts';
import { accountChoices, freeWalletName, mayReceive, ownAccount } from '../../src-renderer/state/accounts.ts';
import { hotkeyOffers, usualNetuid } from '../../src-renderer/state/hotkey-offers.ts';
import { impactWord } from '../../src-renderer/state/impact.ts';
import { intentWords, outcomeWords } from '../../src-renderer/state/intent-words.ts';
import { lookAlike } from '../../src-renderer/state/known-address.ts';
import { namesIn } from '../../src-renderer/state/names.ts';
import { saidEnds, spokenEnds } from '../../src-renderer/state/spoken-address.ts';
import { drawnSteps, isUnderWay } from '../../src-renderer/state/transaction-steps.ts';
import { WentThrough } from '../../src-renderer/state/went-through.ts';
import { depthBps, knownWorth } from '../../src-renderer/state/worth.ts';
import type { AccountView, TransactionState } from '../../src-shared/contract/page/money.ts';
import { emptyRun } from '../../src-shared/contract/page/sections.ts';
import { rao, ss58 } from '../../src-shared/units.ts';
import * as money from '../e2e/page/money-scenes.ts';
import { me, mineOf } from '../e2e/page/scenes.ts';

const drawn = (state: TransactionState) =>
  drawnSteps(state)
    .map(({ state: at }) => at[0])
    .join('');

describe('the five steps', () => {
  it.each<[string, TransactionState]>([
    ['nwwww', { kind: 'review' }],
    ['dnwww', { kind: 'signed' }],
    ['ddnww', { kind: 'sent' }],
    ['dddnw', { kind: 'in-block', block: 5 }],
    [
      'ddddd',
      { kind: 'done', block: 5, outcome: { balanceRao: null, taoRao: null, alpha: null, uid: null } },
    ],
    ['dddew', { kind: 'refused', block: 5, error: { code: 'TIMEOUT', params: {} } }],
    ['dewww', { kind: 'refused', block: null, error: { code: 'TIMEOUT', params: {} } }],
    ['ddeww', { kind: 'expired' }],
    ['dnwww', { kind: 'unknown', searchedToBlock: null }],
  ])('are drawn %s', (steps, state) => {
    expect(drawn(state)).toBe(steps);
  });

  it('say that more is to come while the fate is open, and never after', () => {
    const open = money.states.filter(isUnderWay).map(({ kind }) => kind);
    expect(open).toEqual(['signed', 'sent', 'in-block', 'unknown']);
  });
});

it.each([
  [49, 'normal'],
  [50, 'notice'],
  [199, 'notice'],
  [200, 'warning'],
  [500, 'warning'],
  [501, 'severe'],
])('an impact of %d hundredths is %s', (bps, word) => {
  expect(impactWord(bps)).toBe(word);
});

it('an address is spoken by its ends, capitals named', () => {
  expect(spokenEnds(money.coldkey)).toBe('5 D f h … q R z V');
  expect(saidEnds(money.coldkey, 'capital', 'until')).toBe(
    '5, capital D, f, h, until, q, capital R, z, capital V',
  );
});

describe('what everything is worth', () => {
  const holds = money.holdings(0);

  it('is less by the depth of the pools', () => {
    // (8.966684078 - 8.923707114) / (8.966684078 + 12.407134210)
    expect(depthBps(holds)).toBe(20);
    expect(knownWorth(holds)).toBe(holds.totalRao);
  });

  it('is not known by a stake that has no quote', () => {
    const [first] = holds.stakes;
    const stakes = first ? [{ ...first, exitRao: null }] : [];
    expect(depthBps({ ...holds, stakes })).toBeNull();
    expect(knownWorth({ ...holds, stakes })).toBe(holds.freeRao);
  });
});

describe('accounts', () => {
  it('are each wallet on each network that it is for', () => {
    const onOne = { ...money.main, name: 'practice', network: 'practice', opens: 'plain' as const };
    const choices = accountChoices([money.main, onOne], [money.finney, money.practice]);
    expect(choices.map(({ wallet, network }) => `${wallet.name}/${network.name}`)).toEqual([
      'main/finney',
      'main/practice',
      'practice/practice',
    ]);
    expect(ownAccount(choices)?.wallet.name).toBe('practice');
  });

  it('on a real network are looked at by nobody’s own will', () => {
    const real = { ...money.main, network: 'finney' };
    expect(ownAccount(accountChoices([real], [money.finney]))).toBeNull();
    expect(accountChoices([{ ...money.main, coldkey: null }], [money.finney])).toEqual([]);
  });

  it('hand out their address once the words are on paper', () => {
    expect(mayReceive(money.main)).toBe(true);
    expect(mayReceive({ ...money.main, backedUpAtMs: null })).toBe(false);
    expect(mayReceive({ ...money.main, backedUpAtMs: null, opens: 'plain' })).toBe(true);
  });

  it('get a name that none has', () => {
    expect(freeWalletName([])).toBe('main');
    expect(freeWalletName([money.main, { ...money.main, name: 'main-2' }])).toBe('main-3');
  });
});

describe('hotkeys on offer', () => {
  const view = money.full(0);
  const account = view.account as AccountView;

  it('begin with one’s own, each once, under its name', () => {
    const offers = hotkeyOffers(view, account, 38);
    expect(offers[0]).toEqual({ address: me, name: 'miner', kind: 'own' });
    expect(offers.filter(({ address }) => address === me)).toHaveLength(1);
  });

  it('are those that one has stake with there', () => {
    expect(hotkeyOffers(view, account, 0).map(({ name, kind }) => `${kind} ${name}`)).toContain(
      'staked Opentensor',
    );
  });

  it('are those that validate there by the chain, where it was asked about that subnet', () => {
    const validators = (netuid: number) =>
      hotkeyOffers(view, account, netuid, money.validators)
        .filter(({ kind }) => kind === 'validator')
        .map(({ address }) => address);
    const seated = money.validators.rows.filter(({ isValidator }) => isValidator);
    expect(validators(38)).toEqual(expect.arrayContaining(seated.map(({ hotkey }) => hotkey)));
    expect(validators(64)).toEqual([]);
  });

  it('are of the subnet that one works on, or has most on', () => {
    expect(usualNetuid(view, account)).toBe(38);
  });
});

it('names of own keys come before those of the address book', () => {
  const view = money.full(0);
  const nameOf = namesIn(
    {
      ...view,
      contacts: [
        { address: money.coldkey, name: 'exchange' },
        { address: ss58('5y'), name: 'friend' },
      ],
    },
    view.account,
  );
  expect(nameOf(money.coldkey)).toBe(view.wallets.find(({ coldkey }) => coldkey === money.coldkey)?.name);
  expect(nameOf(ss58('5y'))).toBe('friend');
  expect(nameOf(ss58('5x'))).toBeNull();
});

it('an own key without a name is called by what it does', () => {
  const view = money.full(0);
  const [stake] = view.account!.holds!.stakes;
  const nameless = { ...stake!, hotkey: ss58('5validates'), hotkeyName: null, isOwnHotkey: true };
  const account = { ...view.account!, holds: { ...view.account!.holds!, stakes: [nameless] } };
  const called = (role: 'miner' | 'validator') => {
    const run = emptyRun({ ...mineOf(view).facts, role });
    return namesIn({ ...view, runs: { [nameless.hotkey]: run } }, account)(nameless.hotkey);
  };
  expect(called('validator')).toBe('your validator');
  expect(called('miner')).toBe('your miner');
});

it('an address whose ends alone are known is told', () => {
  const known = [{ address: money.friend, name: 'exchange' }];
  const forged = ss58(`${money.friend.slice(0, 8)}xxxx${money.friend.slice(12)}`);
  expect(lookAlike(forged, known)?.name).toBe('exchange');
  expect(lookAlike(money.friend, known)).toBeNull();
});

it('an order and its outcome are one line each', () => {
  const nameOf = (address: string) => (address === me ? 'your miner' : null);
  const intent = {
    kind: 'stake',
    netuid: 38,
    hotkey: me,
    amountRao: rao(2_000_000_001n),
    toleranceBps: 100,
  } as const;
  expect(intentWords(intent, nameOf)).toBe('Stake τ 2.000000001 to your miner on subnet 38');
  expect(intentWords({ kind: 'transfer', to: money.friend, amountRao: 'all' }, nameOf)).toBe(
    'Send everything to 5FHn…94ty',
  );
  const outcome = { balanceRao: -2_000_177_000n, taoRao: null, alpha: null, uid: null };
  expect(outcomeWords(intent, outcome)).toEqual(['τ 2.000177 left the coldkey, fees and all']);
  expect(outcomeWords(intent, { ...outcome, balanceRao: null })).toEqual([]);
});

it.each([
  [124_000n, '0.000124'],
  [2_000_000_000n, '2.0000'],
  [2_000_177_000n, '2.000177'],
  [1n, '0.000000001'],
])('%d rao are exactly %s', (amount, text) => {
  expect(formatExact(amount)).toBe(text);
});

it('a day on which nobody looked is a gap in the line', () => {
  const day = 86_400_000;
  const at = (days: number, value: bigint) => ({ atMs: days * day, totalRao: rao(value), freeRao: rao(0n) });
  const span = { fromMs: 0, toMs: 10 * day };
  const path = worthPath([at(0, 1n), at(1, 2n), at(4, 3n), at(6, 2n), at(7, 2n)], span, {
    width: 100,
    height: 100,
  });
  expect(path.lines).toEqual(['M0 88L10 50', 'M60 50L70 50']);
  expect(path.dots).toEqual([{ x: 40, y: 12 }]);
});

describe('an order that went through', () => {
  const [first, second] = ['one', 'two'].map((id) => ({
    id,
    intent: { kind: 'transfer', to: money.friend, amountRao: 'all' } as const,
    atMs: 0,
    hash: null,
  }));
  const taken = (one: typeof first, kind: 'sent' | 'signed') => ({
    ...(one as NonNullable<typeof first>),
    state: { kind },
  });

  it('is news once, and not what was there before', () => {
    const through = new WentThrough();
    expect(through.isNews('a', 'transfer', [taken(first, 'sent')])).toBe(false);
    expect(through.isNews('a', 'transfer', [taken(second, 'signed'), taken(first, 'sent')])).toBe(false);
    expect(through.isNews('b', 'transfer', [taken(second, 'sent')])).toBe(false);
    expect(through.isNews('a', 'stake', [taken(second, 'sent')])).toBe(false);
    expect(through.isNews('a', 'transfer', [taken(second, 'sent'), taken(first, 'sent')])).toBe(true);
    expect(through.isNews('a', 'transfer', [taken(second, 'sent'), taken(first, 'sent')])).toBe(false);
  });
});
