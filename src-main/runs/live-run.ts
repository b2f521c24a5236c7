import { type Listeners, listeners } from '../../src-node/listeners.ts';
import type { RoundPhase, RunFacts, SetupStep } from '../../src-shared/contract/page/runs.ts';
import { AppError, type CodedError, toCodedError } from '../../src-shared/errors/app-error.ts';
import type { HouseRest } from '../../src-shared/rules/reasons.ts';
import type { WorkerState } from '../../src-shared/states.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import { beginPatiently } from './begin-again.ts';
import { watchElsewhere } from './elsewhere.ts';
import { PAUSE_LOOK_MS } from './limits.ts';
import type { RunBody, RunPlan } from './plan.ts';

/** A pause as it is kept: until a time of day, or until somebody resumes. */
export interface Pause {
  readonly untilMs: number | null;
}

interface LiveRunEvents {
  setup: readonly SetupStep[];
  working: RunBody;
  /** What holds the run changed: see `held`. */
  held: WorkerState | null;
  pause: Pause | null;
  /** It could not be begun, and is over. */
  failed: unknown;
}

/** A run of this host from its plan to its end: begun, paused, resumed, stopped. */
export interface LiveRun extends Pick<Listeners<LiveRunEvents>, 'on'> {
  readonly id: Ss58;
  readonly facts: RunFacts;
  readonly keysDir: string;
  readonly setup: readonly SetupStep[];
  readonly body: RunBody | null;
  /** What keeps it from working, whatever its rounds say; null while nothing does. */
  readonly held: WorkerState | null;
  readonly pausedNow: Pause | null;
  /** Resolves with the body once every part of it runs. */
  readonly begun: Promise<RunBody>;
  /** @param untilMs a time of day, or null until resumed */
  pause(untilMs: number | null): Promise<void>;
  /** Ends a person's pause; what else holds it holds on. */
  resume(): Promise<void>;
  /** Rests for a rule of the house, beside whatever a person says; null: no rule holds any more. */
  obey(rest: HouseRest | null): Promise<void>;
  /** Resolves once the round under way has settled, or at once where there is none; also when the run ends before. */
  roundSettled(signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}

export function beginLiveRun(plan: RunPlan, kept: Pause | null, signal: AbortSignal): LiveRun {
  const events = listeners<LiveRunEvents>();
  const stopping = new AbortController();
  const life = AbortSignal.any([signal, stopping.signal]);
  let setup: readonly SetupStep[] = [];
  let body: RunBody | null = null;
  let failure: CodedError | null = null;
  let elsewhere: CodedError | null = null;
  /** Its subnet is somebody else's now, or gone. */
  let foreign: CodedError | null = null;
  let unwatch = (): void => undefined;
  let waitsFor: CodedError | null = null;
  let isStopping = false;
  let pause: Pause | null = isOver(kept) ? null : kept;
  let house: HouseRest | null = null;
  let timer: NodeJS.Timeout | undefined;
  let stopped: Promise<void> | undefined;

  const held = (): WorkerState | null => {
    if (isStopping) return { kind: 'stopping' };
    if (failure) return { kind: 'failed', error: failure };
    const block = elsewhere ?? foreign;
    if (block) return { kind: 'blocked', error: block };
    if (pause) return { kind: 'paused', reason: 'user', untilMs: pause.untilMs };
    if (house) return { kind: 'paused', ...house };
    return waitsFor && { kind: 'waiting', for: 'chain', error: waitsFor };
  };
  const tellHeld = () => events.emit('held', held());
  const mayTrain = () => !pause && !house && !failure && !elsewhere && !foreign;

  const begun = beginPatiently(
    plan,
    {
      setup(steps) {
        setup = steps;
        events.emit('setup', steps);
      },
      gaveUp: hold,
      mayTrain,
      waits(error) {
        waitsFor = error;
        tellHeld();
      },
    },
    life,
  );
  begun.then(onBegun).catch((error: unknown) => {
    // One that was stopped while it started did not fail: whoever stopped it waits for its end.
    if (!isStopping) events.emit('failed', error);
  });
  waitForEnd();

  function hold(error: AppError): void {
    failure = toCodedError(error);
    tellHeld();
  }

  async function onBegun(made: RunBody): Promise<void> {
    body = made;
    waitsFor = null;
    const { chain } = made.run;
    const off = [
      watchElsewhere(plan.id, made.run, {
        sighted: (peer) => void block(made, peer).catch(() => undefined),
        gone: () => unblock(made),
      }),
      chain.on('foreign', (fault) => void becomeForeign(made, fault).catch(() => undefined)),
    ];
    unwatch = () => off.forEach((unsubscribe) => void unsubscribe());
    events.emit('working', made);
    if (chain.foreign) await becomeForeign(made, chain.foreign).catch(() => undefined);
    // Its parts asked one after another whether they may train, and the answer may have changed in between.
    await made.setActive(mayTrain()).catch(() => undefined);
  }

  /** The person has just started it there: this older start gives way, and comes back when the other is gone. */
  async function block(made: RunBody, peer: string): Promise<void> {
    if (elsewhere) return;
    elsewhere = toCodedError(new AppError('HOTKEY_LIVE_ELSEWHERE', { peer }));
    tellHeld();
    await Promise.all([made.setBlocked(true), made.setActive(false)]);
  }

  async function unblock(made: RunBody): Promise<void> {
    await made.setBlocked(false);
    elsewhere = null;
    tellHeld();
    if (mayTrain()) await made.setActive(true).catch(() => undefined);
  }

  /** Nothing is trained for a subnet that is another project now, and nothing said or set on it. */
  async function becomeForeign(made: RunBody, fault: CodedError | null): Promise<void> {
    foreign = fault;
    tellHeld();
    made.setForeign(fault !== null);
    await made.setActive(mayTrain());
  }

  function waitForEnd(): void {
    clearTimeout(timer);
    const untilMs = pause?.untilMs ?? null;
    if (untilMs === null) return;
    timer = setTimeout(
      () => (isOver(pause) ? void resume().catch(() => undefined) : waitForEnd()),
      Math.min(untilMs - Date.now(), PAUSE_LOOK_MS),
    );
    timer.unref();
  }

  async function resume(): Promise<void> {
    clearTimeout(timer);
    pause = null;
    events.emit('pause', null);
    // The end of a pause lifts nothing else: a hotkey that is live elsewhere must not work here as well.
    if (mayTrain()) await body?.setActive(true);
    tellHeld();
  }

  async function obey(rest: HouseRest | null): Promise<void> {
    const couldTrain = mayTrain();
    house = rest;
    tellHeld();
    if (mayTrain() !== couldTrain) await body?.setActive(mayTrain());
  }

  async function end(): Promise<void> {
    isStopping = true;
    tellHeld();
    clearTimeout(timer);
    unwatch();
    stopping.abort();
    // One that is still starting sees the abort; its end is waited for, or its parts would outlive the store.
    const made = await begun.catch(() => null);
    await made?.stop();
  }

  return {
    id: plan.id,
    facts: plan.facts,
    keysDir: plan.keysDir,
    get setup() {
      return setup;
    },
    get body() {
      return body;
    },
    get held() {
      return held();
    },
    get pausedNow() {
      return pause;
    },
    begun,
    on: events.on,
    async pause(untilMs) {
      pause = { untilMs };
      events.emit('pause', pause);
      waitForEnd();
      await body?.setActive(false);
      tellHeld();
    },
    resume,
    obey,
    async roundSettled(wait) {
      const rounds = body?.run.rounds;
      if (!rounds || !isInRound(rounds.view) || wait.aborted) return;
      const settled = Promise.withResolvers<void>();
      const off = [
        rounds.on('settled', () => settled.resolve()),
        events.on('held', (is) => {
          if (is?.kind === 'stopping' || is?.kind === 'failed') settled.resolve();
        }),
      ];
      wait.addEventListener('abort', () => settled.resolve(), { once: true });
      await settled.promise;
      for (const unsubscribe of off) unsubscribe();
    },
    stop: () => (stopped ??= end()),
  };
}

const isInRound = (view: { readonly phase: RoundPhase } | null): boolean =>
  view !== null && view.phase !== 'before-start' && view.phase !== 'settled';

const isOver = (pause: Pause | null): boolean =>
  pause !== null && pause.untilMs !== null && pause.untilMs <= Date.now();
