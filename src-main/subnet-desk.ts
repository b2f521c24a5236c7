import type { RunId } from '../src-shared/contract/page/sections.ts';
import type { OwnMark, SubnetView } from '../src-shared/contract/page/subnet.ts';
import { AppError } from '../src-shared/errors/app-error.ts';
import { profileHash, runTagOf } from '../src-shared/profile/profile.ts';
import type { SettingValues } from '../src-shared/settings.ts';
import type { Ss58 } from '../src-shared/units.ts';
import { runFolder } from './data-folder.ts';
import { LOOKED_AT_MS } from './economy/limits.ts';
import { lookAtSubnet, type Subject, type SubnetLook } from './economy/look.ts';
import { openMarks } from './economy/marks.ts';
import { recordSubnet } from './economy/record.ts';
import { placeFile } from './join/register.ts';
import type { ConnectedChain } from './network/client.ts';
import type { NetworkShare, Networks } from './network/networks.ts';
import { endpointsOf } from './runs/chosen.ts';
import type { JoinedRun } from './runs/kept-runs.ts';
import type { LiveRun } from './runs/live-run.ts';
import type { RunBody } from './runs/plan.ts';
import type { Runs } from './runs/runs.ts';
import type { Store } from './store/store.ts';
import type { Told } from './view/told.ts';

/** Where a page asks about the subnet of a run, working or stopped. */
export interface SubnetDesk {
  /** @throws {AppError} RUN_UNKNOWN, SUBNET_ASLEEP, CHAIN_UNREACHABLE */
  look(id: RunId): Promise<SubnetView>;
  /** What its user thinks of it, 0 to 10; null takes it back. @throws {AppError} as `look`, or of the disk */
  mark(id: RunId, mark: number | null): Promise<OwnMark | null>;
  stop(): Promise<void>;
}

/** A subnet that is looked at, with all who do. */
interface Watched {
  readonly look: SubnetLook;
  readonly users: Set<Ss58>;
  stop(): void;
}

/** The subnet of a run that does not work: its network is opened for the look, and let go some time after. */
interface Aside {
  readonly share: NetworkShare;
  readonly chain: ConnectedChain;
  readonly look: SubnetLook;
  timer: NodeJS.Timeout | undefined;
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
  const asides = new Map<Ss58, Promise<Aside>>();

  const storeOf = ({ genesisHash, netuid }: ConnectedChain) => store.subnet(genesisHash, netuid);

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

  async function openAside(origin: JoinedRun): Promise<Aside> {
    const endpoints = endpointsOf(origin, host.settings());
    const share = await networks.open({ name: origin.networkName, endpoints }, signal);
    try {
      // Whatever is there now is shown; that it is not what was joined is said beside it.
      const anything = { name: null, ownerColdkey: null };
      const chain = await share.subnet(origin.profile.consensus.chain.netuid, anything, signal);
      return { share, chain, look: lookAtSubnet(chain, storeOf(chain), nowMs), timer: undefined };
    } catch (thrown) {
      await share.release();
      throw thrown;
    }
  }

  function asideOf(id: Ss58, origin: JoinedRun): Promise<Aside> {
    const known = asides.get(id);
    if (known) return known;
    const opening = openAside(origin);
    asides.set(id, opening);
    opening.catch(() => asides.get(id) === opening && asides.delete(id));
    return opening;
  }

  async function letGo(id: Ss58): Promise<void> {
    const aside = await asides.get(id)?.catch(() => null);
    asides.delete(id);
    clearTimeout(aside?.timer);
    await aside?.share.release();
  }

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
    const aside = await asideOf(id, origin);
    clearTimeout(aside.timer);
    aside.timer = setTimeout(() => void letGo(id), LOOKED_AT_MS).unref();
    const { consensus } = origin.profile;
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

  const find = async (id: RunId): Promise<Found> => findLive(id as Ss58) ?? (await findStopped(id as Ss58));

  return {
    async look(id) {
      const { chain, look, subject } = await find(id);
      return look.at({ ...subject, mark: marks.of(storeOf(chain).chain) }, signal);
    },
    async mark(id, mark) {
      const { chain } = await find(id);
      return marks.set(storeOf(chain).chain, mark);
    },
    async stop() {
      for (const unsubscribe of off) unsubscribe();
      for (const { stop } of watched.values()) stop();
      watched.clear();
      await Promise.all([...asides.keys()].map(letGo));
    },
  };
}
