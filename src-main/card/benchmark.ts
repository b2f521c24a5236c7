import { join } from 'node:path';
import { orAbort, withLimit } from '../../src-node/waits.ts';
import { adapterOfKey } from '../../src-shared/cards/adapter.ts';
import { sensorsOf } from '../../src-shared/cards/sensors.ts';
import {
  type Benchmark,
  type BenchmarkContract,
  benchmarkContract,
  type ProfileSpeed,
  type Speed,
} from '../../src-shared/contract/benchmark.ts';
import type { ChildClient } from '../../src-shared/contract/child.ts';
import type { EngineChoice, EngineKind } from '../../src-shared/contract/train.ts';
import { AppError, type CodedError, toCodedError } from '../../src-shared/errors/app-error.ts';
import type { Consensus } from '../../src-shared/profile/schema.ts';
import { shippedConsensus } from '../../src-shared/profile/shipped.ts';
import { stepsARound } from '../../src-shared/rounds/pace.ts';
import { entryPath } from '../entry-path.ts';
import { linkChild } from '../supervisor/child-link.ts';
import type { ExtraEnv } from '../supervisor/extra-env.ts';
import { lastLines } from '../supervisor/last-lines.ts';
import { childLimits, REPORT_LINE_CHARS, REPORT_LINES } from '../supervisor/limits.ts';
import { whyNotWhole } from '../supervisor/program-files.ts';
import type { MachineReader, MachineReading } from '../telemetry/reading.ts';
import { watchMachine } from '../telemetry/watch.ts';
import { APP_VERSION } from '../version.ts';
import { BENCHMARK_MS, BENCHMARK_OPEN_MS, BENCHMARK_USED_SHARE } from './limits.ts';

/** In the data folder: what is found out of a card holds for every run. */
const TILINGS_FILE = 'benchmark-tilings.json';

export interface BenchmarkOptions {
  /** Of this host. */
  readonly dataDir: string;
  readonly engine: EngineChoice;
  readonly sensors: MachineReader;
  /** Memory of a device that nobody uses now; null: nobody can tell. */
  freeBytes(engine: EngineChoice, signal: AbortSignal): Promise<number | null>;
  /** Memory of the device that runs of this host hold while they rest. */
  heldBytes?(engine: EngineChoice): number;
  readonly extraEnv: ExtraEnv;
  log(line: string): void;
  /** The profile that is measured next, and how many were before it, of how many. */
  told(profile: string, done: number, of: number): void;
  /** Others than those that ship, another program than ours, less time: for tests. */
  readonly profiles?: readonly Consensus[];
  readonly entry?: string;
  readonly limitMs?: number;
}

/** What stands for the device of an engine. */
export const deviceOf = ({ kind, device }: EngineChoice): string =>
  kind === 'gpu' ? (device ?? 'gpu') : kind;

/**
 * Trains a little of each profile that ships on the engine that was chosen, each in a process of its own: a driver that
 * gives up on one model says nothing of the next.
 * @throws when the signal aborts, or {AppError} why the device cannot be had at all
 */
export async function runBenchmark(options: BenchmarkOptions, signal: AbortSignal): Promise<Benchmark> {
  const { engine, profiles = shippedConsensus(), limitMs = BENCHMARK_MS } = options;
  const startedMs = performance.now();
  const atMs = Date.now();
  const measured: ProfileSpeed[] = [];
  let name = '';
  for (const [index, consensus] of profiles.entries()) {
    options.told(consensus.name, index, profiles.length);
    // What the ones before left over belongs to those that follow.
    const leftMs = limitMs - (performance.now() - startedMs);
    const ownMs = Math.max(0, Math.floor(leftMs / (profiles.length - index)));
    const found = await measureProfile(options, consensus, ownMs, signal);
    signal.throwIfAborted();
    if ('unopened' in found) {
      // A device that cannot be opened once will not be for the next model either.
      if (index === 0) throw new AppError(found.unopened.code, found.unopened.params);
      measured.push(profileSpeed(consensus, { problem: found.unopened, watts: null }));
      continue;
    }
    name = found.name;
    measured.push(profileSpeed(consensus, found));
  }
  return {
    device: deviceOf(engine),
    engine: name,
    atMs,
    tookMs: Math.round(performance.now() - startedMs),
    appVersion: APP_VERSION,
    heldBytes: options.heldBytes?.(engine) ?? 0,
    profiles: measured,
  };
}

interface Outcome {
  readonly speed?: Speed;
  readonly problem?: CodedError;
  readonly watts: number | null;
}

function profileSpeed(consensus: Consensus, { speed, problem, watts }: Outcome): ProfileSpeed {
  const { name, inner } = consensus;
  return {
    profile: name,
    speed: speed ?? null,
    watts,
    stepsARound: speed ? stepsARound(speed.stepMs, consensus) : null,
    mostSteps: inner.maxStepsPerRound,
    sequencesAStep: inner.microBatchesPerStep * inner.sequencesPerMicroBatch,
    problem: problem ? { code: problem.code, params: { ...problem.params } } : null,
  };
}

type Found = (Outcome & { readonly name: string }) | { readonly unopened: CodedError };

/** One profile, in one process. Every failure but an abort is an outcome. */
async function measureProfile(
  { dataDir, engine, sensors, freeBytes, extraEnv, log, entry }: BenchmarkOptions,
  { model, inner }: Consensus,
  limitMs: number,
  signal: AbortSignal,
): Promise<Found> {
  const program = entry ?? entryPath('benchmark');
  const damage = await whyNotWhole(program, signal);
  if (damage) return { unopened: damage };
  // As a run is planned; asked each time, because the process before has given its memory back.
  const budgetBytes = await freeBytes(engine, signal);
  const link = linkChild<BenchmarkContract>({
    contract: benchmarkContract,
    name: 'benchmark',
    entry: program,
    config: { engine: { ...engine, share: 1 }, tilings: join(dataDir, TILINGS_FILE), freeBytes: budgetBytes },
    limits: childLimits,
    extraEnv,
    report: lastLines(REPORT_LINES, REPORT_LINE_CHARS),
    log,
    onNotice: () => undefined,
    onReady: () => undefined,
    onEnded: () => undefined,
  });
  let client: ChildClient<BenchmarkContract> | null = null;
  const drawn: MachineReading[] = [];
  const watch = watchMachine(sensors, (reading) => reading && drawn.push(reading));
  try {
    const startedMs = performance.now();
    const within = withLimit(signal, limitMs);
    client = await orAbort(link.ready, withLimit(within, BENCHMARK_OPEN_MS));
    watch.setWorking(true);
    const leftMs = limitMs * BENCHMARK_USED_SHARE - (performance.now() - startedMs);
    const asked = { model, inner, limitMs: Math.max(0, Math.round(leftMs)) };
    const speed = await client.call('measure', asked, within);
    return { name: client.ready.engine, speed, watts: meanWatts(drawn, client.ready) };
  } catch (thrown) {
    signal.throwIfAborted();
    log(`benchmark: ${thrown}`);
    const problem = whyNot(thrown, engine, client?.ready.engine);
    return client ? { name: client.ready.engine, problem, watts: null } : { unopened: problem };
  } finally {
    await watch.stop();
    await link.stop();
  }
}

/**
 * One that was cancelled here did not end in time, be it slow or stuck; one on a card that ended was taken along by its
 * driver.
 * @param opened the device as it called itself
 */
function whyNot(thrown: unknown, engine: EngineChoice, opened: string | undefined): CodedError {
  const error = toCodedError(thrown);
  const device = opened ?? nameOf(engine);
  if (error.code === 'CANCELLED' || error.code === 'TIMEOUT')
    return { code: 'BENCHMARK_LATE', params: { device } };
  if (error.code !== 'CHILD_EXITED') return error;
  const code = engine.kind === 'gpu' ? 'CARD_DRIVER_CRASHED' : 'BENCHMARK_ENDED';
  return { code, params: { device, reason: error.params.reason ?? '?' } };
}

/** Of a device that was not opened, in words. */
function nameOf({ kind, device }: EngineChoice): string {
  if (kind === 'gpu') return adapterOfKey(device ?? '')?.name ?? 'the graphics card';
  return kind === 'cpu' ? 'the processor' : 'TensorFlow';
}

/** Of the card that computed, or of the processors; null where its driver does not tell. */
export function meanWatts(
  readings: readonly MachineReading[],
  { engine, computes }: { readonly engine: string; readonly computes: EngineKind },
): number | null {
  const told = readings.flatMap(({ cards, cpuWatts }) => {
    const ofCard = sensorsOf({ name: engine, vendor: '' }, cards)?.watts ?? null;
    const watts = computes === 'gpu' ? ofCard : cpuWatts;
    return watts === null ? [] : [watts];
  });
  return told.length === 0 ? null : told.reduce((sum, watts) => sum + watts, 0) / told.length;
}
