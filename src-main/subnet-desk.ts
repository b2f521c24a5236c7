import { withLimit } from '../src-node/waits.ts';
import type { ListedSubnet, OwnMark, SubnetSubject, SubnetView } from '../src-shared/contract/page/subnet.ts';
import { AppError } from '../src-shared/errors/app-error.ts';
import { profileHash, runTagOf } from '../src-shared/profile/profile.ts';
import type { SettingValues } from '../src-shared/settings.ts';
import type { Ss58 } from '../src-shared/units.ts';
import { runFolder } from './data-folder.ts';
import { openLastPicture } from './economy/last-picture.ts';
import { LOOK_LIMIT_MS } from './economy/limits.ts';
import { lookAtSubnet, type Subject, type SubnetLook } from './economy/look.ts';
import { openMarks } from './economy/marks.ts';
import { recordSubnet } from './economy/record.ts';
import { placeFile } from './join/register.ts';
import type { ConnectedChain } from './network/client.ts';
import type { NetworkAddress, Networks } from './network/networks.ts';
import { endpointChosen, endpointsOf } from './runs/chosen.ts';
import type { LiveRun } from './runs/live-run.ts';
import type { RunBody } from './runs/plan.ts';
import type { Runs } from './runs/runs.ts';
import type { Store } from './store/store.ts';
import { openAsides } from './subnet-asides.ts';
import { APP_VERSION } from './version.ts';
import type { Told } from './view/told.ts';

/** Where a page asks about subnets: of a run, working or stopped, or any of a network. */
export interface SubnetDesk {
  /** @throws {AppError} RUN_UNKNOWN, SUBNET_ASLEEP, NETWORK_NOT_OPEN, SUBNET_ABSENT, CHAIN_UNREACHABLE */
  look(of: SubnetSubject): Promise<SubnetView>;
  /** What its user thinks of it, 0 to 10; null takes it back. @throws {AppError} as `look`, or of the disk */
  mark(of: SubnetSubject, mark: number | null): Promise<OwnMark | null>;
  /** All of a network but root. @throws {AppError} NETWORK_NOT_OPEN, CHAIN_CALL_UNAVAILABLE, CHAIN_UNREACHABLE */
  list(network: string): Promise<readonly ListedSubnet[]>;
  stop(): Promise<void>;
}

/** A subnet that is looked at, with all who do. */
interface Watched {
  readonly look: SubnetLook;
  readonly users: Set<Ss58>;
  stop(): void;
}

export async function openSubnetDesk(host: {
  readonly dataDir: string;
  readonly networks: Networks;
  readonly store: Store;
  readonly runs: Runs;
  readonly told: Pick<Told, 'notice'>;
  settings(): SettingValues;
  log(line: string): void;
  readonly signal: AbortSignal;
}): Promise<SubnetDesk> {
  const { dataDir, networks, store, runs, told, log, signal } = host;
  const nowMs = Date.now;
  const marks = await openMarks(dataDir, told.notice, nowMs);
  const watched = new Map<ConnectedChain, Watched>();
  const picture = await openLastPicture({ dataDir, version: APP_VERSION, told: told.notice, log, nowMs });

  const storeOf = ({ genesisHash, netuid }: ConnectedChain) => store.subnet(genesisHash, netuid);
  const asides = openAsides(networks, (chain) => lookAtSubnet(chain, storeOf(chain), nowMs), signal);

  /** Runs that expect the same of a subnet share its chain, and what is kept of it. */
  function attend(id: Ss58, { run: { chain } }: RunBody): void {
    const known = watched.get(chain);
    if (known) return void known.users.add(id);
    const kept = storeOf(chain);
    watched.set(chain, {
      look: lookAtSubnet(chain, kept, nowMs),
      users: new Set([id]),
      stop: recordSubnet({ chain, store: kept, add: store.add, log, nowMs }),
    });
  }

  function leave(id: Ss58): void {
    for (const [chain, { users, stop }] of watched) {
      if (!users.delete(id) || users.size > 0) continue;
      watched.delete(chain);
      stop();
    }
  }

  async function begin({ id, begun }: LiveRun): Promise<void> {
    const body = await begun.catch(() => null);
    if (body && runs.live.get(id)?.body === body && !signal.aborted) attend(id, body);
  }

  const off = [
    runs.on('begun', (live) => void begin(live)),
    runs.on('gone', ({ id }) => leave(id)),
    runs.on('failed', ({ id }) => leave(id)),
  ];

  interface Found {
    readonly chain: ConnectedChain;
    readonly look: SubnetLook;
    readonly subject: Omit<Subject, 'mark'>;
  }

  function findLive(id: Ss58): Found | null {
    const body = runs.live.get(id)?.body;
    if (!body) return null;
    const { run } = body;
    attend(id, body);
    const look = watched.get(run.chain)?.look;
    if (!look) return null;
    const { hotkey, coldkey, uid, chain } = run;
    const { identity } = run.config.profile.consensus.chain;
    return { chain, look, subject: { hotkey, coldkey, expected: identity, lastUid: uid } };
  }

  async function findStopped(id: Ss58): Promise<Found> {
    const origin = runs.originOf(id);
    if (origin.kind !== 'joined') throw new AppError('SUBNET_ASLEEP');
    const { consensus } = origin.profile;
    const address = { name: origin.networkName, endpoints: endpointsOf(origin, host.settings()) };
    const { netuid } = consensus.chain;
    const aside = await asides.of(id, () => ({ address, netuid, isGuest: false }));
    const { genesisHash } = aside.chain;
    const runTag = runTagOf(profileHash(consensus));
    const folder = await runFolder(dataDir, { hotkey: id, runTag, genesisHash });
    const place = await placeFile(folder, told.notice).read();
    return {
      chain: aside.chain,
      look: aside.look,
      subject: {
        hotkey: id,
        coldkey: null,
        expected: consensus.chain.identity,
        lastUid: place?.genesisHash === genesisHash ? place.uid : null,
      },
    };
  }

  /** @throws {AppError} NETWORK_NOT_OPEN for a name that nothing here knows */
  function addressOf(name: string): NetworkAddress {
    const open = networks.all.get(name);
    const chosen = endpointChosen(host.settings(), name);
    const endpoints = open?.endpoints.map(({ endpoint }) => endpoint) ?? (chosen === null ? [] : [chosen]);
    if (endpoints.length === 0) throw new AppError('NETWORK_NOT_OPEN', { network: name });
    return { name, endpoints };
  }

  async function findAny({ network, netuid }: Extract<SubnetSubject, { kind: 'netuid' }>): Promise<Found> {
    const key = `${network}/${netuid}`;
    const { chain, look } = await asides.of(key, () => ({
      address: addressOf(network),
      netuid,
      isGuest: true,
    }));
    return { chain, look, subject: { hotkey: null, coldkey: null, expected: null, lastUid: null } };
  }

  async function find(of: SubnetSubject): Promise<Found> {
    if (of.kind === 'netuid') return findAny(of);
    return findLive(of.id as Ss58) ?? (await findStopped(of.id as Ss58));
  }

  async function lookedAt(of: SubnetSubject, { chain, look, subject }: Found): Promise<SubnetView> {
    try {
      return await look.at({ ...subject, mark: marks.of(storeOf(chain).chain) }, signal);
    } catch (thrown) {
      // A network that gave way to another of its name is opened anew by the next look.
      if (of.kind === 'netuid') void asides.letGo(`${of.network}/${of.netuid}`);
      throw thrown;
    }
  }

  const isPractice = (id: Ss58): boolean => runs.originOf(id).kind === 'practice';

  return {
    async look(of) {
      const id = of.kind === 'run' ? (of.id as Ss58) : null;
      const last = id && !runs.live.has(id) ? picture.of(id) : null;
      if (id && last && isPractice(id)) return { ...last, isAsleep: true };
      const view = await lookedAt(of, await find(of));
      if (id && isPractice(id)) picture.keep(id, view);
      return view;
    },
    async mark(of, mark) {
      const { chain } = await find(of);
      return marks.set(storeOf(chain).chain, mark);
    },
    async list(network) {
      const share = await networks.open(addressOf(network), signal, true);
      try {
        const limit = withLimit(signal, LOOK_LIMIT_MS);
        return await share.network.allSubnets(share.network.money.newest().hash, limit);
      } finally {
        await share.release();
      }
    },
    async stop() {
      for (const unsubscribe of off) unsubscribe();
      for (const { stop } of watched.values()) stop();
      watched.clear();
      await asides.stop();
      await picture.settle();
    },
  };
}
