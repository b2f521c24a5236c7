import { expect, it, onTestFinished, vi } from 'vitest';
import { showMachine } from '../../src-main/host-machine.ts';
import type { LiveRun } from '../../src-main/runs/live-run.ts';
import type { Runs } from '../../src-main/runs/runs.ts';
import { SENSORS_EVERY_MS } from '../../src-main/telemetry/limits.ts';
import type { MachineReading } from '../../src-main/telemetry/reading.ts';
import { listeners } from '../../src-node/listeners.ts';
import type { HostSections } from '../../src-shared/contract/page/sections.ts';
import type { WorkerState } from '../../src-shared/states.ts';
import type { Ss58 } from '../../src-shared/units.ts';

const hot: WorkerState = { kind: 'paused', reason: 'temperature', untilMs: null };

/** One run whose state the test sets, and sensors that say one temperature and one power. */
function rig() {
  vi.useFakeTimers();
  const liveEvents = listeners<Record<string, unknown>>();
  const live = { id: 'a', body: {} as LiveRun['body'], held: null as WorkerState | null, on: liveEvents.on };
  const runEvents = listeners<Record<string, unknown>>();
  const runs = { live: new Map([['a' as Ss58, live]]), on: runEvents.on } as unknown as Runs;
  const shown: Partial<HostSections>[] = [];
  const sensors = { celsius: 84 as number | null, watts: 150, reads: 0 };
  const reader = {
    async read(): Promise<MachineReading> {
      sensors.reads++;
      const card = {
        vendor: 'nvidia',
        name: 'GeForce',
        memoryBytes: null,
        usedBytes: null,
        busy: null,
        fan: null,
      } as const;
      return { cards: [{ ...card, celsius: sensors.celsius, watts: sensors.watts }], cpuWatts: null };
    },
  };
  const machine = showMachine(
    reader,
    runs,
    { update: (sections) => void shown.push(sections) },
    () => undefined,
  );
  runEvents.emit('begun', live as unknown as LiveRun);
  onTestFinished(async () => {
    await machine.stop();
    vi.useRealTimers();
  });
  return {
    ...{ machine, sensors, shown },
    async hold(held: WorkerState | null) {
      live.held = held;
      liveEvents.emit('held', held);
      await vi.advanceTimersByTimeAsync(10 * SENSORS_EVERY_MS);
    },
  };
}

it('sensors are read on while a run waits for its card to cool, and what it draws meanwhile counts for nothing', async () => {
  const { machine, sensors, shown, hold } = rig();
  await hold(null);
  expect(machine.cards()).toEqual([{ name: 'GeForce', celsius: 84 }]);
  const power = shown.findLast((sections) => sections.power)?.power;
  expect(power?.gpuWatts).toBe(150);
  Object.assign(sensors, { celsius: 61, watts: 20 });
  const reads = sensors.reads;
  await hold(hot);
  expect(sensors.reads).toBeGreaterThan(reads + 5);
  expect(machine.cards()).toEqual([{ name: 'GeForce', celsius: 61 }]);
  expect(shown.findLast((sections) => sections.power)?.power).toEqual(power);
});

it('nothing is read in any other rest, and of a card that does not tell its temperature it is not known', async () => {
  const { machine, sensors, hold } = rig();
  sensors.celsius = null;
  await hold(null);
  expect(machine.cards()).toBeNull();
  await hold({ ...hot, reason: 'battery' });
  const reads = sensors.reads;
  await hold({ kind: 'paused', reason: 'user', untilMs: null });
  expect([sensors.reads, machine.cards()]).toEqual([reads, 'unread']);
});
