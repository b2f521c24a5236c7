import { join } from 'node:path';
import { isThere } from '../src-node/is-there.ts';
import { within } from '../src-node/waits.ts';
import type {
  ReleaseOffered,
  UpdateDelay,
  UpdateState,
  UpdatesView,
} from '../src-shared/contract/page/updates.ts';
import { AppError, type CodedError, toCodedError } from '../src-shared/errors/app-error.ts';
import { type DownloadLimits, download, placeOf, tidyReleases, verifyFile } from './updates/download.ts';
import { type Release, readFeed } from './updates/feed.ts';
import { fetchFeed } from './updates/fetch-feed.ts';
import type { Installer } from './updates/installer.ts';
import { type KeptUpdates, openKept } from './updates/kept.ts';
import { CHECK_EVERY_MS, CHECK_FIRST_MS, HAND_OVER_LIMIT_MS, LOOK_EVERY_MS } from './updates/limits.ts';
import { offerOf } from './updates/offer.ts';
import { isQuiet, type Quiet, whenQuiet } from './updates/quiet.ts';
import type { ReleaseSource } from './updates/release-key.ts';
import { serveRelease } from './updates/serve-release.ts';
import { untilOf } from './updates/until.ts';
import { nextState, type UpdateEvent } from './updates/update-state.ts';
import { compareVersions } from './updates/version-order.ts';

export interface UpdateDeskOptions {
  readonly dataDir: string;
  readonly current: string;
  /** null: nobody can tell a release from a forgery, so updating is off. */
  readonly source: ReleaseSource | null;
  readonly installer: Installer;
  readonly quiet: Quiet;
  readonly downloadLimits?: DownloadLimits;
  told(view: UpdatesView): void;
  notice(error: CodedError): void;
  log(line: string): void;
  nowMs(): number;
  readonly signal: AbortSignal;
}

/** Looks for other versions of this app, and brings one when its user wants it. */
export interface UpdateDesk {
  readonly view: UpdatesView;
  /** Asks for the list of releases now. Resolves when that is done, whatever came of it. */
  check(): Promise<void>;
  /** @throws {AppError} UPDATE_NOTHING */
  putOff(delay: UpdateDelay): Promise<void>;
  /** Says no to this version; a later one is offered again. @throws {AppError} UPDATE_NOTHING */
  skip(): Promise<void>;
  offerAgain(): Promise<void>;
  /** Resolves when it lies here, verified, or is why not. @throws {AppError} UPDATE_NOTHING */
  download(): Promise<void>;
  /** Waits for a quiet moment, then ends the app and installs. @throws {AppError} UPDATE_NOTHING */
  install(): Promise<void>;
  /** Ends a download, or a wait for that moment. */
  cancel(): void;
  stop(): Promise<void>;
}

/** @throws {AppError} of the disk */
export async function openUpdateDesk(options: UpdateDeskOptions): Promise<UpdateDesk> {
  const { dataDir, current, source, installer, quiet, nowMs, log, signal } = options;
  const folder = join(dataDir, 'updates');
  const kept = await openKept(dataDir, options.notice);
  const stopping = new AbortController();
  const life = AbortSignal.any([signal, stopping.signal]);
  let state: UpdateState = { kind: 'none' };
  let checkedAtMs: number | null = null;
  let problem: CodedError | null = null;
  let release: Release | null = null;
  let checking: Promise<void> | null = null;
  let working: Promise<void> | null = null;
  let ending = new AbortController();

  const view = (): UpdatesView => ({
    ...{ hasKey: source !== null, way: installer.way, checkedAtMs, problem, state },
  });
  const show = () => options.told(view());
  function happen(event: UpdateEvent): void {
    state = nextState(state, event);
    show();
  }

  await lookBack(kept, options);
  show();

  async function lookForRelease({ key, feed }: ReleaseSource): Promise<void> {
    const found = readFeed(await fetchFeed(feed, life), key);
    const { installationId, serial } = kept.value;
    // Before anything is made of it, whatever it says: from here on an older list is a replay, after a crash too.
    if (found.serial > serial) await kept.note({ serial: found.serial });
    const offered = offerOf(found, { current, installationId, serial, nowMs: nowMs() });
    if (working) return;
    release = offered && hasFile(offered, installer) ? offered : null;
    happen({ kind: 'offered', release: release && offeredOf(release, installer) });
    if (release) await recall(release);
    else await tidyReleases(folder, null);
  }

  /** What was decided of it before, or is here of it already. */
  async function recall(found: Release): Promise<void> {
    const { skipped, putOff } = kept.value;
    const wanted = wantedOf(found);
    if (wanted) await tidyReleases(folder, wanted);
    // The person may have begun meanwhile.
    if (working) return;
    if (skipped === found.version) return happen({ kind: 'skip' });
    if (putOff?.version === found.version && putOff.untilMs > nowMs())
      return happen({ kind: 'put-off', untilMs: putOff.untilMs });
    if (state.kind !== 'available' || !wanted || !(await isThere(placeOf(wanted)))) return;
    await verifyFile(placeOf(wanted), wanted, life);
    if (working) return;
    happen({ kind: 'download' });
    happen({ kind: 'verified' });
  }

  async function checkNow(): Promise<void> {
    if (!source) return;
    try {
      await lookForRelease(source);
      problem = null;
    } catch (thrown) {
      problem = toCodedError(thrown);
      log(`updates: ${problem.code}`);
    } finally {
      checkedAtMs = nowMs();
      checking = null;
      show();
    }
  }

  function wantedOf(of: Release) {
    const file = installer.target && of.files[installer.target];
    return file ? { version: of.version, file, folder } : null;
  }

  /** @throws {AppError} UPDATE_NOTHING */
  function wantedNow() {
    const wanted = release && wantedOf(release);
    if (!wanted || !source) throw new AppError('UPDATE_NOTHING');
    return { ...wanted, address: new URL(encodeURIComponent(wanted.file.name), source.feed).href };
  }

  /** One thing at a time (`demandIdle`); how it ends shows in the state. */
  function work(what: (until: AbortSignal) => Promise<void>): Promise<void> {
    ending = new AbortController();
    const until = AbortSignal.any([life, ending.signal]);
    working = what(until)
      .catch((thrown: unknown) => {
        const error = toCodedError(thrown);
        if (error.code === 'INTERNAL') log(`updates: ${(thrown as Error)?.stack}`);
        happen(until.aborted ? { kind: 'cancelled' } : { kind: 'failed', error });
      })
      .finally(() => {
        working = null;
      });
    return working;
  }

  async function fetchRelease(until: AbortSignal): Promise<void> {
    const wanted = wantedNow();
    await kept.note({ skipped: null, putOff: null });
    await download(wanted, (bytes) => happen({ kind: 'came', bytes }), until, options.downloadLimits);
    happen({ kind: 'verified' });
  }

  async function installRelease(until: AbortSignal): Promise<void> {
    const wanted = wantedNow();
    const path = placeOf(wanted);
    const waits = (waitsFor: 'round' | 'signing' | null) => happen({ kind: 'waits', waitsFor });
    await whenQuiet(quiet, waits, until);
    waits(null);
    await verifyFile(path, wanted, until);
    const served = await serveRelease(path, wanted.version, wanted.file);
    const finish = await within(
      installer.take(served.address, wanted.version, until),
      'the installer',
      HAND_OVER_LIMIT_MS,
      until,
    ).finally(() => served.stop());
    // Taking it over took a while, in which another round may have come to its average.
    do {
      await whenQuiet(quiet, waits, until);
      await kept.note({ installing: wanted.version });
    } while (!isQuiet(quiet));
    waits(null);
    log(`updates: ${current} ends, and ${wanted.version} is installed`);
    finish();
  }

  /** @throws {AppError} UPDATE_NOTHING */
  function demandIdle(): void {
    if (working) throw new AppError('UPDATE_NOTHING');
  }

  function demand(kinds: readonly UpdateState['kind'][]): string {
    if (!kinds.includes(state.kind) || !release) throw new AppError('UPDATE_NOTHING');
    return release.version;
  }
  const open = ['available', 'deferred', 'ready', 'failed'] as const;

  function look(): void {
    const { putOff } = kept.value;
    if (state.kind === 'deferred' && putOff && putOff.untilMs <= nowMs()) happen({ kind: 'offer-again' });
    if (source && nowMs() - (checkedAtMs ?? 0) >= CHECK_EVERY_MS) void check();
  }
  const check = () => (checking ??= checkNow());
  const timers = source
    ? [setTimeout(() => void check(), CHECK_FIRST_MS), setInterval(look, LOOK_EVERY_MS)]
    : [];
  for (const timer of timers) timer.unref();

  return {
    get view() {
      return view();
    },
    check,
    async putOff(delay) {
      const version = demand(open);
      const untilMs = untilOf(delay, nowMs());
      await kept.note({ putOff: { version, untilMs } });
      happen({ kind: 'put-off', untilMs });
    },
    async skip() {
      await kept.note({ skipped: demand(open), putOff: null });
      happen({ kind: 'skip' });
    },
    async offerAgain() {
      demand(['skipped', 'deferred']);
      await kept.note({ skipped: null, putOff: null });
      happen({ kind: 'offer-again' });
    },
    async download() {
      demand([...open, 'skipped']);
      demandIdle();
      wantedNow();
      happen({ kind: 'download' });
      await work(fetchRelease);
    },
    async install() {
      demand(['ready']);
      demandIdle();
      happen({ kind: 'install' });
      await work(installRelease);
    },
    cancel: () => ending.abort(new AppError('CANCELLED')),
    async stop() {
      for (const timer of timers) clearTimeout(timer);
      stopping.abort();
      await Promise.allSettled([checking, working]);
    },
  };
}

/** What the last start was to end as: it did, or that is told. */
async function lookBack(
  kept: KeptUpdates,
  { current, notice, log }: Pick<UpdateDeskOptions, 'current' | 'notice' | 'log'>,
): Promise<void> {
  const { installing } = kept.value;
  if (installing === null) return;
  await kept.note({ installing: null });
  if (compareVersions(current, installing) >= 0) log(`updates: this is ${current} now`);
  else notice({ code: 'UPDATE_NOT_INSTALLED', params: { version: installing, current } });
}

/** A release without a file for this installation is none for it. */
const hasFile = (release: Release, { target }: Installer): boolean =>
  target === null || release.files[target] !== undefined;

function offeredOf({ version, publishedAtMs, notes, files }: Release, { target }: Installer): ReleaseOffered {
  return { version, publishedAtMs, notes, bytes: (target && files[target]?.bytes) || null };
}
