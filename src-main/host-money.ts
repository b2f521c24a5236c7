import { join } from 'node:path';
import type { KnownName } from '../src-shared/contract/signing.ts';
import type { Ss58 } from '../src-shared/units.ts';
import type { ExpectedSubnet } from './network/expected-subnet.ts';
import type { Networks } from './network/networks.ts';
import { endpointChosen } from './runs/chosen.ts';
import type { Runs } from './runs/runs.ts';
import type { EndpointsSince } from './settings/endpoints-since.ts';
import type { Settings } from './settings/settings-file.ts';
import type { Store } from './store/store.ts';
import { TERMINAL_FOLDER } from './store/terminal-folder.ts';
import { moneyKey } from './vault/money-key.ts';
import type { WrongPasswordsByFile } from './vault/wrong-passwords.ts';
import type { Contacts } from './wallet/contacts.ts';
import { type MoneyDesk, openMoneyDesk } from './wallet/desk.ts';
import { openHolders } from './wallet/holders.ts';
import type { Shelf } from './wallet/shelf.ts';

export interface MoneyOf {
  readonly dataDir: string;
  readonly networks: Networks;
  readonly settings: Settings;
  readonly endpoints: EndpointsSince;
  readonly runs: Runs;
  readonly store: Store;
  readonly shelf: Shelf;
  readonly contacts: Contacts;
  readonly wrong: WrongPasswordsByFile;
  log(line: string): void;
}

/** The money desk of this host: its wallets sign, and its runs say what subnets should be. */
export function openMoney(host: MoneyOf): Promise<MoneyDesk> {
  const { dataDir, networks, settings, endpoints, runs, store, shelf, contacts, wrong, log } = host;
  return openMoneyDesk({
    networks,
    holders: openHolders(shelf, (at) => moneyKey({ ...at, wrong: wrong.at(at.path) })),
    store: store.transactions,
    openElsewhere: () => store.openElsewhere(join(dataDir, TERMINAL_FOLDER)),
    endpointOf: (name) => endpointChosen(settings.values, name),
    endpointSince: endpoints.sinceOf,
    markOf: (name) => markOf(runs, name),
    expectedOf: (name, netuid) => expectedOf(runs, name, netuid),
    knownAddresses: () => [...ownAddresses(shelf), ...contacts.all.map(({ address }) => address)],
    nameOf(address) {
      const inBook = contacts.nameOf(address);
      return nameOfOwn(shelf, address) ?? (inBook === null ? null : { name: inBook, from: 'contact' });
    },
    log,
  });
}

const runsOn = (runs: Runs, name: string) =>
  [...runs.live.values()].filter(({ facts }) => facts.network === name);

/** Of the runs that work on a network; null where there are none. */
export const markOf = (runs: Runs, name: string): string | null =>
  runsOn(runs, name).find(({ facts }) => facts.mark !== null)?.facts.mark ?? null;

function expectedOf(runs: Runs, name: string, netuid: number): ExpectedSubnet | null {
  const run = runsOn(runs, name).find(({ facts }) => facts.netuid === netuid)?.body?.run;
  if (run) return run.config.profile.consensus.chain.identity;
  // One that lost its place does not work, and a new place is bought on the subnet that it was joined to.
  const stopped = runs.stopped.find((one) => one.network === name && one.netuid === netuid);
  const origin = stopped ? runs.originOf(stopped.id) : null;
  return origin?.kind === 'joined' ? origin.profile.consensus.chain.identity : null;
}

/** Of all wallets here: their coldkeys and hotkeys. */
export const ownAddresses = ({ wallets }: Pick<Shelf, 'wallets'>): readonly Ss58[] =>
  wallets
    .flatMap(({ coldkey, hotkeys }) => [coldkey, ...hotkeys.map(({ address }) => address)])
    .filter((address) => address !== null);

/** A wallet by its name, one of its hotkeys by both. A coldkey that is elsewhere is one that is watched. */
export function nameOfOwn({ wallets }: Pick<Shelf, 'wallets'>, address: Ss58): KnownName | null {
  const found = wallets.filter(({ coldkey }) => coldkey === address);
  const own = found.find(({ opens }) => opens !== 'elsewhere');
  if (own) return { name: own.name, from: 'own' };
  for (const { name, hotkeys } of wallets) {
    const hotkey = hotkeys.find((one) => one.address === address);
    if (hotkey) return { name: `${name} / ${hotkey.name}`, from: 'own' };
  }
  return found[0] ? { name: found[0].name, from: 'watched' } : null;
}
