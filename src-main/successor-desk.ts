import { withLimit } from '../src-node/waits.ts';
import type { SuccessorView } from '../src-shared/contract/page/successor.ts';
import { AppError, toCodedError } from '../src-shared/errors/app-error.ts';
import { changedParts } from '../src-shared/profile/changed-parts.ts';
import { profileHash } from '../src-shared/profile/profile.ts';
import type { SettingValues } from '../src-shared/settings.ts';
import { shownStoreAddress } from '../src-shared/stores/store-address.ts';
import type { Ss58 } from '../src-shared/units.ts';
import type { FoundRun } from './join/find-run.ts';
import { findSuccession, type Succession } from './join/find-successor.ts';
import { SUCCESSOR_LOOK_LIMIT_MS, SUCCESSOR_LOOK_MS } from './join/limits.ts';
import { summaryOf } from './join/read-profile.ts';
import type { SeenAnnouncements } from './join/seen-announcements.ts';
import type { Networks } from './network/networks.ts';
import { endpointsOf } from './runs/chosen.ts';
import { NOTHING_PAID } from './runs/joined.ts';
import type { JoinedRun, RunOrigin } from './runs/kept-runs.ts';
import type { LiveRun } from './runs/live-run.ts';
import type { Runs } from './runs/runs.ts';
import type { Told } from './view/told.ts';
import type { ViewKeeper } from './view/view-keeper.ts';

export interface SuccessorDeskOptions {
  readonly runs: Runs;
  readonly networks: Pick<Networks, 'open'>;
  readonly seen: SeenAnnouncements;
  readonly keeper: Pick<ViewKeeper, 'updateRun'>;
  readonly told: Pick<Told, 'of'>;
  settings(): SettingValues;
  /** Resolves after so long, or when the signal aborts. */
  pause(pauseMs: number, signal: AbortSignal): Promise<void>;
  log(line: string): void;
}

/** Looks whether the owner announces a run that takes over from one of this host, and leads over to it when told so. */
export interface SuccessorDesk {
  /**
   * Ends a run and begins the one that follows it, with the same keys; nothing is paid for it. Looks first whether its
   * owner still announces it: minutes may have passed.
   * @param hash of the successor that its user looked at
   * @returns the run's id
   * @throws {AppError} SUCCESSOR_OTHER, RUN_UNKNOWN, NOT_NOW while it is led over already, CHAIN_UNREACHABLE, or as
   * beginning it
   */
  follow(id: Ss58, hash: string): Promise<Ss58>;
  stop(): Promise<void>;
}

interface Watched {
  readonly ending: AbortController;
  readonly done: Promise<void>;
}

/** From where to where. */
interface Leading {
  readonly origin: JoinedRun;
  readonly next: FoundRun;
}

export function openSuccessorDesk(options: SuccessorDeskOptions): SuccessorDesk {
  const { runs, keeper, told, log } = options;
  const watched = new Map<Ss58, Watched>();
  const successions = new Map<Ss58, Succession>();
  /** Runs that are being led over: the page and a terminal may both say so. */
  const leading = new Set<Ss58>();

  function watch(live: LiveRun): void {
    const origin = runs.originOf(live.id);
    if (origin.kind !== 'joined' || origin.beside || watched.has(live.id)) return;
    const ending = new AbortController();
    watched.set(live.id, { ending, done: keepLooking(live.id, origin, ending.signal) });
  }

  async function keepLooking(id: Ss58, origin: JoinedRun, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await look(id, origin, signal).catch((thrown: unknown) => {
        // A store that is down, or an announcement that lies, is no news of the run that works.
        if (!signal.aborted) log(`what follows ${id.slice(0, 8)}: ${toCodedError(thrown).code}`);
      });
      await options.pause(SUCCESSOR_LOOK_MS, signal);
    }
  }

  async function look(id: Ss58, origin: JoinedRun, signal: AbortSignal): Promise<Succession | null> {
    const limited = withLimit(signal, SUCCESSOR_LOOK_LIMIT_MS);
    const { consensus } = origin.profile;
    const address = { name: origin.networkName, endpoints: endpointsOf(origin, options.settings()) };
    const { network, release } = await options.networks.open(address, limited, true);
    try {
      const before = successions.get(id) ?? null;
      const found = await findSuccession({ network, consensus }, options.seen, before, limited);
      signal.throwIfAborted();
      if (found !== before) note(id, origin, found);
      return found;
    } finally {
      await release();
    }
  }

  function note(id: Ss58, { profile }: JoinedRun, found: Succession | null): void {
    if (found) successions.set(id, found);
    else successions.delete(id);
    const successor = found?.successor ?? null;
    keeper.updateRun(id, { successor: successor && shown(successor, profile) });
    const { notice, clearNotice } = told.of(id);
    if (successor)
      notice({
        code: 'RUN_SUCCEEDED',
        params: { run: profile.consensus.name, name: successor.profile.consensus.name },
      });
    else clearNotice('RUN_SUCCEEDED');
  }

  async function leave(id: Ss58): Promise<void> {
    const one = watched.get(id);
    watched.delete(id);
    successions.delete(id);
    one?.ending.abort();
    await one?.done;
  }

  /** @throws {AppError} SUCCESSOR_OTHER where it is announced no longer, or never was */
  async function successorNow(id: Ss58, origin: RunOrigin, hash: string): Promise<Leading> {
    const isNamed = (one: Succession | null): boolean =>
      one?.successor != null && profileHash(one.successor.profile.consensus) === hash;
    const ending = watched.get(id)?.ending;
    if (origin.kind === 'joined' && ending && isNamed(successions.get(id) ?? null)) {
      const found = await look(id, origin, ending.signal);
      if (found?.successor && isNamed(found)) return { origin, next: found.successor };
    }
    throw new AppError('SUCCESSOR_OTHER', { hash: hash.slice(0, 16) });
  }

  async function leadOver(id: Ss58, { origin, next }: Leading): Promise<Ss58> {
    await runs.end(id, 'now');
    try {
      return (await runs.start(ledOver(origin, next), NOTHING_PAID)).id;
    } catch (thrown) {
      // It is not left with neither.
      await runs.startAgain(id);
      throw thrown;
    }
  }

  const off = [
    runs.on('begun', (live) => live.on('working', () => watch(live))),
    runs.on('gone', ({ id }) => void leave(id)),
    runs.on('failed', ({ id }) => void leave(id)),
  ];

  return {
    async follow(id, hash) {
      const origin = runs.originOf(id);
      if (leading.has(id)) throw new AppError('NOT_NOW', { what: 'Going over', state: 'going over already' });
      leading.add(id);
      try {
        return await leadOver(id, await successorNow(id, origin, hash));
      } finally {
        leading.delete(id);
      }
    },
    async stop() {
      for (const unsubscribe of off) unsubscribe();
      await Promise.all([...watched.keys()].map(leave));
    },
  };
}

/** Another run in the place of the one before: whoever asked for that keeps keys, role, addresses and folders. */
function ledOver(origin: JoinedRun, { profile }: FoundRun): JoinedRun {
  const { consensus, local } = profile;
  // Of what no hash holds only peers to ask first are the other's.
  const { bootstrap } = local;
  return {
    ...origin,
    profile: { consensus, local: { ...origin.profile.local, bootstrap } },
    bootstrap: [...bootstrap],
  };
}

const shown = ({ profile, announcement }: FoundRun, before: JoinedRun['profile']): SuccessorView => ({
  // On the network of the run before, whatever its own file says of that.
  summary: { ...summaryOf(profile), mark: before.local.mark },
  changes: changedParts(before.consensus, profile.consensus),
  block: announcement.block,
  store: shownStoreAddress(announcement.store),
});
