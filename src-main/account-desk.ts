import type {
  AccountId,
  AccountView,
  MoneyNetwork,
  TransactionView,
  WorthPoint,
} from '../src-shared/contract/page/money.ts';
import { AppError } from '../src-shared/errors/app-error.ts';
import { publicKeyOf } from '../src-shared/rounds/ss58.ts';
import type { SettingValues } from '../src-shared/settings.ts';
import type { Hex, Ss58 } from '../src-shared/units.ts';
import type { ChosenAccountFile } from './chosen-account.ts';
import { knownGenesis } from './network/known.ts';
import type { Networks } from './network/networks.ts';
import { endpointChosen } from './runs/chosen.ts';
import type { Run } from './runs/run.ts';
import type { Runs } from './runs/runs.ts';
import type { Store } from './store/store.ts';
import type { ViewKeeper } from './view/view-keeper.ts';
import { type FollowedAccount, followAccount } from './wallet/followed-account.ts';
import { WORTH_NOTED_MS } from './wallet/limits.ts';
import { moneyNetwork } from './wallet/money-networks.ts';
import { type HotkeyName, holdingsOf, type Names } from './wallet/portfolio.ts';
import type { Shelf } from './wallet/shelf.ts';

/** Networks of the real world: opened when somebody asks for an account on them. */
const REAL: readonly string[] = ['finney', 'test'];
const DAY_MS = 86_400_000;

/** Where one account is looked at, and the networks that one can be looked at on. */
export interface AccountDesk {
  /** @throws {AppError} ADDRESS_INVALID, NETWORK_NOT_OPEN for a name that nothing here knows */
  watch(id: AccountId): Promise<void>;
  /** The account that is looked at, day by day; empty where none is. */
  worthSeries(days: number): Promise<readonly WorthPoint[]>;
  /** Wraps what joins a page: while one is there, the account is read often. */
  whileLooked<T>(connect: (page: T) => () => void): (page: T) => () => void;
  /** Something of an account changed: the next block is read, and its transactions are shown at once. */
  changed(id: AccountId): void;
  stop(): Promise<void>;
}

export interface AccountDeskOptions {
  readonly networks: Networks;
  readonly runs: Runs;
  readonly keeper: ViewKeeper;
  readonly store: Pick<Store, 'noteWorth' | 'worthSince'>;
  /** Whose names and coldkeys lie here. */
  readonly shelf: Pick<Shelf, 'coldkeyOf' | 'wallets' | 'onChange'>;
  /** What a person chose before, and where the next choice is kept. */
  readonly chosen: ChosenAccountFile;
  settings(): SettingValues;
  transactions(id: AccountId): readonly TransactionView[];
  log(line: string): void;
  readonly signal: AbortSignal;
}

export function openAccountDesk(options: AccountDeskOptions): AccountDesk {
  const { networks, runs, keeper, store, chosen, log, signal } = options;
  /** What works here, by its hotkey. */
  const workers = new Map<Ss58, Run>();
  let followed: FollowedAccount | null = null;
  /** A person chose it; else it is that of the first run, and of another when that one is over. */
  let isChosen = chosen.known !== null;
  let notedAtMs = 0;
  let pages = 0;

  const isFollowed = ({ network, coldkey }: AccountId): boolean =>
    followed?.id.network === network && followed.id.coldkey === coldkey;

  async function follow(id: AccountId): Promise<void> {
    if (isFollowed(id)) return;
    const before = followed;
    const endpoint = endpointChosen(options.settings(), id.network);
    const next = followAccount({ id, endpoint, isLooked: pages > 0 }, networks, signal);
    followed = next;
    notedAtMs = 0;
    next.on('changed', () => {
      if (followed !== next) return;
      show();
      noteWorth(next);
    });
    show();
    await before?.stop();
  }

  function show(): void {
    keeper.update({ account: followed && viewOf(followed) });
  }

  function viewOf({ id, reading, problem }: FollowedAccount): AccountView {
    const place = options.shelf.coldkeyOf(id.coldkey, id.network);
    return {
      id,
      network: networkNamed(id.network),
      walletName: place?.walletName ?? null,
      opens: place?.opens ?? 'elsewhere',
      holds: reading && holdingsOf(reading, reading, namesIn(reading.subnetNames)),
      problem,
      transactions: options.transactions(id),
    };
  }

  function namesIn(subnets: ReadonlyMap<number, string>): Names {
    const named = new Map<Ss58, HotkeyName>();
    for (const { address, name } of keeper.view.contacts) named.set(address, { name, isOwn: false });
    for (const hotkey of workers.keys()) named.set(hotkey, { name: null, isOwn: true });
    for (const { hotkeys } of options.shelf.wallets)
      for (const { name, address } of hotkeys)
        if (address !== null) named.set(address, { name, isOwn: true });
    return {
      subnet: (netuid: number) => subnets.get(netuid) ?? null,
      hotkey: (hotkey: Ss58) => named.get(hotkey) ?? { name: null, isOwn: false },
    };
  }

  /** Of a network that was open before, what was known of it then. */
  const genesisOf = new Map<string, Hex>();
  function networkNamed(name: string): MoneyNetwork {
    const genesis = networks.all.get(name)?.genesisHash ?? genesisOf.get(name) ?? knownGenesis(name);
    if (genesis) genesisOf.set(name, genesis);
    const run = Object.values(keeper.view.runs).find(({ facts }) => facts.network === name);
    return moneyNetwork(name, genesis ?? ('' as Hex), run?.facts.mark ?? null);
  }

  function showNetworks(): void {
    const names = [...new Set([...networks.all.keys(), ...REAL])];
    keeper.update({ moneyNetworks: names.map(networkNamed) });
  }

  /** Once in a while, and with the first look of a day: the day's line ends where it was last looked. */
  function noteWorth({ id, reading, network }: FollowedAccount): void {
    if (!reading || !network || reading.atMs - notedAtMs < WORTH_NOTED_MS) return;
    const { totalRao, freeRao } = holdingsOf(reading, reading, namesIn(new Map()));
    if (totalRao === null) return;
    notedAtMs = reading.atMs;
    const row = { coldkey: id.coldkey, atMs: reading.atMs, block: reading.block, totalRao, freeRao };
    store.noteWorth(network.genesisHash, row).catch((error: unknown) => log(`worth: ${error}`));
  }

  function followRun(run: Run): void {
    workers.set(run.hotkey, run);
    const { name } = run.config.network;
    // The choice was made on a chain of that name that is gone.
    const { id, genesis } = chosen.known ?? {};
    if (id && isFollowed(id) && id.network === name && genesis && genesis !== networkNamed(name).genesis)
      isChosen = false;
    const isWorking = [...workers.values()].some(({ coldkey }) => coldkey === followed?.id.coldkey);
    if (isChosen || isWorking) show();
    else void follow({ network: name, coldkey: run.coldkey });
  }

  const off = [
    networks.onChange(showNetworks),
    options.shelf.onChange(show),
    runs.on('begun', (live) => void live.begun.then(({ run }) => followRun(run)).catch(() => undefined)),
    runs.on('gone', ({ id }) => workers.delete(id)),
  ];
  showNetworks();

  return {
    async watch(id) {
      if (publicKeyOf(id.coldkey) === null) throw new AppError('ADDRESS_INVALID', { address: id.coldkey });
      const isKnown = networks.all.has(id.network) || endpointChosen(options.settings(), id.network) !== null;
      if (!isKnown) throw new AppError('NETWORK_NOT_OPEN', { network: id.network });
      isChosen = true;
      chosen.keep({ id, genesis: networkNamed(id.network).genesis || null });
      await follow(id);
    },
    async worthSeries(days) {
      if (!followed) return [];
      const genesis = networkNamed(followed.id.network).genesis;
      const rows = await store.worthSince(genesis, followed.id.coldkey, Date.now() - (days - 1) * DAY_MS);
      return rows.map(({ atMs, totalRao, freeRao }) => ({ atMs, totalRao, freeRao }));
    },
    whileLooked: (connect) => (page) => {
      const leave = connect(page);
      pages++;
      // Its network is opened for somebody who looks, and not before.
      if (!followed && isChosen && chosen.known) void follow(chosen.known.id);
      else if (pages === 1) followed?.setLooked(true);
      return () => {
        leave();
        pages--;
        if (pages === 0) followed?.setLooked(false);
      };
    },
    changed(id) {
      if (!isFollowed(id)) return;
      followed?.look();
      show();
    },
    async stop() {
      for (const unsubscribe of off) unsubscribe();
      await followed?.stop();
    },
  };
}
