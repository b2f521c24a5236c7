import { join } from 'node:path';
import * as v from 'valibot';
import { durableJson } from '../src-node/durable-json.ts';
import type { Notices } from '../src-node/notices.ts';
import { stopStack } from '../src-node/stop-stack.ts';
import type { HostApi, UiApi } from '../src-shared/contract/page/api.ts';
import type { SetupStep } from '../src-shared/contract/page/runs.ts';
import { AppError, type CodedError, toCodedError } from '../src-shared/errors/app-error.ts';
import type { ErrorCode } from '../src-shared/errors/catalogue.ts';
import type { WorkerState } from '../src-shared/states.ts';
import type { Ss58 } from '../src-shared/units.ts';
import { openDataFolder } from './data-folder.ts';
import { captureConsole, captureUnexpected } from './log-capture.ts';
import { openLogFile } from './log-file.ts';
import { PRACTICE_STOP_MS } from './practice/limits.ts';
import { type Practice, startPractice } from './practice/practice.ts';
import { openSettings } from './settings/settings-file.ts';
import { openStore } from './store/store.ts';
import { APP_VERSION } from './version.ts';
import { type Showing, showRun } from './view/show-run.ts';
import { ViewKeeper } from './view/view-keeper.ts';

const EVIDENCE_SHOWN = 100;

export interface HostConfig {
  readonly dataDir: string;
  readonly shell: 'web' | 'electron';
  readonly adversary: 'free-rider' | null;
  /** Whether the log goes to the terminal too. */
  readonly echoLog: boolean;
}

/** The host without any shell: services, the one view, and what a page may ask of it. */
export interface Host {
  readonly api: HostApi;
  readonly dataDir: string;
  /** Joins a page to the view. @returns what to call when it is gone. */
  connect(ui: UiApi): () => void;
  /** Resolves with the practice once every part of it runs. */
  practice(): Promise<Practice>;
  /** Goes on with what the user chose before, if anything. */
  resumeChosen(): Promise<void>;
  noteProblem(problem: unknown): void;
  stop(): Promise<void>;
}

const chosenSchema = v.object({ run: v.picklist(['practice']) });

/** @throws {AppError} when the data folder or a database cannot be used. */
export async function startHost(config: HostConfig): Promise<Host> {
  const stopping = new AbortController();
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
    const settings = await openSettings(folder.path);
    const keeper = new ViewKeeper({ version: APP_VERSION, shell: config.shell, dataDir: folder.path });
    started.push('view', () => keeper.stop());
    const store = await openStore({ dataDir: folder.path, onProblem: noteProblem, onRecovered: unnote });
    started.push('store', () => store.stop());
    keeper.update({ settings: settings.values });
    settings.onChange(() => keeper.update({ settings: settings.values }));
    for (const notice of [...folder.notices, ...settings.notices, ...store.notices])
      note('attention', notice);

    const notices: Notices = {
      notice: (error) => note('attention', error),
      clearNotice: (code) => unnote(code),
    };
    const chosenFile = durableJson({
      path: join(folder.path, 'chosen.json'),
      schema: chosenSchema,
      told: notices.notice,
    });
    let practising: Promise<Practice> | undefined;
    let running: Practice | undefined;
    let showing: Showing | undefined;
    let gaveUp: WorkerState | undefined;
    /** The practice's run, once its hotkey is there. */
    let runId: Ss58 | undefined;
    let setup: readonly SetupStep[] = [];
    let pause: { readonly state: WorkerState; readonly timer: NodeJS.Timeout | null } | undefined;

    function note(level: 'info' | 'attention' | 'fault', error: CodedError): void {
      const id = `${error.code}-${keeper.view.notices.length}-${Date.now()}`;
      const { code, params } = error;
      log(`${level}: ${new AppError(code, params).message}`);
      const others = keeper.view.notices.filter((one) => one.error.code !== code);
      keeper.update({ notices: [...others, { id, level, error: { code, params }, atMs: Date.now() }] });
    }

    function unnote(code: ErrorCode): void {
      keeper.update({ notices: keeper.view.notices.filter((one) => one.error.code !== code) });
    }

    function noteProblem(problem: unknown): void {
      log(String(problem instanceof AppError ? problem.message : (problem as Error)?.stack));
      note('fault', toCodedError(problem));
    }

    async function begin(): Promise<Practice> {
      gaveUp = undefined;
      try {
        const practice = await startPractice({
          folder: join(folder.path, 'practice'),
          adversary: config.adversary,
          store,
          setup(steps) {
            setup = steps;
            if (runId) keeper.updateRun(runId, { setup });
          },
          chosen(hotkey, facts) {
            runId = hotkey;
            keeper.beginRun(hotkey, facts);
            keeper.updateRun(hotkey, { setup, worker: { kind: 'preparing' } });
          },
          gaveUp(error) {
            noteProblem(error);
            gaveUp = { kind: 'failed', error: toCodedError(error) };
            if (runId) keeper.updateRun(runId, { worker: gaveUp });
          },
          notices,
          log,
          signal: stopping.signal,
        });
        running = practice;
        showing = showRun(practice.run, keeper, () => gaveUp ?? pause?.state ?? null);
        practice.run.swarm.on('peer', ({ hotkey, peerId }) => {
          if (hotkey === practice.run.hotkey)
            note('fault', new AppError('HOTKEY_LIVE_ELSEWHERE', { peer: peerId }));
        });
        await chosenFile.write({ run: 'practice' });
        return practice;
      } catch (error) {
        await endPractice();
        if (!stopping.signal.aborted) {
          noteProblem(error);
          // Back to the first page: the notice says what was wrong, and the button tries again.
          if (runId) keeper.endRun(runId);
        }
        practising = undefined;
        throw error;
      }
    }

    async function endPractice(): Promise<void> {
      showing?.stop();
      await running?.stop();
      running = undefined;
      showing = undefined;
    }
    // One that is still starting sees the abort; its end is waited for, or its parts would outlive the store.
    started.push('practice', async () => {
      await practising?.catch(() => undefined);
      await endPractice();
    });

    function practice(): Promise<Practice> {
      practising ??= begin();
      return practising;
    }

    async function resume(): Promise<void> {
      if (pause?.timer) clearTimeout(pause.timer);
      pause = undefined;
      await running?.run.rounds.setActive(true);
      if (showing && runId) keeper.updateRun(runId, { worker: gaveUp ?? showing.status });
    }

    const api: HostApi = {
      view: async () => keeper.view,
      // Progress and failure show in the view; the page need not wait for minutes.
      startPractice: async () => void practice().catch(() => undefined),
      async pauseRun(id, minutes) {
        if (!running || id !== runId)
          throw new AppError('NOT_NOW', { what: 'A pause', state: keeper.run(id)?.worker.kind ?? 'stopped' });
        if (pause?.timer) clearTimeout(pause.timer);
        const untilMs = minutes === null ? null : Date.now() + minutes * 60_000;
        const timer =
          minutes === null ? null : setTimeout(() => void resume().catch(noteProblem), minutes * 60_000);
        pause = { state: { kind: 'paused', reason: 'user', untilMs }, timer };
        await running.run.rounds.setActive(false);
        keeper.updateRun(id, { worker: pause.state, activity: { kind: 'paused' } });
      },
      resumeRun: resume,
      stopRun: notYet('Stopping'),
      keepRunning: notYet('Going on'),
      startRun: notYet('Starting'),
      startOver: notYet('Starting over'),
      quit: notYet('Quitting'),
      testEndpoint: notYet('Testing an endpoint'),
      readProfile: notYet('Reading a profile'),
      quoteJoin: notYet('Joining'),
      join: notYet('Joining'),
      async setSetting(id, value) {
        await settings.set(id, value);
      },
      series: async (id, name, points) =>
        running && id === runId ? store.series(running.run.runId, name, points) : [],
      evidence: async (_id, hotkey) => (await evidenceOf(hotkey)) ?? [],
      async dismissNotice(id) {
        keeper.update({ notices: keeper.view.notices.filter((notice) => notice.id !== id) });
      },
      dismissAway: async () => keeper.update({ away: null }),
      logTail: notYet('Reading the log'),
    };
    started.push('pause', () => pause?.timer && clearTimeout(pause.timer));

    const evidenceOf = (hotkey: string) => store.evidence(hotkey, EVIDENCE_SHOWN);

    return {
      api,
      dataDir: folder.path,
      connect: (ui) => keeper.connect(ui),
      practice,
      async resumeChosen() {
        const chosen = await chosenFile.read();
        if (chosen) await practice();
      },
      noteProblem,
      stop() {
        stopping.abort();
        if (runId) keeper.updateRun(runId, { worker: { kind: 'stopping' } });
        return started.stop();
      },
    };
  }
}

/** A call that this version does not answer yet. */
const notYet = (what: string) => async (): Promise<never> => {
  throw new AppError('NOT_NOW', { what, state: 'running' });
};
