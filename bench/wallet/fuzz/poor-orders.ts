import type { Network } from '../../../src-main/network/client.ts';
import type { MoneyChain } from '../../../src-main/network/money.ts';
import type { Networks } from '../../../src-main/network/networks.ts';
import { USUAL_LEAST_RAO } from '../../../src-main/network/reads/minimums.ts';
import { type MoneyDesk, openMoneyDesk } from '../../../src-main/wallet/desk.ts';
import type { Holder } from '../../../src-main/wallet/holders.ts';
import type { AccountId, Intent } from '../../../src-shared/contract/page/money.ts';
import { alphaRao, hex, rao, type Ss58, ss58 } from '../../../src-shared/units.ts';
import type { Chance } from './chance.ts';
import { rightAddress } from './wrong-addresses.ts';

const FREE = 10_000_000_000n;
const HELD = 5_000_000_000n;
const NETWORK = 'bench';

/** What a desk is opened over here: a chain in memory on which everybody has 10 TAO and 5 alpha, and one alpha costs one TAO. */
export async function poorDesk(hotkey: Ss58): Promise<MoneyDesk> {
  const block = { number: 1, hash: hex('11'.repeat(32)), seenAtMs: 0 };
  const money = {
    newest: () => block,
    balance: async () => ({ freeRao: rao(FREE), reservedRao: rao(0n), frozenRao: rao(0n) }),
    existentialDeposit: async () => rao(500n),
    minimums: async () => ({ leastRao: USUAL_LEAST_RAO, isTold: false, nominationRao: rao(0n) }),
    stake: async () => alphaRao(HELD),
    available: async () => alphaRao(HELD / 2n),
    price: async () => rao(1_000_000_000n),
    buy: async (_n: number, tao: bigint) => ({
      alpha: alphaRao(tao),
      feeRao: rao(0n),
      priceAfterRao: rao(1_000_000_000n),
    }),
    sell: async (_n: number, alpha: bigint) => ({
      taoRao: rao(alpha),
      feeAlpha: alphaRao(0n),
      priceAfterRao: rao(1_000_000_000n),
    }),
    exit: async (_n: number, alpha: bigint) => rao(alpha),
    hotkey: async (_n: number, asked: Ss58) => ({ owner: asked === hotkey ? hotkey : null, uid: null }),
    subnet: async () => ({ isThere: true, name: 'Bench', ownerColdkey: null, immunityPeriod: 10 }),
    tokenRules: async () => ({ isOpen: true, allowsTransfer: true }),
    registration: async () => ({
      ...{ burnRao: rao(1_000_000_000n), minBurnRao: rao(1n), maxBurnRao: rao(FREE), isAllowed: true },
      ...{ interval: null, halfLifeBlocks: 360, capsPrice: true, fullUntil: null },
    }),
    review: async (netuid: number, call: unknown) => ({
      ...{ netuid, call, bytes: Uint8Array.of(7, 88), specVersion: 1, feeRao: rao(1_000n) },
      decoded: { name: 'a call', sentence: 'A call.', lines: [] },
    }),
  } as unknown as MoneyChain;
  const network = {
    genesisHash: hex('22'.repeat(32)),
    endpoint: 'memory',
    endpoints: [],
    money,
  } as unknown as Network;
  const share = { network, release: async () => undefined };
  const networks = {
    all: new Map([[NETWORK, network]]),
    open: async () => share,
    onChange: () => () => undefined,
  };
  const holder = { walletName: 'mine', opens: 'password', lock: () => undefined } as unknown as Holder;
  return openMoneyDesk({
    networks: networks as unknown as Networks,
    holders: { of: () => holder, lock: () => undefined },
    store: { keep: async () => undefined, list: async () => [] },
    endpointOf: () => null,
    markOf: () => null,
    expectedOf: () => null,
    nameOf: () => null,
    knownAddresses: () => [],
    log: () => undefined,
  });
}

const above = (chance: Chance, most: bigint): bigint => most + 1n + BigInt(chance.below(2 ** 31)) * 1_000n;

/** An order in the right form that nobody can carry out: more than there is, too little, to nobody or to oneself. */
export function poorOrder(chance: Chance, hotkey: Ss58): { account: AccountId; intent: Intent } {
  const coldkey = ss58(rightAddress(chance));
  const stranger = ss58(rightAddress(chance));
  const place = { netuid: 38, hotkey, toleranceBps: 100 };
  const dust = BigInt(1 + chance.below(1_000_000));
  const intents: readonly Intent[] = [
    { kind: 'stake', ...place, amountRao: rao(above(chance, FREE)) },
    { kind: 'stake', ...place, amountRao: rao(FREE) },
    { kind: 'stake', ...place, amountRao: rao(dust) },
    { kind: 'stake', ...place, hotkey: stranger, amountRao: rao(1_000_000_000n) },
    { kind: 'unstake', ...place, amountAlpha: alphaRao(above(chance, HELD)) },
    { kind: 'unstake', ...place, amountAlpha: alphaRao(HELD / 2n + 1n + BigInt(chance.below(2 ** 31))) },
    { kind: 'unstake', ...place, amountAlpha: alphaRao(dust) },
    { kind: 'transfer', to: stranger, amountRao: rao(above(chance, FREE)) },
    { kind: 'transfer', to: coldkey, amountRao: rao(dust) },
    { kind: 'moveStake', netuid: 38, fromHotkey: hotkey, toHotkey: hotkey, amountAlpha: 'all' },
    {
      kind: 'moveStake',
      netuid: 38,
      fromHotkey: hotkey,
      toHotkey: stranger,
      amountAlpha: alphaRao(1_000_000_000n),
    },
    { kind: 'transferStake', netuid: 38, hotkey, toColdkey: coldkey, amountAlpha: 'all' },
    {
      kind: 'transferStake',
      netuid: 38,
      hotkey,
      toColdkey: stranger,
      amountAlpha: alphaRao(above(chance, HELD)),
    },
    { kind: 'register', netuid: 38, hotkey: stranger, limitRao: rao(dust) },
    { kind: 'register', netuid: 0, hotkey: stranger, limitRao: rao(FREE / 2n) },
    { kind: 'register', netuid: 38, hotkey: stranger, limitRao: rao(FREE) },
  ];
  return { account: { network: NETWORK, coldkey }, intent: chance.of(intents) };
}
