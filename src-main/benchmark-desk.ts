import { adapterOfKey, isSameName } from '../src-shared/cards/adapter.ts';
import { planBytes } from '../src-shared/contract/memory-plan.ts';
import type { BenchmarkView } from '../src-shared/contract/page/card.ts';
import type { EngineChoice } from '../src-shared/contract/train.ts';
import { AppError, type CodedError, toCodedError } from '../src-shared/errors/app-error.ts';
import { type BenchmarkOptions, runBenchmark } from './card/benchmark.ts';
import { benchmarkFile, withBenchmark } from './card/benchmark-file.ts';
import { BENCHMARK_MS, BENCHMARK_OPEN_MS } from './card/limits.ts';
import type { LiveRun } from './runs/live-run.ts';
import type { Runs } from './runs/runs.ts';

export interface BenchmarkDeskOptions extends Omit<BenchmarkOptions, 'engine' | 'told' | 'heldBytes'> {
  /** A device by its name in results, with all else as it was chosen. */
  engine(device: string): EngineChoice;
  readonly runs: Pick<Runs, 'live' | 'on'>;
  told(view: BenchmarkView): void;
  /** A damaged file was moved aside. */
  notice(error: CodedError): void;
  readonly signal: AbortSignal;
}

/** Measures what a device would do, for the page: training rests meanwhile, and what came of it is kept. */
export interface BenchmarkDesk {
  /** Resolves when it is over, whatever came of it; one at a time. */
  start(device: string): Promise<void>;
  cancel(): void;
  stop(): Promise<void>;
}

export async function openBenchmarkDesk(options: BenchmarkDeskOptions): Promise<BenchmarkDesk> {
  const { dataDir, runs, told, notice, log, signal } = options;
  const file = benchmarkFile(dataDir, notice);
  let results = (await file.read()) ?? [];
  let problem: CodedError | null = null;
  let running: Promise<void> | null = null;
  let ending = new AbortController();
  const show = (now: BenchmarkView['running']) => told({ running: now, results, problem });

  async function measure(device: string): Promise<void> {
    ending = new AbortController();
    problem = null;
    const startedAtMs = Date.now();
    const rest = restOf(runs, () => ending.abort(new AppError('BENCHMARK_DISTURBED')));
    try {
      await rest.begin();
      const one = await runBenchmark(
        {
          ...options,
          engine: options.engine(device),
          heldBytes: (engine) => heldOn(engine, runs),
          told: (profile, done, of) => show({ startedAtMs, profile, done, of, resting: rest.count }),
        },
        AbortSignal.any([signal, ending.signal]),
      );
      results = withBenchmark(results, one);
      await file.write(results);
    } catch (thrown) {
      problem = whyNone(thrown, ending.signal);
      if (problem?.code === 'INTERNAL') log(`benchmark: ${(thrown as Error)?.stack}`);
    } finally {
      for (const refusal of await rest.end()) log(`benchmark: a run did not go on at once: ${refusal}`);
      running = null;
      show(null);
    }
  }

  show(null);
  return {
    start: (device) => (running ??= measure(device)),
    cancel: () => ending.abort(),
    async stop() {
      ending.abort();
      await running;
    },
  };
}

/**
 * Memory of a card that training holds while it rests. It keeps it: giving it back would end a process that others wait
 * for, and its start is dearer than a benchmark. So what is measured beside it is planned for what is left.
 */
export function heldOn({ kind, device }: EngineChoice, { live }: Pick<Runs, 'live'>): number {
  if (kind !== 'gpu') return 0;
  const name = device === null ? null : adapterOfKey(device)?.name;
  let bytes = 0;
  for (const { body } of live.values()) {
    const { computes, plan } = body?.run.train.ready ?? {};
    const isThere = plan && computes === 'gpu' && (!name || isSameName(plan.device, name));
    if (isThere) bytes += planBytes(plan);
  }
  return bytes;
}

/** null where somebody took it back. */
function whyNone(thrown: unknown, ended: AbortSignal): CodedError | null {
  const why = ended.aborted && ended.reason instanceof AppError ? ended.reason : thrown;
  const error = toCodedError(why);
  return error.code === 'CANCELLED' ? null : error;
}

/**
 * A pause of all that trains. It ends by itself soon after the longest benchmark: a host that dies meanwhile leaves
 * nothing paused for ever.
 * @param disturbed somebody let one of them train again, or began another
 */
function restOf(runs: Pick<Runs, 'live' | 'on'>, disturbed: () => void) {
  const untilMs = Date.now() + BENCHMARK_MS + BENCHMARK_OPEN_MS;
  // One that is only starting, waits for its chain, or rests for a rule of the house would begin in the middle of it.
  const resting = [...runs.live.values()].filter(
    ({ held, pausedNow }) =>
      held === null || held.kind === 'waiting' || (held.kind === 'paused' && !pausedNow),
  );
  const isOurs = (run: LiveRun) => run.pausedNow?.untilMs === untilMs;
  const off = [
    ...resting.map((run) => run.on('pause', () => isOurs(run) || disturbed())),
    runs.on('begun', disturbed),
  ];
  return {
    count: resting.length,
    /** @throws why one of them would not rest, once the others do */
    async begin() {
      const refused = refusalsOf(await Promise.allSettled(resting.map((run) => run.pause(untilMs))));
      if (refused.length > 0) throw refused[0];
    },
    /** @returns why some did not go on: their own supervision looks after them */
    async end(): Promise<readonly unknown[]> {
      for (const unsubscribe of off) unsubscribe();
      // Who was paused otherwise meanwhile, or stopped, stays so.
      const still = resting.filter((run) => isOurs(run) && runs.live.get(run.id) === run);
      return refusalsOf(await Promise.allSettled(still.map((run) => run.resume())));
    },
  };
}

const refusalsOf = (settled: readonly PromiseSettledResult<unknown>[]): readonly unknown[] =>
  settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
