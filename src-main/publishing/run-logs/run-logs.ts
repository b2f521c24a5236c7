import { within } from '../../../src-node/waits.ts';
import type { RunLogState } from '../../../src-shared/contract/page/run-logs.ts';
import { WANDB_PUBLIC } from '../../../src-shared/run-logs/wandb-names.ts';
import type { SettingId, SettingValues } from '../../../src-shared/settings.ts';
import type { RunLogStore } from '../../store/run-log-store.ts';
import type { SharedPublish } from '../shared-publish.ts';
import { doorOf } from './door.ts';
import { type Exporter, type ExporterOptions, startExporter } from './exporter.ts';
import { KEY_TEST_LIMIT_MS, TENSORBOARD_EVERY_MS, WANDB_EVERY_MS, WANDB_QUIET_TURNS } from './limits.ts';
import { eventsPlan, type ToldRun, wandbPlan } from './targets.ts';
import type { RunLogDoor } from './telling.ts';

export interface RunLogsOptions {
  readonly store: RunLogStore;
  readonly publish: Pick<SharedPublish, 'client'>;
  readonly settings: {
    readonly values: SettingValues;
    onChange(listener: (id: SettingId) => void): () => void;
  };
  /** Below it lie the event files of all runs, as settings have it now. */
  eventsRoot(): string;
  /** The user's key of Weights & Biases. @throws {AppError} where there is none, or it does not open */
  keyOf(): Promise<string>;
  log(line: string): void;
  readonly signal: AbortSignal;
}

/** Who hears how far a run's telling is. */
export interface RunLogListener {
  told(states: readonly RunLogState[]): void;
  /** Somebody pressed Stop at Weights & Biases. */
  stopped(): void;
}

/** The runs of this host told to other programs, as settings have it. */
export interface RunLogs {
  /** Tells a run from now on. @returns what ends it: the run is over, or goes on at the host's next start */
  begin(run: ToldRun, listener: RunLogListener): () => Promise<void>;
  /** Whose account the key opens, asked of the service itself. @throws {AppError} as the service refuses */
  testKey(): Promise<{ readonly entity: string }>;
  /** The key changed: what waits for it is tried at once. */
  keyChanged(): void;
  stop(): Promise<void>;
}

export function openRunLogs(options: RunLogsOptions): RunLogs {
  const { publish, settings, signal } = options;
  const telling = new Map<ToldRun, ToldTargets>();
  let tests = 0;

  const off = settings.onChange((id) => {
    if (id.startsWith('logs.')) for (const one of telling.values()) one.follow();
  });

  return {
    begin(run, listener) {
      const one = tellRun(run, listener, options, doorOf(publish, run.hotkey));
      telling.set(run, one);
      return async () => {
        telling.delete(run);
        await one.stop();
      };
    },
    async testKey() {
      const access = {
        baseUrl: settings.values['logs.wandbUrl'] || WANDB_PUBLIC,
        apiKey: await options.keyOf(),
      };
      const client = await publish.client(signal);
      const asked = client.call('log.test', { job: `log-test-${++tests}`, access }, signal);
      const answer = await within(asked, 'the test of the key', KEY_TEST_LIMIT_MS, signal);
      for (const one of telling.values()) one.poke();
      return answer;
    },
    keyChanged() {
      for (const one of telling.values()) one.poke();
    },
    async stop() {
      off();
      await Promise.all([...telling.values()].map((one) => one.stop()));
      telling.clear();
    },
  };
}

interface ToldTargets {
  /** Settings changed. */
  follow(): void;
  poke(): void;
  stop(): Promise<void>;
}

type Plan = Pick<ExporterOptions, 'kind' | 'everyMs' | 'quietTurns' | 'target'>;

/** The targets of a run that settings name, by what their cursors are kept under. */
function plansOf(
  run: ToldRun,
  { settings: { values }, eventsRoot, keyOf }: Pick<RunLogsOptions, 'settings' | 'eventsRoot' | 'keyOf'>,
): ReadonlyMap<string, Plan> {
  const plans = new Map<string, Plan>();
  const wandb = wandbPlan(run, values);
  if (wandb) {
    const target = async () => wandb.withKey(await keyOf());
    plans.set(wandb.cursorName, {
      ...{ kind: 'wandb', everyMs: WANDB_EVERY_MS, quietTurns: WANDB_QUIET_TURNS, target },
    });
  }
  const events = eventsPlan(run, values, eventsRoot());
  if (events) {
    plans.set(`tensorboard ${events.folder} ${events.logId}`, {
      ...{ kind: 'tensorboard', everyMs: TENSORBOARD_EVERY_MS, quietTurns: Number.POSITIVE_INFINITY },
      target: async () => events,
    });
  }
  return plans;
}

/** One run, told to the targets that settings name. */
function tellRun(
  run: ToldRun,
  listener: RunLogListener,
  options: RunLogsOptions,
  door: RunLogDoor,
): ToldTargets {
  const { store, log } = options;
  const exporters = new Map<string, Exporter>();
  let isStopped = false;
  /** Changes are followed one after the other: what is turned off and on again goes on where it stood. */
  let following: Promise<void> = Promise.resolve();

  const tell = () => listener.told([...exporters.values()].map(({ state }) => state));

  async function change(): Promise<void> {
    const plans = isStopped ? new Map<string, Plan>() : plansOf(run, options);
    const gone = [...exporters].filter(([name]) => !plans.has(name));
    for (const [name] of gone) exporters.delete(name);
    await Promise.all(gone.map(([, exporter]) => exporter.stop()));
    for (const [cursorName, plan] of plans) {
      if (exporters.has(cursorName)) continue;
      const exporter = startExporter({
        ...{ ...plan, cursorName, runId: run.storeId, log: store, door, nowMs: Date.now },
      });
      exporter.on('state', tell);
      exporter.on('stopped', () => listener.stopped());
      exporters.set(cursorName, exporter);
    }
    tell();
  }

  function follow(): Promise<void> {
    following = following.then(change).catch((error: unknown) => log(`run logs: ${error}`));
    return following;
  }

  void follow();
  return {
    follow: () => void follow(),
    poke() {
      for (const exporter of exporters.values()) exporter.poke();
    },
    async stop() {
      isStopped = true;
      await follow();
    },
  };
}
