import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BenchmarkDesk, heldOn, openBenchmarkDesk } from '../../../src-main/benchmark-desk.ts';
import { deviceOf, meanWatts, runBenchmark } from '../../../src-main/card/benchmark.ts';
import type { Pause } from '../../../src-main/runs/live-run.ts';
import type { Runs } from '../../../src-main/runs/runs.ts';
import type { MachineReading } from '../../../src-main/telemetry/reading.ts';
import { listeners } from '../../../src-node/listeners.ts';
import { BENCHMARKS_KEPT } from '../../../src-shared/contract/benchmark.ts';
import type { BenchmarkView } from '../../../src-shared/contract/page/card.ts';
import { onProcessor } from '../../../src-shared/contract/train.ts';
import { AppError, type CodedError } from '../../../src-shared/errors/app-error.ts';
import { shippedConsensus } from '../../../src-shared/profile/shipped.ts';

const { signal } = new AbortController();
const entry = fileURLToPath(new URL('../../fixtures/children/benchmark-child.ts', import.meta.url));
const card = { ...onProcessor(1), kind: 'gpu' as const, device: 'vulkan/NVIDIA GeForce RTX 3060' };
const reading: MachineReading = {
  cards: [
    {
      ...{ vendor: 'nvidia', name: 'NVIDIA GeForce RTX 3060', celsius: 70, watts: 150, memoryBytes: null },
      ...{ usedBytes: null, busy: null, fan: null },
    },
  ],
  cpuWatts: 30,
};
const parts = {
  ...{ dataDir: tmpdir(), engine: card, entry, extraEnv: {}, log: () => undefined, limitMs: 60_000 },
  sensors: { read: async () => reading },
  freeBytes: async () => null,
};

describe('a benchmark', () => {
  it('tells of each profile what came of it, whatever its process did', async () => {
    const told: unknown[] = [];
    const profiles = shippedConsensus().slice(0, 3);
    const result = await runBenchmark({ ...parts, profiles, told: (...said) => told.push(said) }, signal);
    expect(told).toEqual(['practice', 'gpt2-124m', 'gpt2-250m'].map((name, done) => [name, done, 3]));
    expect(result).toMatchObject({ device: card.device, engine: 'NVIDIA GeForce RTX 3060' });
    expect(result.profiles.map(({ profile, problem }) => [profile, problem?.code ?? null])).toEqual([
      ['practice', null],
      ['gpt2-124m', 'ENGINE_GPU_MEMORY'],
      ['gpt2-250m', 'CARD_DRIVER_CRASHED'],
    ]);
    // Half a second a step: 22 of them before the contributions of a practice round are frozen after eleven blocks.
    expect(result.profiles[0]).toMatchObject({ stepsARound: 22, mostSteps: 64, watts: 150 });
    expect(result.profiles[1]).toMatchObject({ speed: null, stepsARound: null, watts: null });
  });

  it('is planned for what is free on its device before each profile, as a run is', async () => {
    const profiles = shippedConsensus().slice(0, 2);
    const asked: unknown[] = [];
    const result = await runBenchmark(
      {
        ...parts,
        profiles,
        told: () => undefined,
        freeBytes: async (engine) => {
          asked.push(engine.device);
          return 7 * 2 ** 30;
        },
        heldBytes: () => 2 ** 30,
      },
      signal,
    );
    expect(asked).toEqual([card.device, card.device]);
    expect(result.heldBytes).toBe(2 ** 30);
    expect(result.profiles[0]?.speed?.plan?.budgetBytes).toBe(7 * 2 ** 30);
  });

  it('ends with its time, whatever hangs', async () => {
    const profiles = shippedConsensus().slice(3);
    const result = await runBenchmark({ ...parts, profiles, limitMs: 3_000, told: () => undefined }, signal);
    expect(result.profiles.map(({ problem }) => problem?.code)).toEqual(['BENCHMARK_LATE']);
  });

  it('of the processor tells of no driver', async () => {
    const profiles = shippedConsensus().slice(2, 3);
    const engine = onProcessor(1);
    const result = await runBenchmark({ ...parts, engine, profiles, told: () => undefined }, signal);
    expect(result.profiles.map(({ problem }) => problem?.code)).toEqual(['BENCHMARK_ENDED']);
  });

  it('of a device that is not there is none, and says so', async () => {
    const engine = { ...card, device: 'vulkan/gone' };
    await expect(runBenchmark({ ...parts, engine, told: () => undefined }, signal)).rejects.toMatchObject({
      code: 'CARD_GONE',
    });
  });

  it('takes the watts of what computed, and of nothing else', () => {
    const of = { engine: 'NVIDIA GeForce RTX 3060', computes: 'gpu' as const };
    expect(meanWatts([reading, { ...reading, cards: [{ ...reading.cards[0]!, watts: 50 }] }], of)).toBe(100);
    expect(meanWatts([reading], { engine: 'processor, 1 thread', computes: 'cpu' })).toBe(30);
    expect(meanWatts([reading], { engine: 'AMD Radeon RX 7900 XTX', computes: 'gpu' })).toBeNull();
    expect(meanWatts([], of)).toBeNull();
    expect(deviceOf({ ...card, device: null })).toBe('gpu');
    expect(deviceOf(onProcessor(2))).toBe('cpu');
  });
});

/** What stands behind a run that computes there, with so many bytes in one place. */
const bodyOf = (computes: string, device: string | null, weights = 0) => {
  const bytes = { weights, gradient: 0, optimizer: 0, activations: 0, scratch: 1 };
  return { run: { train: { ready: { computes, plan: device && { device, bytes } } } } };
};

it('counts what runs hold on the device that is measured, and on no other', () => {
  const live = new Map(
    [
      bodyOf('gpu', 'NVIDIA GeForce RTX 3060', 70),
      bodyOf('gpu', 'NVIDIA GeForce RTX 4090', 900),
      bodyOf('cpu', 'processor, 2 threads', 5_000),
      null,
    ].map((body, id) => [String(id), { body }]),
  );
  const runs = { live } as unknown as Pick<Runs, 'live'>;
  expect(heldOn(card, runs)).toBe(71);
  expect(heldOn({ ...card, device: null }, runs)).toBe(972);
  expect(heldOn(onProcessor(1), runs)).toBe(0);
});

describe('the desk of benchmarks', () => {
  let dataDir: string;
  let desk: BenchmarkDesk;
  const begun = listeners<{ begun: unknown }>();
  const views: BenchmarkView[] = [];
  const notices: CodedError[] = [];

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'butterfly-benchmark-'));
    views.length = 0;
    notices.length = 0;
  });
  afterEach(async () => {
    await desk.stop();
    await rm(dataDir, { recursive: true });
  });

  /** A run as the desk sees it. */
  function run(id: string, isWorking = true, refuses: 'pause' | 'resume' | null = null) {
    const events = listeners<{ pause: Pause | null }>();
    const log: string[] = [];
    const one = {
      id,
      log,
      body: bodyOf('cpu', null) as object | null,
      held: isWorking ? null : { kind: 'failed' },
      pausedNow: null as Pause | null,
      on: events.on,
      async pause(untilMs: number | null) {
        log.push('pause');
        one.pausedNow = { untilMs };
        events.emit('pause', one.pausedNow);
        if (refuses === 'pause') throw new AppError('CHILD_EXITED');
      },
      async resume() {
        log.push('resume');
        one.pausedNow = null;
        events.emit('pause', null);
        if (refuses === 'resume') throw new AppError('CHILD_EXITED');
      },
    };
    return one;
  }

  async function openDesk(runs: readonly ReturnType<typeof run>[] = [], profiles = [shippedConsensus()[0]!]) {
    const live = new Map(runs.map((one) => [one.id, one]));
    desk = await openBenchmarkDesk({
      ...parts,
      dataDir,
      profiles,
      engine: () => card,
      runs: { live, on: begun.on } as unknown as Pick<Runs, 'live' | 'on'>,
      told: (view) => views.push(view),
      notice: (error) => notices.push(error),
      signal,
    });
    return live;
  }

  it('lets what trains rest meanwhile, and nothing else, and keeps what came of it', async () => {
    const [works, fails] = [run('works'), run('fails', false)];
    await openDesk([works, fails]);
    await desk.start(card.device);
    expect([works.log, fails.log]).toEqual([['pause', 'resume'], []]);
    expect(views.find(({ running }) => running)?.running).toMatchObject({ profile: 'practice', resting: 1 });
    expect(views.at(-1)).toMatchObject({ running: null, problem: null, results: [{ device: card.device }] });
    await desk.stop();
    await openDesk();
    expect(views.at(-1)?.results).toHaveLength(1);
  });

  it('has one rest too that a rule of the house holds, which may end in the middle of it, and no one that its user paused', async () => {
    const ruled = Object.assign(run('ruled'), { held: { kind: 'paused' } });
    const paused = Object.assign(run('paused'), { held: { kind: 'paused' }, pausedNow: { untilMs: null } });
    await openDesk([ruled, paused]);
    await desk.start(card.device);
    expect([ruled.log, paused.log]).toEqual([['pause', 'resume'], []]);
  });

  it('pauses for no longer than a benchmark takes, should the host die meanwhile', async () => {
    const works = run('works');
    await openDesk([works], [shippedConsensus().at(-1)!]);
    const over = desk.start(card.device);
    await expect.poll(() => works.pausedNow).not.toBeNull();
    expect(works.pausedNow!.untilMs! - Date.now()).toBeLessThan(200_000);
    desk.cancel();
    await over;
    expect(works.log).toEqual(['pause', 'resume']);
    expect(views.at(-1)).toMatchObject({ running: null, problem: null, results: [] });
  });

  it('is given up where somebody lets training go on, and leaves that as it is', async () => {
    const works = run('works');
    await openDesk([works], [shippedConsensus().at(-1)!]);
    const over = desk.start(card.device);
    await expect.poll(() => works.pausedNow).not.toBeNull();
    await works.resume();
    await over;
    expect(works.log).toEqual(['pause', 'resume']);
    expect(views.at(-1)?.problem).toMatchObject({ code: 'BENCHMARK_DISTURBED' });
  });

  it('is given up where another run begins, and lets one rest that was only starting', async () => {
    const starts = Object.assign(run('starts'), { body: null });
    await openDesk([starts], [shippedConsensus().at(-1)!]);
    const over = desk.start(card.device);
    await expect.poll(() => starts.log).toEqual(['pause']);
    await expect.poll(() => views.at(-1)?.running).not.toBeNull();
    begun.emit('begun', {});
    await over;
    expect(starts.log).toEqual(['pause', 'resume']);
    expect(views.at(-1)?.problem).toMatchObject({ code: 'BENCHMARK_DISTURBED' });
  });

  it('lets nothing rest for a run that would not, says why, and can be begun again', async () => {
    const [works, refuses] = [run('works'), run('refuses', true, 'pause')];
    const live = await openDesk([works, refuses]);
    await desk.start(card.device);
    expect(views.at(-1)).toMatchObject({ running: null, problem: { code: 'CHILD_EXITED' }, results: [] });
    expect([works.log, refuses.log]).toEqual([
      ['pause', 'resume'],
      ['pause', 'resume'],
    ]);
    live.delete('refuses');
    await desk.start(card.device);
    expect(views.at(-1)).toMatchObject({ running: null, problem: null, results: [{}] });
  });

  it('is over though a run would not go on, and can be begun again', async () => {
    await openDesk([run('refuses', true, 'resume'), run('works')]);
    await desk.start(card.device);
    expect(views.at(-1)).toMatchObject({ running: null, results: [{}] });
    await desk.start(card.device);
    expect(views.at(-1)).toMatchObject({ running: null, results: [{}, {}] });
  });

  it('keeps the newest of many, and moves a damaged file aside', async () => {
    await openDesk();
    await desk.start(card.device);
    await desk.stop();
    const path = join(dataDir, 'benchmarks.json');
    const { value } = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, JSON.stringify(Array.from({ length: BENCHMARKS_KEPT }, () => value[0])));
    await openDesk();
    await desk.start(card.device);
    expect(views.at(-1)?.results).toHaveLength(BENCHMARKS_KEPT);
    await desk.stop();
    await writeFile(path, '{"value":[');
    await openDesk();
    expect(views.at(-1)?.results).toEqual([]);
    expect(notices).toMatchObject([{ code: 'FILE_DAMAGED' }]);
  });
});
