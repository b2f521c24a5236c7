import { join } from 'node:path';
import { stopStack } from '../src-node/stop-stack.ts';
import type { HostApi, UiApi } from '../src-shared/contract/page/api.ts';
import type { CodedError } from '../src-shared/errors/app-error.ts';
import type { Ss58 } from '../src-shared/units.ts';
import { openDataFolder } from './data-folder.ts';
import { hostApi } from './host-api.ts';
import { type JoinOrder, openJoinDesk } from './join-desk.ts';
import { captureConsole, captureUnexpected } from './log-capture.ts';
import { openLogFile } from './log-file.ts';
import { watchClock } from './network/clock-watch.ts';
import { openNetworks } from './network/networks.ts';
import { PRACTICE_STOP_MS } from './practice/limits.ts';
import { type Practice, planPractice } from './practice/practice.ts';
import { PRACTICE_NETWORK } from './practice/profile.ts';
import { startOver } from './practice/start-over.ts';
import { wasPractising } from './practice/was-practising.ts';
import { type Consent, NOTHING_PAID, planJoined } from './runs/joined.ts';
import { keptRunsFile, type RunOrigin } from './runs/kept-runs.ts';
import { openRuns, type Runs } from './runs/runs.ts';
import { openSettings } from './settings/settings-file.ts';
import { openStore } from './store/store.ts';
import { APP_VERSION } from './version.ts';
import { watchAway } from './view/away.ts';
import { showRuns } from './view/show-runs.ts';
import { tellPeople } from './view/told.ts';
import { eventOf } from './view/told-events.ts';
import { ViewKeeper } from './view/view-keeper.ts';

export interface HostConfig {
  readonly dataDir: string;
  readonly shell: 'web' | 'electron';
  readonly adversary: 'free-rider' | null;
  /** Set in each child's environment beside the allow-list; empty but in a bench or a test (a false clock). */
  readonly extraEnv: Readonly<Record<string, string>>;
  /** Whether the log goes to the terminal too. */
  readonly echoLog: boolean;
  /** The page asked for the end of everything. */
  askToEnd(): void;
}

/** The host without any shell: services, the one view, and what a page may ask of it. */
export interface Host {
  readonly api: HostApi;
  readonly dataDir: string;
  readonly runs: Runs;
  /** Joins a page to the view. @returns what to call when it is gone. */
  connect(ui: UiApi): () => void;
  /** Resolves with the practice once every part of it runs. */
  practice(): Promise<Practice>;
  join(order: JoinOrder): Promise<Ss58>;
  /** Goes on with what ran when the host last ended. */
  goOn(): Promise<void>;
  noteProblem(problem: unknown): void;
  /** Something that a shell goes on without. */
  notice(error: CodedError): void;
  stop(): Promise<void>;
}

/** @throws {AppError} when the data folder or a database cannot be used. */
export async function startHost(config: HostConfig): Promise<Host> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const folder = await openDataFolder(config.dataDir);
  const logFile = await openLogFile(folder.path, { echo: config.echoLog });
  const log = (line: string) => logFile.write(line);
  const started = stopStack({
    limitMs: PRACTICE_STOP_MS,
    onProblem: (name, problem) => log(`${name} did not stop cleanly: ${problem}`),
  });
  started.push('data folder', () => folder.release());
  started.push('log', () => logFile.stop());
  started.push('console', captureConsole(log));
  started.push('unexpected failures', captureUnexpected(log));
  log(`Butterfly ${APP_VERSION} starts, process ${process.pid}, ${process.platform} ${process.arch}`);
  try {
    return await compose();
  } catch (error) {
    await started.stop();
    throw error;
  }

  async function compose(): Promise<Host> {
    const dataDir = folder.path;
    const keeper = new ViewKeeper({ version: APP_VERSION, shell: config.shell, dataDir });
    started.push('view', () => keeper.stop());
    const told = tellPeople(keeper, log);
    const settings = await openSettings(dataDir);
    keeper.update({ settings: settings.values });
    settings.onChange(() => keeper.update({ settings: settings.values }));
    const store = await openStore({ dataDir, onProblem: told.problem, onRecovered: told.clearNotice });
    started.push('store', () => store.stop());
    told.on('noted', (notice) => store.add('event', eventOf(notice)));
    for (const notice of [...folder.notices, ...settings.notices, ...store.notices]) told.notice(notice);

    const networks = openNetworks(log);
    started.push('networks', () => networks.stop());
    const showClock = (offByMs: number | null) =>
      keeper.update({ clock: offByMs === null ? null : { offByMs } });
    started.push('clock', watchClock(networks, showClock));
    const practiceFolder = join(dataDir, 'practice');
    const chosen = () => settings.values;
    const services = { networks, store, extraEnv: config.extraEnv, noticesOf: told.of, log };
    const planOf = (origin: RunOrigin, consent: Consent) =>
      origin.kind === 'practice'
        ? planPractice(
            {
              ...services,
              folder: practiceFolder,
              adversary: config.adversary,
              threads: chosen()['training.threads'] || 1,
            },
            store.continuesAt,
          )
        : planJoined(
            origin,
            consent,
            {
              ...services,
              dataDir,
              settings: chosen,
              onStaked: (run, outcome) => told.note('info', outcome, run),
            },
            store.continuesAt,
          );
    const file = keptRunsFile(dataDir, told.notice);
    const folderOf = ({ kind }: RunOrigin) => (kind === 'practice' ? practiceFolder : join(dataDir, 'runs'));
    const runs = await openRuns({ file, planOf, folderOf, log, signal });
    started.push('runs', () => runs.stop());
    started.push('shown runs', showRuns(runs, keeper, told));
    const away = await watchAway(dataDir, { store, keeper, told });
    started.push('away', () => away.leave());
    runs.on(
      'begun',
      (live) => void live.begun.then((body) => away.add(live.id, body)).catch(() => undefined),
    );
    const joining = openJoinDesk({
      dataDir,
      networks,
      runs,
      keeper,
      settings: chosen,
      signal,
    });
    const { askToEnd } = config;
    const api = hostApi({
      ...{ keeper, settings, store, runs, joining, away, told, logFile, askToEnd, signal },
      startOver: (id) => startOver(runs, id, practiceFolder),
    });

    return {
      api,
      dataDir,
      runs,
      connect: away.whileLooked((ui: UiApi) => keeper.connect(ui)),
      async practice() {
        const known = [...runs.live.values()].find(({ facts }) => facts.network === PRACTICE_NETWORK);
        const live = known ?? (await runs.start({ kind: 'practice' }, NOTHING_PAID));
        return (await live.begun) as Practice;
      },
      join: (order) => joining.join(order),
      async goOn() {
        if (runs.isFresh && (await wasPractising(dataDir)))
          await runs.start({ kind: 'practice' }, NOTHING_PAID);
        else await runs.goOn();
      },
      noteProblem: told.problem,
      notice: told.notice,
      stop() {
        stopping.abort();
        return started.stop();
      },
    };
  }
}
