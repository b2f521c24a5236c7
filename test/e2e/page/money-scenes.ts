import type {
  AccountView,
  Holdings,
  MoneyNetwork,
  MoneyQuote,
  StakeView,
  TransactionState,
  TransactionView,
  WalletSummary,
} from '../../../src-shared/contract/page/money.ts';
import type { View } from '../../../src-shared/contract/page/sections.ts';
import type { ValidatorsView } from '../../../src-shared/contract/page/validators.ts';
import { alphaRao, hex, rao, ss58 } from '../../../src-shared/units.ts';
import { idle, me, training } from './scenes.ts';

/** Scripted views of an account: what a host would say of it in situations that are hard to wait for. */
export const coldkey = ss58('5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV');
export const friend = ss58('5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty');
const rootHotkey = ss58('5HGjWAeFDfFCWPsjFQdVV2Msvz2XtMktvgocEZcCj68kUMaw');
const chutes = ss58('5DAAnrj7VHTznn2AWBemMuyBwZWs6FNFjdyVXUeYum3PTXFy');

export const practice: MoneyNetwork = {
  name: 'practice',
  mark: 'PRACTICE',
  genesis: hex('ab'.repeat(32)),
  isReal: false,
};
export const finney: MoneyNetwork = {
  name: 'finney',
  mark: null,
  genesis: hex('2f'.repeat(32)),
  isReal: true,
};

export const main: WalletSummary = {
  name: 'main',
  folder: '/home/you/.bittensor/wallets/main',
  coldkey,
  opens: 'password',
  backedUpAtMs: Date.UTC(2026, 10, 21, 9),
  hotkeys: [{ name: 'miner', address: me, fault: null }],
  fault: null,
  network: null,
};

/** As the host names them. */
export const quoteId = '6f1c2b7e-54a0-4c0e-9d6b-0b7f6f0f5a11';
export const waitingId = '0d9f6a52-3f0b-4f5e-8d1a-7a2b9c4e6d22';

const stakes: readonly StakeView[] = [
  {
    netuid: 38,
    subnetName: 'Distributed Training',
    hotkey: me,
    hotkeyName: null,
    isOwnHotkey: true,
    alpha: alphaRao(214_036_004_113n),
    availableAlpha: alphaRao(214_036_004_113n),
    priceRao: rao(19_000_000n),
    spotRao: rao(4_066_684_078n),
    exitRao: rao(4_051_207_114n),
  },
  {
    netuid: 64,
    subnetName: 'Chutes',
    hotkey: chutes,
    hotkeyName: null,
    isOwnHotkey: false,
    alpha: alphaRao(31_200_000_000n),
    availableAlpha: alphaRao(20_000_000_000n),
    priceRao: rao(125_000_000n),
    spotRao: rao(3_900_000_000n),
    exitRao: rao(3_872_500_000n),
  },
  {
    netuid: 0,
    subnetName: null,
    hotkey: rootHotkey,
    hotkeyName: 'Opentensor',
    isOwnHotkey: false,
    alpha: alphaRao(1_000_000_000n),
    availableAlpha: alphaRao(1_000_000_000n),
    priceRao: rao(1_000_000_000n),
    spotRao: rao(1_000_000_000n),
    exitRao: rao(1_000_000_000n),
  },
];

export const holdings = (nowMs: number): Holdings => ({
  block: 6_204_118,
  atMs: nowMs - 9_000,
  freeRao: rao(12_407_134_210n),
  reservedRao: rao(0n),
  stakeableRao: rao(12_357_133_710n),
  stakes,
  totalRao: rao(21_330_841_324n),
});

const account = (nowMs: number, said: Partial<AccountView> = {}): AccountView => ({
  id: { network: finney.name, coldkey },
  network: finney,
  walletName: main.name,
  opens: 'password',
  holds: holdings(nowMs),
  problem: null,
  transactions: [],
  ...said,
});

const withWallet = (said: Partial<View>, view: View = idle()): View => ({
  ...view,
  moneyNetworks: [finney, practice],
  wallets: [main],
  ...said,
});

/** Nothing here yet but networks. */
export const none = (): View => ({ ...idle(), moneyNetworks: [practice, finney] });

/** Wallets lie here, and none is looked at. */
export const found = (): View =>
  withWallet({
    wallets: [
      main,
      { ...main, name: 'rig', coldkey: friend, opens: 'elsewhere', backedUpAtMs: null },
      { ...main, name: 'lonely', coldkey: null, opens: 'elsewhere', backedUpAtMs: null },
      {
        ...main,
        name: 'broken',
        coldkey: null,
        opens: 'elsewhere',
        hotkeys: [
          {
            name: 'old',
            address: null,
            fault: {
              code: 'KEY_FILE_CORRUPT',
              params: { path: '/home/you/.bittensor/wallets/broken/hotkeys/old' },
            },
          },
        ],
      },
    ],
  });

export const full = (nowMs: number): View =>
  withWallet(
    {
      account: account(nowMs, { transactions: [done(nowMs), expired(nowMs)] }),
      contacts: [{ address: friend, name: 'exchange' }],
    },
    training(nowMs),
  );

export const loading = (nowMs: number): View => withWallet({ account: account(nowMs, { holds: null }) });

/** Nothing was read for minutes. */
export const stale = (nowMs: number): View =>
  withWallet({
    account: account(nowMs, {
      holds: { ...holdings(nowMs), atMs: nowMs - 190_000 },
      problem: {
        code: 'CHAIN_SILENT',
        params: { endpoint: 'wss://entrypoint-finney.opentensor.ai:443', seconds: 190 },
      },
    }),
  });

/** The chain could not be reached at all. */
export const unread = (nowMs: number): View =>
  withWallet({
    account: account(nowMs, {
      holds: null,
      problem: {
        code: 'CHAIN_UNREACHABLE',
        params: { endpoint: 'wss://entrypoint-finney.opentensor.ai:443' },
      },
    }),
  });

/** A pool gives no quote, so the whole is not known. */
export const withoutQuote = (nowMs: number): View => {
  const held = holdings(nowMs);
  const [first, ...rest] = held.stakes;
  return withWallet({
    account: account(nowMs, {
      holds: {
        ...held,
        totalRao: null,
        stakes: first ? [...rest, { ...first, exitRao: null, spotRao: null, priceRao: null }] : [],
      },
    }),
  });
};

export const unproved = (nowMs: number): View =>
  withWallet({ wallets: [{ ...main, backedUpAtMs: null }], account: account(nowMs) });

/** The recommended rig: the coldkey's address alone. */
export const watchOnly = (nowMs: number): View =>
  withWallet({
    wallets: [{ ...main, name: 'rig', opens: 'elsewhere', backedUpAtMs: null }],
    account: account(nowMs, { walletName: 'rig', opens: 'elsewhere' }),
  });

/** A practice: its own coins, a coldkey that lies open, a run that mines for it. */
export const practising = (nowMs: number): View => {
  const purse: WalletSummary = {
    ...main,
    name: 'practice',
    network: practice.name,
    opens: 'plain',
    backedUpAtMs: null,
  };
  return withWallet(
    {
      wallets: [purse],
      moneyNetworks: [practice],
      account: account(nowMs, {
        id: { network: practice.name, coldkey },
        network: practice,
        walletName: purse.name,
        opens: 'plain',
        holds: { ...holdings(nowMs), block: 4_812, atMs: nowMs - 600, stakes: stakes.slice(0, 1) },
      }),
    },
    training(nowMs),
  );
};

const transaction = (
  nowMs: number,
  state: TransactionState,
  said: Partial<TransactionView> = {},
): TransactionView => ({
  id: waitingId,
  intent: { kind: 'stake', netuid: 38, hotkey: me, amountRao: rao(2_000_000_000n), toleranceBps: 100 },
  atMs: nowMs - 14_000,
  state,
  hash: hex('4f'.repeat(32)),
  ...said,
});

const done = (nowMs: number): TransactionView =>
  transaction(
    nowMs,
    {
      kind: 'done',
      block: 6_204_114,
      outcome: {
        balanceRao: -2_000_177_000n,
        taoRao: rao(2_000_000_000n),
        alpha: alphaRao(104_871_200_000n),
        uid: null,
      },
    },
    { id: 'done' },
  );
const expired = (nowMs: number): TransactionView =>
  transaction(
    nowMs,
    { kind: 'expired' },
    {
      id: 'expired',
      atMs: nowMs - 3_600_000,
      intent: { kind: 'transfer', to: friend, amountRao: rao(500_000_000n) },
    },
  );

/** Refused until a block that has not come. */
export const rests: TransactionState = {
  ...{ kind: 'refused', block: 6_204_119, retryBlock: 6_204_120 },
  error: { code: 'STAKE_RESTS', params: {} },
};

export const states: readonly TransactionState[] = [
  { kind: 'review' },
  { kind: 'signed' },
  { kind: 'sent' },
  { kind: 'in-block', block: 6_204_114 },
  (done(0) as TransactionView).state,
  {
    kind: 'refused',
    block: 6_204_114,
    error: { code: 'CHAIN_REFUSED', params: { module: 'subtensorModule', error: 'SlippageTooHigh' } },
  },
  {
    kind: 'refused',
    block: null,
    error: { code: 'BALANCE_TOO_LOW', params: { needed: 'τ 2.0002', free: 'τ 1.9000' } },
  },
  { kind: 'expired' },
  { kind: 'unknown', searchedToBlock: 6_204_140 },
];

/** The same account with one transaction that stands so. */
export const standing = (nowMs: number, state: TransactionState): View => {
  const view = full(nowMs);
  return {
    ...view,
    account: view.account && {
      ...view.account,
      transactions: [transaction(nowMs, state), ...view.account.transactions],
    },
    signing: state.kind === 'review' ? { id: waitingId, kind: 'review' } : null,
  };
};

/** Who validates on the subnet where the run works: one that grew, one that was seen for some days, one that nobody saw. */
export const validators: ValidatorsView = {
  netuid: 38,
  subnetName: 'Distributed Training',
  block: 6_204_118,
  rows: [
    {
      ...{
        hotkey: chutes,
        uid: 4,
        isValidator: true,
        stakeAlpha: alphaRao(1_204_000_000_000_000n),
        take: 0.18,
      },
      week: { kind: 'known', growth: 0.0121, spanMs: 7 * 86_400_000 },
    },
    {
      ...{
        hotkey: rootHotkey,
        uid: 11,
        isValidator: true,
        stakeAlpha: alphaRao(310_500_000_000_000n),
        take: 0.09,
      },
      week: { kind: 'known', growth: 0.0034, spanMs: 2 * 86_400_000 },
    },
    {
      ...{ hotkey: me, uid: null, isValidator: false, stakeAlpha: alphaRao(214_036_004_113n), take: null },
      week: { kind: 'unknown', why: 'not-kept' },
    },
  ],
};

/** The same account, read in another block. */
export const atBlock = (view: AccountView | null, block: number): AccountView | null =>
  view?.holds ? { ...view, holds: { ...view.holds, block } } : null;

export const worthSeries = (nowMs: number) =>
  Array.from({ length: 30 }, (_, day) => day)
    .filter((day) => day !== 11 && day !== 12)
    .map((day) => ({
      atMs: nowMs - (29 - day) * 86_400_000,
      totalRao: rao(BigInt(Math.round((18.2 + day * 0.105 + Math.sin(day / 2) * 0.35) * 1e9))),
      freeRao: rao(12_407_134_210n),
    }));

export const stakeQuote = (nowMs: number, said: Partial<MoneyQuote> = {}): MoneyQuote => ({
  id: quoteId,
  block: 6_204_118,
  atMs: nowMs,
  expiresAtMs: nowMs + 30_000,
  terms: {
    kind: 'stake',
    payRao: rao(2_000_000_000n),
    receiveAlpha: alphaRao(104_871_220_190n),
    leastAlpha: alphaRao(104_350_000_000n),
    priceRao: rao(19_000_000n),
    paidPriceRao: rao(19_071_000n),
    impactBps: 37,
    limitPriceRao: rao(19_262_000n),
    swapFeeRao: rao(53_000n),
    soldBackRao: rao(1_991_700_000n),
  },
  networkFeeRao: rao(124_000n),
  freeNowRao: rao(12_407_134_210n),
  freeAfterRao: rao(10_407_010_210n),
  mostRao: rao(2_000_177_000n),
  warnings: [],
  typedConsent: null,
  problem: null,
  ...said,
});

export const unstakeQuote = (nowMs: number): MoneyQuote =>
  stakeQuote(nowMs, {
    terms: {
      kind: 'unstake',
      giveAlpha: alphaRao(214_036_004_113n),
      receiveRao: rao(4_051_207_114n),
      leastRao: rao(4_010_000_000n),
      priceRao: rao(19_000_000n),
      paidPriceRao: rao(18_927_000n),
      impactBps: 38,
      limitPriceRao: rao(18_737_000n),
      swapFeeAlpha: alphaRao(10_700_000n),
      leftAlpha: alphaRao(0n),
    },
    freeAfterRao: null,
    mostRao: rao(124_000n),
  });

export const transferQuote = (nowMs: number, isFirst = true): MoneyQuote =>
  stakeQuote(nowMs, {
    terms: { kind: 'transfer', to: friend, amountRao: rao(1_500_000_000n), isFirst },
    mostRao: rao(1_500_124_000n),
    freeAfterRao: rao(10_907_010_210n),
  });
