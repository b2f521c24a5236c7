import { join } from 'node:path';
import type { RunLogState } from '../src-shared/contract/page/run-logs.ts';
import { AppError, type CodedError, toCodedError } from '../src-shared/errors/app-error.ts';
import type { ErrorCode } from '../src-shared/errors/catalogue.ts';
import type { SettingValues } from '../src-shared/settings.ts';
import { placeOf } from './data-folder/place.ts';
import { AWAY_FAILURES } from './publishing/run-logs/limits.ts';
import { needsPerson } from './publishing/run-logs/retry.ts';
import type { RunLogs } from './publishing/run-logs/run-logs.ts';
import type { ToldRun } from './publishing/run-logs/targets.ts';
import type { LiveRun } from './runs/live-run.ts';
import type { RunBody } from './runs/plan.ts';
import type { Runs } from './runs/runs.ts';
import type { Settings } from './settings/settings-file.ts';
import type { Store } from './store/store.ts';
import type { Tokens } from './vault/tokens.ts';
import { APP_VERSION } from './version.ts';
import type { Told } from './view/told.ts';
import type { ViewKeeper } from './view/view-keeper.ts';

export interface RunLogDeskOptions {
  readonly logs: Pick<RunLogs, 'begin'>;
  readonly runs: Pick<Runs, 'on'>;
  readonly store: Pick<Store, 'runLog'>;
  readonly settings: Pick<Settings, 'values'>;
  readonly keeper: Pick<ViewKeeper, 'updateRun'>;
  readonly told: Pick<Told, 'note' | 'of'>;
  log(line: string): void;
}

/** Every run of the host told to other programs while it lives, with what its user should hear of that. */
export interface RunLogDesk {
  stop(): Promise<void>;
}

export function openRunLogDesk({
  logs,
  runs,
  store,
  settings,
  keeper,
  told,
  log,
}: RunLogDeskOptions): RunLogDesk {
  const telling = new Map<string, () => Promise<void>>();

  async function begin(live: LiveRun): Promise<void> {
    const body = await live.begun;
    const run = await toldRun(live, body, store);
    if (!run || telling.has(live.id) || live.held?.kind === 'stopping') return;
    const notices = runLogNotices(
      (error) => told.note('attention', error, live.id),
      told.of(live.id).clearNotice,
    );
    const stop = logs.begin(run, {
      told(states) {
        keeper.updateRun(live.id, { logs: states });
        notices.hear(states);
      },
      stopped() {
        const pauses = settings.values['logs.wandbStop'] === 'pause';
        if (pauses) live.pause(null).catch((error: unknown) => log(`run logs: ${error}`));
        const code = pauses ? 'WANDB_STOPPED_PAUSES' : 'WANDB_STOPPED_GOES_ON';
        told.note('attention', { code, params: {} }, live.id);
      },
    });
    telling.set(live.id, stop);
  }

  async function end(id: string): Promise<void> {
    const stop = telling.get(id);
    telling.delete(id);
    await stop?.();
  }
  const quietly = (work: Promise<void>) =>
    void work.catch((error: unknown) => {
      if (toCodedError(error).code !== 'CANCELLED') log(`run logs: ${error}`);
    });

  const off = [
    runs.on('begun', (live) => quietly(begin(live))),
    runs.on('gone', ({ id }) => quietly(end(id))),
    runs.on('failed', ({ id }) => quietly(end(id))),
  ];
  return {
    async stop() {
      for (const unsubscribe of off) unsubscribe();
      await Promise.all([...telling.keys()].map(end));
    },
  };
}

/** Where event files lie, as settings have it. */
export function eventsRoot(dataDir: string, values: SettingValues): string {
  const chosen = values['logs.tensorBoardFolder'];
  return chosen === '' ? join(dataDir, 'tensorboard') : placeOf(chosen);
}

/** The key of Weights & Biases, by the name that it has among tokens. */
const WANDB_TOKEN = 'wandb';

/** @throws {AppError} WANDB_NO_KEY, TOKEN_LOCKED, or of the disk */
export async function wandbKey(tokens: Pick<Tokens, 'reveal'>): Promise<string> {
  try {
    return (await tokens.reveal(WANDB_TOKEN, 'wandb')).apiKey;
  } catch (thrown) {
    throw toCodedError(thrown).code === 'TOKEN_UNKNOWN' ? new AppError('WANDB_NO_KEY', {}, thrown) : thrown;
  }
}

/** null for a run that the store does not know, which then has no rows. */
async function toldRun(
  { id, facts }: LiveRun,
  { run }: RunBody,
  { runLog }: Pick<Store, 'runLog'>,
): Promise<ToldRun | null> {
  const stored = (await runLog.runs()).find(({ runId }) => runId === run.storeId);
  if (!stored) return null;
  return {
    ...{ storeId: run.storeId, startedMs: stored.startedMs, hotkey: id, uid: run.uid, role: facts.role },
    peerId: run.swarm.ready.peerId,
    ...{
      profile: facts.profile,
      profileHash: facts.profileHash,
      network: facts.network,
      netuid: facts.netuid,
    },
    ...{ appVersion: APP_VERSION, model: run.config.profile.consensus.model },
  };
}

/** What of states a person is told, once each, and that it is over. */
export function runLogNotices(
  note: (error: CodedError) => void,
  clear: (code: ErrorCode) => void,
): { hear(states: readonly RunLogState[]): void } {
  let said = new Map<ErrorCode, CodedError>();
  return {
    hear(states) {
      const now = new Map(
        states.flatMap((state) => noticeOf(state) ?? []).map((error) => [error.code, error]),
      );
      for (const [code, error] of now) if (!said.has(code)) note(error);
      for (const code of said.keys()) if (!now.has(code)) clear(code);
      said = now;
    },
  };
}

function noticeOf({ kind, problem, failures, failedSinceMs }: RunLogState): CodedError | null {
  if (!problem) return null;
  if (needsPerson(problem)) return problem;
  if (failures < AWAY_FAILURES) return null;
  if (kind === 'wandb') {
    const since = new Date(failedSinceMs ?? 0).toISOString().slice(11, 16);
    return { code: 'WANDB_AWAY', params: { since } };
  }
  return problem;
}
