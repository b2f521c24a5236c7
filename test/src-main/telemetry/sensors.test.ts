import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { machineReader } from '../../../src-main/telemetry/machine.ts';
import { askNvidia, nvidiaCards, parseNvidia } from '../../../src-main/telemetry/nvidia.ts';
import { asWatts, counted, decimal, wattsBetween } from '../../../src-main/telemetry/parse.ts';
import type { ToolAnswer } from '../../../src-main/telemetry/tool.ts';
import type { CardSensors } from '../../../src-shared/contract/page/card.ts';

const { signal } = new AbortController();
const GIB = 2 ** 30;

describe('what the tool of NVIDIA prints', () => {
  const untold: CardSensors = {
    ...{ vendor: 'nvidia', name: null, celsius: null, watts: null, memoryBytes: null },
    ...{ usedBytes: null, busy: null, fan: null },
  };

  it('is a line a card', () => {
    const text = [
      '71, 148.32, 12288, 9301, 98, 62, NVIDIA GeForce RTX 3060',
      '44, 61.20, 24576, 812, 3, 0, NVIDIA GeForce RTX 4090',
      '',
    ].join('\r\n');
    expect(parseNvidia(text)).toEqual([
      {
        ...{ vendor: 'nvidia', name: 'NVIDIA GeForce RTX 3060', celsius: 71, watts: 148.32 },
        ...{ memoryBytes: 12 * GIB, usedBytes: 9301 * 2 ** 20, busy: 0.98, fan: 0.62 },
      },
      {
        ...{ vendor: 'nvidia', name: 'NVIDIA GeForce RTX 4090', celsius: 44, watts: 61.2 },
        ...{ memoryBytes: 24 * GIB, usedBytes: 812 * 2 ** 20, busy: 0.03, fan: 0 },
      },
    ]);
  });

  it('leaves unknown what a card does not tell: no fan of its own, no meter, memory that is shared', () => {
    expect(parseNvidia('38, [N/A], 81920, 0, 0, [N/A], NVIDIA A100-PCIE-80GB\n')).toEqual([
      {
        ...{ ...untold, name: 'NVIDIA A100-PCIE-80GB', celsius: 38 },
        ...{ memoryBytes: 80 * GIB, usedBytes: 0, busy: 0 },
      },
    ]);
    expect(
      parseNvidia('[Not Supported], [Unknown Error], [N/A], [N/A], ERR!, N/A, NVIDIA GH200, 480GB\n'),
    ).toEqual([{ ...untold, name: 'NVIDIA GH200, 480GB' }]);
  });

  it('of a sensor that is wrong is unknown, and its other numbers hold', () => {
    const [card] = parseNvidia('999, 99999.0, 12288, 9301, 400, 62, GeForce');
    expect(card).toMatchObject({ celsius: null, watts: null, busy: null, fan: 0.62, memoryBytes: 12 * GIB });
  });

  it.each([
    ['a sentence', 'No devices were found\n'],
    [
      'a failure',
      "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure, that, the, latest, driver, is, installed.\n",
    ],
    ['half a line', '71, 148.32, 122'],
    ['numbers of another form', '0x47, 148.32, 12288, 9301, 98, 62, GeForce\n-5, 1, 1, 1, 1, 1, GeForce\n'],
    ['units that nobody asked for', '71 C, 148.32 W, 12288 MiB, 9301 MiB, 98 %, 62 %, GeForce\n'],
    ['more than anybody reads', '1, 1, 1, 1, 1, 1, GeForce\n'.repeat(1_000)],
    ['nothing', ''],
  ])('is no card where it is %s', (_what, text) => {
    expect(parseNvidia(text)).toEqual([]);
  });

  it('never makes anything but plausible numbers of whatever is there', () => {
    const cell = fc.oneof(fc.string({ unit: 'binary' }), fc.double().map(String), fc.constant('[N/A]'));
    fc.assert(
      fc.property(fc.array(cell, { maxLength: 9 }), (cells) => {
        for (const { celsius, watts, memoryBytes, usedBytes, busy, fan } of parseNvidia(cells.join(', '))) {
          for (const share of [busy, fan]) expect(share === null || (share >= 0 && share <= 1)).toBe(true);
          expect(celsius === null || (celsius >= 0 && celsius <= 150)).toBe(true);
          expect(watts === null || (watts >= 0 && watts <= 20_000)).toBe(true);
          for (const bytes of [memoryBytes, usedBytes])
            expect(bytes === null || (bytes >= 0 && bytes <= 2 ** 50)).toBe(true);
        }
      }),
    );
  });
});

describe('numbers of the kernel', () => {
  it('are counts, or nothing', () => {
    expect(asWatts(Number(counted('38014000\n')), 1e-6)).toBeCloseTo(38.014, 6);
    for (const text of ['', '\n', '-1\n', '12 34\n', '1.5\n', '9'.repeat(21), 'unavailable\n'])
      expect(counted(text)).toBeNull();
    expect(asWatts(1e14, 1e-6)).toBeNull();
    for (const text of ['1e3', '61,25', '', ' 1', '[N/A]']) expect(decimal(text)).toBeNull();
  });

  it('of a counter of energy are its difference, over the place where it begins anew', () => {
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
  const absent = async (): Promise<ToolAnswer> => 'absent';

  it('knows an AMD card by its files, with its plugs beside it', async () => {
    const { sys } = await sysOf({
      'class/drm/card1/device/uevent': 'DRIVER=amdgpu\nPCI_CLASS=30000\nPCI_ID=1002:744C\n',
      'class/drm/card1/device/gpu_busy_percent': '97\n',
      'class/drm/card1/device/mem_info_vram_total': '25753026560\n',
      'class/drm/card1/device/mem_info_vram_used': '9126805504\n',
      'class/drm/card1/device/hwmon/hwmon3/power1_average': '287000000\n',
      'class/drm/card1/device/hwmon/hwmon3/temp1_input': '64000\n',
      'class/drm/card1/device/hwmon/hwmon3/temp2_input': '81000\n',
      'class/drm/card1/device/hwmon/hwmon3/fan1_input': '1100\n',
      'class/drm/card1/device/hwmon/hwmon3/fan1_max': '3300\n',
      'class/drm/card1-DP-1/device/uevent': 'DRIVER=amdgpu\n',
      'class/drm/renderD128/device/uevent': 'DRIVER=amdgpu\n',
    });
    const reader = machineReader({ sys, ask: absent, nowMs: () => 0 });
    expect(await reader.read(signal)).toEqual({
      cards: [
        {
          ...{ vendor: 'amd', name: null, celsius: 64, watts: 287, memoryBytes: 25_753_026_560 },
          ...{ usedBytes: 9_126_805_504, busy: 0.97, fan: 1 / 3 },
        },
      ],
      cpuWatts: null,
    });
  });

  it('knows what Intel’s drivers tell, counters from their second reading on, and adds up processors', async () => {
    const { sys, write } = await sysOf({
      'class/drm/card0/device/uevent': 'DRIVER=xe\n',
      'class/drm/card0/device/hwmon/hwmon2/energy1_input': '1000000\n',
      'class/drm/card0/device/hwmon/hwmon2/temp2_input': '52000\n',
      'class/drm/card0/device/hwmon/hwmon2/fan1_input': '900\n',
      'class/drm/card1/device/uevent': 'DRIVER=i915\n',
      'class/drm/card2/device/uevent': 'DRIVER=virtio-pci\n',
      'class/powercap/intel-rapl:0/name': 'package-0\n',
      'class/powercap/intel-rapl:0/energy_uj': '5000000\n',
      'class/powercap/intel-rapl:0/max_energy_range_uj': '262143328850\n',
      'class/powercap/intel-rapl:0:0/name': 'core\n',
      'class/powercap/intel-rapl:0:0/energy_uj': '5000000\n',
      'class/powercap/intel-rapl:1/name': 'psys\n',
      'class/powercap/intel-rapl:1/energy_uj': '5000000\n',
    });
    let nowMs = 0;
    const reader = machineReader({ sys, ask: absent, nowMs: () => nowMs });
    const intel = { vendor: 'intel', name: null, memoryBytes: null, usedBytes: null, busy: null, fan: null };
    const arc = { ...intel, celsius: 52, watts: null };
    const built = { ...intel, celsius: null, watts: null };
    expect(await reader.read(signal)).toEqual({ cards: [arc, built], cpuWatts: null });
    nowMs = 2_000;
    await write('class/drm/card0/device/hwmon/hwmon2/energy1_input', '21000000\n');
    await write('class/powercap/intel-rapl:0/energy_uj', '95000000\n');
    await write('class/powercap/intel-rapl:1/energy_uj', '995000000\n');
    expect(await reader.read(signal)).toEqual({ cards: [{ ...arc, watts: 10 }, built], cpuWatts: 45 });
  });

  it('takes damaged files for unknown', async () => {
    const { sys } = await sysOf({
      'class/drm/card0/device/uevent': 'DRIVER=amdgpu',
      'class/drm/card0/device/gpu_busy_percent': '450\n',
      'class/drm/card0/device/mem_info_vram_total': 'many\n',
      'class/drm/card0/device/hwmon/hwmon0/power1_average': '-3\n',
      'class/drm/card0/device/hwmon/hwmon0/power1_input': '38000000\n',
      'class/drm/card0/device/hwmon/hwmon0/temp1_input': '\u0000\n',
      'class/drm/card0/device/hwmon/hwmon0/pwm1': '256\n',
    });
    const reader = machineReader({ sys, ask: absent, nowMs: () => 0 });
    const { cards } = (await reader.read(signal)) ?? {};
    expect(cards).toEqual([
      {
        ...{ vendor: 'amd', name: null, celsius: null, watts: 38, memoryBytes: null, usedBytes: null },
        ...{ busy: null, fan: null },
      },
    ]);
  });

  it('knows nothing where nothing may be read', async () => {
    const { sys } = await sysOf({ 'class/powercap/intel-rapl:0/name': 'package-0\n' });
    expect(await machineReader({ sys, ask: absent, nowMs: () => 0 }).read(signal)).toBeNull();
  });
});

describe('the tool', () => {
  it('that is not there is asked once, one that fails a minute later', async () => {
    let nowMs = 0;
    const asked: number[] = [];
    const answers: ToolAnswer[] = ['failed', { text: '1, 1, 1, 1, 1, 1, GeForce' }, 'absent'];
    const read = nvidiaCards({
      async ask() {
        asked.push(nowMs);
        return answers.shift() ?? 'failed';
      },
      nowMs: () => nowMs,
    });
    for (const atMs of [0, 2_000, 59_000, 60_000, 62_000, 1e9]) {
      nowMs = atMs;
      expect(await read(signal)).toHaveLength(atMs === 60_000 ? 1 : 0);
    }
    expect(asked).toEqual([0, 60_000, 62_000]);
  });

  describe.skipIf(process.platform === 'win32')('as a program', () => {
    afterEach(() => vi.unstubAllEnvs());

    async function program(script: string): Promise<void> {
      const folder = await mkdtemp(join(tmpdir(), 'butterfly-smi-'));
      onTestFinished(() => rm(folder, { recursive: true }));
      await writeFile(join(folder, 'nvidia-smi'), `#!/bin/sh\n${script}\n`);
      await chmod(join(folder, 'nvidia-smi'), 0o755);
      vi.stubEnv('PATH', folder);
    }

    it('is asked for what is parsed', async () => {
      await program('echo "$@"');
      expect(await askNvidia(signal)).toEqual({
        text: '--query-gpu=temperature.gpu,power.draw,memory.total,memory.used,utilization.gpu,fan.speed,name --format=csv,noheader,nounits\n',
      });
    });

    it('that hangs and hears no kind word is killed', async () => {
      await program("trap '' TERM\nexec /bin/sleep 600");
      expect(await askNvidia(signal, 50)).toBe('failed');
    });

    it('that fails, or prints without end, has failed', async () => {
      await program('echo no driver; exit 9');
      expect(await askNvidia(signal)).toBe('failed');
      await program('while :; do echo 1234567890123456789012345678901234567890; done');
      expect(await askNvidia(signal)).toBe('failed');
    });

    it('that is not there is absent', async () => {
      vi.stubEnv('PATH', '/nowhere');
      expect(await askNvidia(signal)).toBe('absent');
    });
  });
});
