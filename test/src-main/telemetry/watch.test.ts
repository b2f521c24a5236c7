import { describe, expect, it } from 'vitest';
import { EnergyMeter, MeanPower } from '../../../src-main/telemetry/means.ts';
import type { MachineReading } from '../../../src-main/telemetry/reading.ts';
import { watchMachine } from '../../../src-main/telemetry/watch.ts';
import type { CardSensors } from '../../../src-shared/contract/page/card.ts';

const card = (watts: number | null): CardSensors => ({
  ...{ vendor: 'nvidia', name: 'GeForce', celsius: 71, watts, memoryBytes: null },
  ...{ usedBytes: null, busy: null, fan: null },
});
const drawn = (gpu: number | null, cpuWatts: number | null = null): MachineReading => ({
  cards: [card(gpu)],
  cpuWatts,
});

it('sensors are read while something works, and never while nothing does', async () => {
  const told: (MachineReading | null)[] = [];
  const enough = Promise.withResolvers<void>();
  let reads = 0;
  const reader = {
    async read() {
      reads++;
      return reads === 2 ? null : drawn(reads);
    },
  };
  const watch = watchMachine(
    reader,
    (reading) => {
      told.push(reading);
      if (told.length === 3) enough.resolve();
    },
    1,
  );
  expect(reads).toBe(0);
  watch.setWorking(true);
  await enough.promise;
  expect(told).toEqual([drawn(1), null, drawn(3)]);
  watch.setWorking(false);
  expect(told.at(-1)).toBeNull();
  await watch.stop();
  const before = reads;
  await new Promise((resolve) => setImmediate(resolve));
  expect(reads).toBe(before);
});

it('the power that is told is the mean of all that was measured, by part', () => {
  const mean = new MeanPower();
  for (const gpu of [10, 20, 30, 40]) expect(mean.note(drawn(gpu), 2_000)).toBeNull();
  expect(mean.note(drawn(null, 8), 2_000)).toEqual({ gpuWatts: 25, cpuWatts: 8, measuredMs: 10_000 });
});

describe('energy for a million tokens', () => {
  it('is what was drawn over what was trained meanwhile', () => {
    const meter = new EnergyMeter();
    // 148 W for a minute are 2.4667 Wh; in it 894,000 tokens were trained.
    for (let look = 0; look < 30; look++) meter.note(drawn(148), 2_000, 29_800);
    expect(meter.whPerMtoken('gpu')).toBeCloseTo((148 * 60) / 3_600 / 0.894, 9);
    expect(meter.whPerMtoken('cpu')).toBeNull();
  });

  it('is not known before half a minute, and not of a time in which nothing was trained', () => {
    const meter = new EnergyMeter();
    for (let look = 0; look < 14; look++) meter.note(drawn(100), 2_000, 50);
    expect(meter.whPerMtoken('gpu')).toBeNull();
    meter.note(drawn(100), 2_000, 50);
    expect(meter.whPerMtoken('gpu')).not.toBeNull();
    const idle = new EnergyMeter();
    for (let look = 0; look < 30; look++) idle.note(drawn(100), 2_000, 0);
    expect(idle.whPerMtoken('gpu')).toBeNull();
  });

  it('leaves out the tokens of a time in which nothing was measured', () => {
    const meter = new EnergyMeter();
    for (let look = 0; look < 30; look++) meter.note(drawn(look % 2 === 0 ? 100 : null), 2_000, 1_000);
    expect(meter.whPerMtoken('gpu')).toBeCloseTo((100 * 2) / 3_600 / 0.001, 9);
  });

  it('is of the last ten minutes', () => {
    const meter = new EnergyMeter();
    for (let look = 0; look < 300; look++) meter.note(drawn(300), 2_000, 1_000);
    for (let look = 0; look < 300; look++) meter.note(drawn(100), 2_000, 1_000);
    expect(meter.whPerMtoken('gpu')).toBeCloseTo((100 * 2) / 3_600 / 0.001, 9);
  });
});
