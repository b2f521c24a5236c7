import type { LiveRun } from './runs/live-run.ts';
import type { Runs } from './runs/runs.ts';
import type { SigningDesk } from './signing-desk.ts';
import { openUpdateDesk, type UpdateDesk } from './update-desk.ts';
import { fromSource, type Installer } from './updates/installer.ts';
import type { Quiet } from './updates/quiet.ts';
import { RELEASE_SOURCE } from './updates/release-key.ts';
import { APP_VERSION } from './version.ts';
import type { Told } from './view/told.ts';
import type { ViewKeeper } from './view/view-keeper.ts';

export interface UpdatesOf {
  readonly dataDir: string;
  /** How this installation comes to another version; left out: by other sources. */
  readonly installer: Installer | undefined;
  readonly runs: Pick<Runs, 'live'>;
  readonly signing: Pick<SigningDesk, 'waits' | 'onChange'>;
  readonly keeper: Pick<ViewKeeper, 'update'>;
  readonly told: Pick<Told, 'notice'>;
  log(line: string): void;
  readonly signal: AbortSignal;
}

/** The update desk of this host: its rounds and its signing window say when a moment is quiet. */
export const openUpdates = (host: UpdatesOf): Promise<UpdateDesk> =>
  openUpdateDesk({
    dataDir: host.dataDir,
    current: APP_VERSION,
    source: RELEASE_SOURCE,
    installer: host.installer ?? fromSource,
    quiet: quietOf(host),
    told: (updates) => host.keeper.update({ updates }),
    notice: host.told.notice,
    log: host.log,
    nowMs: Date.now,
    signal: host.signal,
  });

/** From its contribution on a run has said something that the others count on. */
const AVERAGING: ReadonlySet<string> = new Set([
  'ready',
  'reducing',
  'listing',
  'verifying',
  'awaiting-outcome',
]);

const isAveraging = ({ body }: Pick<LiveRun, 'body'>): boolean =>
  AVERAGING.has(body?.run.rounds.view?.phase ?? '');

/**
 * One that is held waits for something that may never come, and takes part in nothing; but one that was paused after its
 * contribution finishes that average.
 */
const takesPart = (one: Pick<LiveRun, 'body' | 'held'>): boolean =>
  one.held === null || (one.held.kind === 'paused' && isAveraging(one));

export const quietOf = ({ runs, signing }: Pick<UpdatesOf, 'runs' | 'signing'>): Quiet => ({
  runs: () =>
    [...runs.live.values()].filter(takesPart).map((one) => ({
      isAveraging: () => isAveraging(one),
      roundSettled: (signal) => one.roundSettled(signal),
    })),
  isSigning: () => signing.waits !== null,
  onSigning: (changed) => signing.onChange(changed),
});
