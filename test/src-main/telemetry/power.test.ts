import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { counted, hwmonWatts, nvidiaWatts, wattsBetween } from '../../../src-main/telemetry/power/parse.ts';
import type { PowerReading } from '../../../src-main/telemetry/power/reader.ts';
import { powerReader } from '../../../src-main/telemetry/power/sensors.ts';
import { watchPower } from '../../../src-main/telemetry/power/watch.ts';
import type { PowerView } from '../../../src-shared/contract/page/app.ts';

const { signal } = new AbortController();

describe('what sensors say', () => {
  it.each<[string, number | null]>([
    ['61.25\n', 61.25],
    ['61.25\r\n 118.7\r\n', 179.95],
    ['[N/A]\n', null],
    ['[Not Supported]\n75.10\n', 75.1],
    ['No devices were found\n', null],
    ['NVIDIA-SMI has failed because it could not communicate with the NVIDIA driver.\n', null],
    ['', null],
    ['0.00\n', 0],
    // A sensor that is wrong, and what is no number of watts.
    ['99999.0\n', null],
    ['-5.0\n', null],
    ['1e3\n', null],
    ['0x10\n', null],
    ['61,25\n', null],
    ['61.25 W\n', null],
    [`${'1.0\n'.repeat(8_000)}`, null],
  ])('of the tool of a maker: %j', (text, watts) => {
    expect(nvidiaWatts(text)).toBe(watts);
  });

  it('of files of the kernel is a count, or nothing', () => {
    expect(hwmonWatts('38014000\n')).toBe(38.014);
    expect(hwmonWatts('0\n')).toBe(0);
    for (const text of ['', '\n', '-1\n', '12 34\n', '1.5\n', '9'.repeat(21), 'unavailable\n'])
      expect(counted(text)).toBeNull();
    expect(hwmonWatts('99999999999999\n')).toBeNull();
  });

  it('of a counter of energy is its difference, over the place where it begins anew', () => {
    const at = (microjoules: bigint, atMs: number) => ({ microjoules, atMs });
    expect(wattsBetween(at(1_000_000n, 0), at(91_000_000n, 2_000), null)).toBe(45);
    expect(wattsBetween(at(262_143_000_000n, 0), at(9_000_000n, 1_000), 262_143_328_850n)).toBeCloseTo(
      9.33,
      2,
    );
    // Nobody says where it begins anew; no time passed; more than any computer draws.
    expect(wattsBetween(at(5n, 0), at(4n, 1_000), null)).toBeNull();
    expect(wattsBetween(at(5n, 7), at(9n, 7), null)).toBeNull();
    expect(wattsBetween(at(0n, 0), at(10n ** 15n, 1_000), null)).toBeNull();
  });

  it('never makes anything but watts of whatever is there', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const watts of [nvidiaWatts(text), hwmonWatts(text)])
          expect(watts === null || (watts >= 0 && watts <= 20_000)).toBe(true);
      }),
    );
  });
});

describe('the reader', () => {
  async function sysOf(files: Readonly<Record<string, string>>) {
    const sys = await mkdtemp(join(tmpdir(), 'butterfly-sys-'));
    onTestFinished(() => rm(sys, { recursive: true }));
    const write = async (name: string, text: string) => {
      await mkdir(dirname(join(sys, name)), { recursive: true });
      await writeFile(join(sys, name), text);
    };
    for (const [name, text] of Object.entries(files)) await write(name, text);
    return { sys, write };
  }

  it('adds up cards of all makers, and tells counters from their second reading on', async () => {
    const { sys, write } = await sysOf({
      'class/hwmon/hwmon0/name': 'nvme\n',
      'class/hwmon/hwmon0/power1_input': '7000000\n',
      'class/hwmon/hwmon1/name': 'amdgpu\n',
      'class/hwmon/hwmon1/power1_average': '38000000\n',
      'class/hwmon/hwmon2/name': 'xe\n',
      'class/hwmon/hwmon2/energy1_input': '1000000\n',
      'class/powercap/intel-rapl:0/name': 'package-0\n',
      'class/powercap/intel-rapl:0/energy_uj': '5000000\n',
      'class/powercap/intel-rapl:0/max_energy_range_uj': '262143328850\n',
      'class/powercap/intel-rapl:0:0/name': 'core\n',
      'class/powercap/intel-rapl:0:0/energy_uj': '5000000\n',
      'class/powercap/intel-rapl:1/name': 'psys\n',
      'class/powercap/intel-rapl:1/energy_uj': '5000000\n',
    });
    let nowMs = 0;
    const reader = powerReader({ sys, nvidia: async () => '61.5\n', nowMs: () => nowMs });
    expect(await reader.read(signal)).toEqual({ watts: { gpu: 99.5 } });
    nowMs = 2_000;
    await write('class/hwmon/hwmon2/energy1_input', '21000000\n');
    await write('class/powercap/intel-rapl:0/energy_uj', '95000000\n');
    await write('class/powercap/intel-rapl:1/energy_uj', '995000000\n');
    expect(await reader.read(signal)).toEqual({ watts: { gpu: 109.5, cpu: 45 } });
  });

  it('knows nothing where nothing may be read, and asks for no tool twice that is not there', async () => {
    const { sys } = await sysOf({ 'class/powercap/intel-rapl:0/name': 'package-0\n' });
    let asked = 0;
    const nvidia = async () => {
      asked++;
      return null;
    };
    const reader = powerReader({ sys, nvidia, nowMs: () => 0 });
    for (let turn = 0; turn < 3; turn++) expect(await reader.read(signal)).toBeNull();
    expect(asked).toBe(1);
  });
});

it('power is measured while something works, in the mean by part, and never while nothing does', async () => {
  const readings: (PowerReading | null)[] = [
    null,
    ...[10, 20, 30, 40].map((gpu) => ({ watts: { gpu } })),
    { watts: { cpu: 8 } },
  ];
  const told: PowerView[] = [];
  const enough = Promise.withResolvers<void>();
  let reads = 0;
  const reader = {
    async read() {
      reads++;
      return readings.shift() ?? null;
    },
  };
  const watch = watchPower(
    reader,
    (view) => {
      told.push(view);
      enough.resolve();
    },
    1,
  );
  expect(reads).toBe(0);
  watch.setWorking(true);
  await enough.promise;
  expect(told[0]).toEqual({ gpuWatts: 25, cpuWatts: 8, measuredMs: 5 });
  watch.setWorking(false);
  await watch.stop();
  const before = reads;
  await new Promise((resolve) => setImmediate(resolve));
  expect(reads).toBe(before);
});
