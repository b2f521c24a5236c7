import type { DurableJson } from '../../src-node/durable-json.ts';
import { type Listeners, listeners } from '../../src-node/listeners.ts';
import type { StoppedRun } from '../../src-shared/contract/page/runs.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import { type Consent, NOTHING_PAID } from './joined.ts';
import type { KeptRun, RunOrigin } from './kept-runs.ts';
import { beginLiveRun, type LiveRun } from './live-run.ts';
import type { RunPlan } from './plan.ts';

interface RunsEvents {
  begun: LiveRun;
  gone: LiveRun;
  stopped: readonly StoppedRun[];
  /** It could not be begun, and is among the stopped now. */
  failed: { readonly id: Ss58; readonly error: unknown };
  /** It stops after this round; null where that was taken back. */
  ending: { readonly id: Ss58; readonly afterRound: number | null };
}

export interface RunsOptions {
  readonly file: DurableJson<readonly KeptRun[]>;
  /** How a run of that origin is begun. */
  planOf(origin: RunOrigin, consent: Consent): Promise<RunPlan>;
  /** Below it lies what a run wrote. */
  folderOf(origin: RunOrigin): string;
  log(line: string): void;
  readonly signal: AbortSignal;
}

/** The runs of this host by hotkey: started, paused, stopped, and remembered over restarts. */
export interface Runs extends Pick<Listeners<RunsEvents>, 'on'> {
  readonly live: ReadonlyMap<Ss58, LiveRun>;
  /** The newest first. */
  readonly stopped: readonly StoppedRun[];
  /** Whether no run was ever begun here. */
  readonly isFresh: boolean;
  /** @throws {AppError} RUN_ALREADY_HERE when this hotkey works on this host already */
  start(origin: RunOrigin, consent: Consent): Promise<LiveRun>;
  /** Starts a stopped one again. @throws {AppError} RUN_UNKNOWN */
  startAgain(id: Ss58): Promise<LiveRun>;
  /** What was asked for of one that ran when the host ended and does not run yet; null where there is none. */
  interrupted(id: Ss58): RunOrigin | null;
  /** Goes on with what ran when the host ended. */
  goOn(): Promise<void>;
  /** @throws {AppError} RUN_UNKNOWN */
  get(id: string): LiveRun;
  /** Of a run that works or is stopped. @throws {AppError} RUN_UNKNOWN */
  factsOf(id: Ss58): KeptRun['facts'];
  /** How it came about. @throws {AppError} RUN_UNKNOWN */
  originOf(id: Ss58): RunOrigin;
  /** Stops now, or once its round has settled; the later word counts. */
  end(id: Ss58, when: 'now' | 'after-round'): Promise<void>;
  /** Takes back a stop after the round. */
  keepRunning(id: Ss58): void;
  /** Takes a stopped run from the list; what lies on disk stays. @throws {AppError} RUN_UNKNOWN, NOT_NOW while it runs */
  forget(id: Ss58): Promise<void>;
  /** Ends all, for the end of the host: what ran goes on at the next start. */
  stop(): Promise<void>;
}

export async function openRuns({ file, planOf, folderOf, log, signal }: RunsOptions): Promise<Runs> {
  const events = listeners<RunsEvents>();
  const live = new Map<Ss58, LiveRun>();
  const ending = new Map<Ss58, AbortController>();
  const found = await file.read();
  let kept: readonly KeptRun[] = found ?? [];
  let isFresh = found === null;

  async function keep(next: readonly KeptRun[]): Promise<void> {
    kept = next;
    isFresh = false;
    await file.write(next).catch((error: unknown) => log(`the list of runs: ${error}`));
    events.emit('stopped', stopped());
  }

  const stopped = (): readonly StoppedRun[] =>
    kept
      .flatMap(({ id, origin, facts, stoppedAtMs }) =>
        stoppedAtMs === null ? [] : [{ ...facts, id, stoppedAtMs, folder: folderOf(origin) }],
      )
      .toSorted((a, b) => b.stoppedAtMs - a.stoppedAtMs);

  const change = (id: Ss58, changes: Partial<KeptRun>) =>
    keep(kept.map((one) => (one.id === id ? { ...one, ...changes } : one)));

  async function begin(origin: RunOrigin, plan: RunPlan): Promise<LiveRun> {
    const { id, facts } = plan;
    if (live.has(id)) throw new AppError('RUN_ALREADY_HERE', { hotkey: id });
    const { continuesAtRound: _, ...plain } = facts;
    const before = kept.find((one) => one.id === id);
    const entry: KeptRun = {
      id,
      origin,
      stoppedAtMs: null,
      pause: before?.pause ?? null,
      facts: { ...plain, controls: [...facts.controls] },
    };
    const one = beginLiveRun(plan, entry.pause, signal);
    live.set(id, one);
    one.on('pause', (pause) => void change(id, { pause }));
    one.on('failed', (error) => void onFailed(one, error));
    one.on('held', (held) => {
      if (held?.kind === 'waiting' && held.error) log(`${id} waits to begin: ${held.error.code}`);
    });
    // Told before anything is waited for: one that fails at once would otherwise be told as gone first, then as begun.
    events.emit('begun', one);
    await keep([...kept.filter((other) => other.id !== id), entry]);
    return one;
  }

  /** One that was never well is not begun again by itself; what held it is told. */
  async function onFailed(one: LiveRun, error: unknown): Promise<void> {
    if (signal.aborted || live.get(one.id) !== one) return;
    live.delete(one.id);
    await noteFailed(one.id, error);
  }

  async function noteFailed(id: Ss58, error: unknown): Promise<void> {
    events.emit('failed', { id, error });
    await change(id, { stoppedAtMs: Date.now() });
  }

  async function endNow(one: LiveRun): Promise<void> {
    takeBack(one.id);
    await one.stop();
    live.delete(one.id);
    await change(one.id, { stoppedAtMs: Date.now(), pause: null });
    events.emit('gone', one);
  }

  function get(id: string): LiveRun {
    const found = live.get(id as Ss58);
    if (!found) throw new AppError('RUN_UNKNOWN', { id });
    return found;
  }

  function entryOf(id: Ss58): KeptRun {
    const entry = kept.find((one) => one.id === id);
    if (!entry) throw new AppError('RUN_UNKNOWN', { id });
    return entry;
  }

  /** What was paid for it is not paid again. */
  async function startAgain(id: Ss58): Promise<LiveRun> {
    const { origin } = entryOf(id);
    return begin(origin, await planOf(origin, NOTHING_PAID));
  }

  function takeBack(id: Ss58): void {
    ending.get(id)?.abort();
    if (ending.delete(id)) events.emit('ending', { id, afterRound: null });
  }

  return {
    on: events.on,
    live,
    get isFresh() {
      return isFresh;
    },
    get stopped() {
      return stopped();
    },
    get,
    factsOf: (id) => entryOf(id).facts,
    originOf: (id) => entryOf(id).origin,
    async start(origin, consent) {
      return begin(origin, await planOf(origin, consent));
    },
    startAgain,
    interrupted: (id) =>
      kept.find((one) => one.id === id && one.stoppedAtMs === null && !live.has(id))?.origin ?? null,
    async goOn() {
      for (const { id, stoppedAtMs } of kept)
        if (stoppedAtMs === null && !live.has(id))
          await startAgain(id).catch((error: unknown) => (live.has(id) ? undefined : noteFailed(id, error)));
    },
    async end(id, when) {
      const one = get(id);
      if (when === 'now') return endNow(one);
      if (ending.has(id)) return;
      const takenBack = new AbortController();
      ending.set(id, takenBack);
      events.emit('ending', { id, afterRound: one.body?.run.rounds.view?.round ?? null });
      void one
        .roundSettled(AbortSignal.any([signal, takenBack.signal]))
        .then(() => (signal.aborted || takenBack.signal.aborted ? undefined : endNow(one)))
        .catch((error: unknown) => log(`stopping after the round: ${error}`));
    },
    keepRunning: takeBack,
    async forget(id) {
      entryOf(id);
      if (live.has(id)) throw new AppError('NOT_NOW', { what: 'Forgetting a run', state: 'running' });
      await keep(kept.filter((one) => one.id !== id));
    },
    async stop() {
      for (const takenBack of ending.values()) takenBack.abort();
      await Promise.all([...live.values()].map((one) => one.stop()));
    },
  };
}
