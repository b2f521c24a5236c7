import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type AccountDesk, openAccountDesk } from '../../src-main/account-desk.ts';
import type { ChosenAccount } from '../../src-main/chosen-account.ts';
import { type NetworkShare, type Networks, openNetworks } from '../../src-main/network/networks.ts';
import type { LiveRun } from '../../src-main/runs/live-run.ts';
import type { Runs } from '../../src-main/runs/runs.ts';
import type { WorthRow } from '../../src-main/store/rows.ts';
import { ViewKeeper } from '../../src-main/view/view-keeper.ts';
import { listeners } from '../../src-node/listeners.ts';
import type { AccountId, TransactionView } from '../../src-shared/contract/page/money.ts';
import { defaultSettings } from '../../src-shared/settings.ts';
import { hex, type Ss58, ss58 } from '../../src-shared/units.ts';
import type { Devnet } from '../../src-worker/devnet/start.ts';
import { soon } from '../soon.ts';
import { miner, minerHotkey, owner, ownerHotkey, startTestChain } from './network/rig.ts';

describe('the account that is looked at', () => {
  const life = new AbortController();
  const { signal } = life;
  let devnet: Devnet;
  let networks: Networks;
  let share: NetworkShare;
  let desk: AccountDesk | null = null;

  beforeAll(async () => {
    devnet = await startTestChain();
    networks = openNetworks(() => undefined);
    share = await networks.open({ name: 'here', endpoints: [devnet.url] }, signal);
  });
  afterEach(async () => {
    await desk?.stop();
    desk = null;
  });
  afterAll(async () => {
    await share.release();
    await networks.stop();
    await devnet.stop();
  });

  /** A desk over runs that are begun and ended by hand. */
  function openDesk(known: ChosenAccount | null = null) {
    const kept: ChosenAccount[] = [];
    const runs = listeners<{ begun: LiveRun; gone: LiveRun }>();
    const keeper = new ViewKeeper({
      version: '0',
      shell: 'web',
      dataDir: '/nowhere',
      program: 'npm start --',
    });
    const noted: WorthRow[] = [];
    const orders: { id: AccountId; transaction: TransactionView }[] = [];
    const made = openAccountDesk({
      ...{ networks, keeper, signal, log: () => undefined },
      runs: runs as unknown as Runs,
      settings: () => defaultSettings,
      chosen: { known, keep: (one) => void kept.push(one) },
      store: {
        noteWorth: async (_genesis, row) => void noted.push(row),
        worthSince: async (_genesis, coldkey) => noted.filter((row) => row.coldkey === coldkey),
      },
      shelf: {
        wallets: [],
        coldkeyOf: (address) =>
          address === miner.address
            ? { walletName: 'mine', opens: 'plain', isUsers: false, path: '/nowhere' }
            : null,
        onChange: () => () => undefined,
      },
      transactions: ({ coldkey }) =>
        orders.filter(({ id }) => id.coldkey === coldkey).map(({ transaction }) => transaction),
    });
    desk = made;
    const runOf = (hotkey: Ss58, coldkey: Ss58) => ({
      id: hotkey,
      begun: Promise.resolve({
        run: { hotkey, coldkey, config: { network: { name: 'here', endpoints: [devnet.url] } } },
      }),
    });
    return {
      desk: made,
      keeper,
      kept,
      noted,
      orders,
      begin: (hotkey: Ss58, coldkey: Ss58) =>
        runs.emit('begun', runOf(hotkey, coldkey) as unknown as LiveRun),
      end: (hotkey: Ss58) => runs.emit('gone', { id: hotkey } as unknown as LiveRun),
    };
  }
  const held = (keeper: ViewKeeper) =>
    soon(() => {
      const { account } = keeper.view;
      if (!account?.holds) throw new Error('not read');
      return account;
    });

  it('is that of the first run, with its wallet and its network', async () => {
    const { keeper, begin, noted } = openDesk();
    expect(keeper.view.account).toBeNull();
    begin(minerHotkey.address, miner.address);
    const account = await held(keeper);
    expect(account).toMatchObject({
      id: { network: 'here', coldkey: miner.address },
      network: { name: 'here', mark: 'HERE', isReal: false },
      ...{ walletName: 'mine', opens: 'plain', problem: null },
    });
    expect(account.holds?.totalRao).toBe(account.holds?.freeRao);
    expect(noted).toMatchObject([{ coldkey: miner.address, totalRao: account.holds?.totalRao }]);
  });

  it('stays what it is while another run begins, and is another’s when its own is over', async () => {
    const { keeper, begin, end } = openDesk();
    begin(minerHotkey.address, miner.address);
    await held(keeper);
    begin(ownerHotkey.address, owner.address);
    await soon(() => expect(keeper.view.account?.id.coldkey).toBe(miner.address));
    end(minerHotkey.address);
    begin(ownerHotkey.address, owner.address);
    await soon(() => expect(keeper.view.account?.id.coldkey).toBe(owner.address));
    expect(keeper.view.account).toMatchObject({ walletName: null, opens: 'elsewhere' });
  });

  it('is what a person chose, whatever begins later', async () => {
    const { desk, keeper, begin } = openDesk();
    await desk.watch({ network: 'here', coldkey: owner.address });
    begin(minerHotkey.address, miner.address);
    await held(keeper);
    expect(keeper.view.account?.id.coldkey).toBe(owner.address);
    expect(await desk.worthSeries(30)).toHaveLength(1);
  });

  it('is what was chosen before a restart, from the first page that looks on', async () => {
    const first = openDesk();
    const id = { network: 'here', coldkey: owner.address };
    await first.desk.watch(id);
    const [kept] = first.kept;
    expect(kept).toEqual({ id, genesis: share.network.genesisHash });
    await first.desk.stop();
    const { desk, keeper, begin } = openDesk(kept);
    expect(keeper.view.account).toBeNull();
    const look = desk.whileLooked(() => () => undefined);
    const leave = look(undefined);
    begin(minerHotkey.address, miner.address);
    expect((await held(keeper)).id).toEqual(id);
    leave();
  });

  it('is that of a run again where the chain that it was chosen on is gone', async () => {
    const known = { id: { network: 'here', coldkey: owner.address }, genesis: hex('ab'.repeat(32)) };
    const { desk, keeper, begin } = openDesk(known);
    desk.whileLooked(() => () => undefined)(undefined);
    begin(minerHotkey.address, miner.address);
    await soon(() => expect(keeper.view.account?.id.coldkey).toBe(miner.address));
  });

  it('is refused where the address is mistyped or nobody knows the network', async () => {
    const { desk } = openDesk();
    const mistyped = ss58(miner.address.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a')));
    await expect(desk.watch({ network: 'here', coldkey: mistyped })).rejects.toMatchObject({
      code: 'ADDRESS_INVALID',
    });
    await expect(desk.watch({ network: 'nowhere', coldkey: miner.address })).rejects.toMatchObject({
      code: 'NETWORK_NOT_OPEN',
    });
  });

  it('shows its transactions as soon as one changes', async () => {
    const { desk, keeper, orders } = openDesk();
    const id = { network: 'here', coldkey: miner.address };
    await desk.watch(id);
    const transaction: TransactionView = {
      ...{ id: 'a', atMs: 1, hash: hex('00'), state: { kind: 'signed' } },
      intent: { kind: 'transfer', to: owner.address, amountRao: 'all' },
    };
    orders.push({ id, transaction });
    desk.changed({ ...id, coldkey: owner.address });
    expect(keeper.view.account?.transactions).toEqual([]);
    desk.changed(id);
    expect(keeper.view.account?.transactions).toEqual([transaction]);
  });

  it('can be one of any network that is open, or of the real ones', () => {
    const { keeper } = openDesk();
    expect(keeper.view.moneyNetworks.map(({ name, mark }) => [name, mark])).toEqual([
      ['here', 'HERE'],
      ['finney', null],
      ['test', 'TEST'],
    ]);
  });
});
