import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import { onTestFinished } from 'vitest';
import type { Network } from '../../../src-main/network/client.ts';
import type { ExpectedSubnet } from '../../../src-main/network/expected-subnet.ts';
import { type Networks, openNetworks } from '../../../src-main/network/networks.ts';
import type { OwnTransactionRow } from '../../../src-main/store/rows.ts';
import type { TransactionStore } from '../../../src-main/store/store.ts';
import { accountText, newPhrase } from '../../../src-main/vault/account-text.ts';
import { parseKeyFile } from '../../../src-main/vault/key-file.ts';
import { moneyKey } from '../../../src-main/vault/money-key.ts';
import { type MoneyDesk, openMoneyDesk } from '../../../src-main/wallet/desk.ts';
import { openHolders } from '../../../src-main/wallet/holders.ts';
import type {
  AccountId,
  ColdkeyOpens,
  Intent,
  MoneyQuote,
  TransactionState,
  TransactionView,
} from '../../../src-shared/contract/page/money.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { alphaRao, rao, type Ss58 } from '../../../src-shared/units.ts';
import type { Devnet } from '../../../src-worker/devnet/start.ts';
import {
  minerHotkey,
  NETUID,
  owner,
  sealing,
  startTestChain,
  startWire,
  testSubnet,
  type Wire,
} from '../network/rig.ts';

export const NETWORK = 'practice';
export const PASSWORD = 'a right password';
export const TAO = 10n ** 9n;
export const { address: HOTKEY } = minerHotkey;
const { signal } = new AbortController();

/** What a store remembers, over desks that come and go. */
export interface MemoryTransactions extends TransactionStore {
  readonly rows: Map<string, OwnTransactionRow>;
  /** Fails from now on. */
  break(error: AppError | null): void;
}

export function memoryTransactions(): MemoryTransactions {
  const rows = new Map<string, OwnTransactionRow>();
  let broken: AppError | null = null;
  return {
    rows,
    break(error) {
      broken = error;
    },
    async keep(row) {
      if (broken) throw broken;
      rows.set(row.id, row);
    },
    list: async () => [...rows.values()].toReversed(),
  };
}

export interface DeskRig {
  readonly devnet: Devnet;
  readonly wire: Wire;
  readonly networks: Networks;
  readonly network: Network;
  readonly desk: MoneyDesk;
  readonly store: MemoryTransactions;
  readonly account: AccountId;
  readonly coldkey: Ss58;
  /** The password's every try, by whether it was right. */
  readonly tries: boolean[];
  readonly log: string[];
  quote(intent: Intent): Promise<MoneyQuote>;
  /** Asks for it and says yes. @returns the id of the transaction */
  approve(quote: MoneyQuote, password?: string | null): Promise<string>;
  /** From intent to a known fate, with blocks sealed meanwhile. */
  order(intent: Intent): Promise<TransactionView>;
  transaction(id: string): TransactionView | undefined;
  /** Resolves once the transaction is in such a state; blocks are sealed until then. */
  until(id: string, kind: TransactionState['kind']): Promise<TransactionView>;
  /** The desk of a host that was killed and started again: the same store, another process. */
  killed(): Promise<DeskRig>;
}

export interface DeskOptions {
  readonly opens?: ColdkeyOpens;
  readonly freeRao?: bigint;
  readonly chain?: Parameters<typeof startTestChain>[0];
  readonly expected?: ExpectedSubnet | null;
  /** Addresses that the user trusts. */
  readonly known?: readonly Ss58[];
  /** Whether its owner has started the subnet and a hotkey has a place there. */
  readonly isStarted?: boolean;
  /** Whether the coldkey owns the subnet, which has a tempo of 360 then: rules rest before each epoch. */
  readonly ownsSubnet?: boolean;
  /** The endpoint in the settings, for a network that nobody holds open. */
  endpointOf?(): string | null;
  /** The journal of another process. */
  readonly elsewhere?: MemoryTransactions;
}

/** A desk over a real client of a practice chain, with a coldkey in a file of its own. */
export async function startDesk(options: DeskOptions = {}): Promise<DeskRig> {
  await cryptoWaitReady();
  const { opens = 'password', freeRao = 100n * TAO } = options;
  const folder = await mkdtemp(join(tmpdir(), 'butterfly-desk-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'coldkey');
  const { address: coldkey, secret } = accountText(newPhrase(12));
  await writeFile(path, secret, { mode: 0o600 });
  const devnet = await startTestChain({
    ...options.chain,
    accounts: [
      { ss58: coldkey, freeRao },
      { ss58: owner.address, freeRao: 1_000n * TAO },
      ...(options.chain?.accounts ?? []),
    ],
    ...(options.ownsSubnet && { subnets: [{ ...testSubnet, tempo: 360, ownerColdkey: coldkey }] }),
  });
  onTestFinished(() => devnet.stop());
  const wire = await startWire(devnet.url);
  onTestFinished(() => wire.stop());
  const store = memoryTransactions();
  const tries: boolean[] = [];
  const log: string[] = [];

  async function begin(): Promise<DeskRig> {
    const networks = openNetworks((line) => log.push(line));
    onTestFinished(() => networks.stop());
    const { network } = await networks.open({ name: NETWORK, endpoints: [wire.url] }, signal);
    const account: AccountId = { network: NETWORK, coldkey };
    const holders = openHolders(
      {
        coldkeyOf: (address) =>
          address === coldkey ? { walletName: 'mine', opens, isUsers: true, path } : null,
      },
      (at) =>
        moneyKey(at, {
          nowMs: () => Date.now(),
          async open(where, password) {
            const isRight = new TextDecoder().decode(password) === PASSWORD;
            tries.push(isRight);
            if (!isRight) throw new AppError('KEY_PASSWORD_WRONG', { path: where });
            return parseKeyFile(where, secret);
          },
        }),
    );
    const desk = await openMoneyDesk({
      networks,
      holders,
      store,
      openElsewhere: async () => [...(options.elsewhere?.rows.values() ?? [])].filter(({ isOpen }) => isOpen),
      endpointOf: options.endpointOf ?? (() => null),
      markOf: () => 'PRACTICE',
      expectedOf: () => options.expected ?? null,
      nameOf: (address) => (address === HOTKEY ? { name: 'my miner', from: 'own' } : null),
      knownAddresses: () => options.known ?? [],
      log: (line) => log.push(line),
    });
    onTestFinished(() => desk.stop());

    const transaction = (id: string) => desk.transactions(account).find((one) => one.id === id);
    const rig: DeskRig = {
      ...{ devnet, wire, networks, network, desk, store, account, coldkey, tries, log, transaction },
      quote: (intent) => desk.quote({ account, intent }, signal),
      async approve(quote, password = opens === 'password' ? PASSWORD : null) {
        const id = await desk.ask(quote.id);
        const typed = new TextEncoder();
        await desk.approve(
          id,
          { password: password === null ? null : typed.encode(password), typed: quote.typedConsent },
          signal,
        );
        return id;
      },
      async order(intent) {
        return sealing(
          devnet,
          (async () => {
            const quote = await rig.quote(intent);
            if (quote.problem) throw new AppError(quote.problem.code, quote.problem.params);
            const id = await rig.approve(quote);
            return ended(rig, id);
          })(),
        );
      },
      until: (id, kind) => sealing(devnet, stateIs(rig, id, kind)),
      async killed() {
        await desk.stop();
        await networks.stop();
        return begin();
      },
    };
    return rig;
  }

  const rig = await begin();
  if (options.isStarted ?? true) await openSubnet(rig);
  return rig;
}

/** Its owner starts emission, and the hotkey gets a place that somebody else pays for. */
async function openSubnet({ network, devnet }: DeskRig): Promise<void> {
  const chain = await network.subnet(NETUID, { name: 'Practice', ownerColdkey: null }, signal);
  const limitRao = rao(10n * TAO);
  await sealing(devnet, chain.submit({ kind: 'startCall' }, owner, signal));
  await sealing(devnet, chain.submit({ kind: 'burnedRegister', hotkey: HOTKEY, limitRao }, owner, signal));
}

const ENDS: ReadonlySet<TransactionState['kind']> = new Set(['done', 'refused', 'expired']);

async function ended({ desk, transaction }: DeskRig, id: string): Promise<TransactionView> {
  const is = () => {
    const found = transaction(id);
    return found && ENDS.has(found.state.kind) ? found : null;
  };
  return told(desk, is);
}

const stateIs = ({ desk, transaction }: DeskRig, id: string, kind: TransactionState['kind']) =>
  told(desk, () => {
    const found = transaction(id);
    return found?.state.kind === kind ? found : null;
  });

async function told(desk: MoneyDesk, is: () => TransactionView | null): Promise<TransactionView> {
  const now = is();
  if (now) return now;
  return new Promise((resolve) => {
    const off = desk.onTransaction(() => {
      const found = is();
      if (!found) return;
      off();
      resolve(found);
    });
  });
}

export const stake = (tao: number, more: Partial<Extract<Intent, { kind: 'stake' }>> = {}): Intent => ({
  ...{ kind: 'stake', netuid: NETUID, hotkey: HOTKEY, toleranceBps: 100 },
  amountRao: rao(BigInt(Math.round(tao * 1e9))),
  ...more,
});

export const unstake = (
  amountAlpha: bigint | 'all',
  more: Partial<Extract<Intent, { kind: 'unstake' }>> = {},
): Intent => ({
  ...{ kind: 'unstake', netuid: NETUID, hotkey: HOTKEY, toleranceBps: 100 },
  amountAlpha: amountAlpha === 'all' ? 'all' : alphaRao(amountAlpha),
  ...more,
});

/** What the chain itself says that the coldkey has there. */
export async function heldAlpha({ network, coldkey }: DeskRig, hotkey: Ss58 = HOTKEY): Promise<bigint> {
  const { hash } = network.money.newest();
  return network.money.stake(NETUID, hotkey, coldkey, hash, signal);
}

export async function freeRao({ network, coldkey }: DeskRig, account: Ss58 = coldkey): Promise<bigint> {
  const { hash } = network.money.newest();
  return (await network.money.balance(account, hash, signal)).freeRao;
}
