import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CardSensors, CardVendor } from '../../src-shared/contract/page/card.ts';
import { CARD_NAME_MAX, SENSOR_SOURCES_MAX, SENSOR_TEXT_MAX } from './limits.ts';
import {
  asBytes,
  asCelsius,
  asShare,
  asWatts,
  counted,
  type EnergyMark,
  number,
  wattsBetween,
} from './parse.ts';

/** What a Linux kernel shows of AMD's and Intel's cards, and of processors, without any tool. */
export interface Sysfs {
  /** "/sys" */
  readonly sys: string;
  /** A clock that never goes back, in milliseconds. */
  nowMs(): number;
}

type ReadCard = () => Promise<CardSensors>;
type ReadWatts = () => Promise<number | null>;

/** Drivers of cards whose sensors the kernel shows. */
const vendors: ReadonlyMap<string, CardVendor> = new Map([
  ['amdgpu', 'amd'],
  ['i915', 'intel'],
  ['xe', 'intel'],
]);
/** `power1_*` are microwatts, `temp*` thousandths of a degree, a full `pwm1` is 255. */
const MICRO = 1e-6;
const MILLI = 1e-3;
const FULL_PWM = 255;

/** The cards there are, looked for once; plugs of a card have entries of their own, which are none. */
export async function sysfsCards({ sys, nowMs }: Sysfs): Promise<readonly ReadCard[]> {
  const folder = join(sys, 'class/drm');
  const cards: ReadCard[] = [];
  for (const name of (await list(folder)).filter((entry) => /^card\d{1,3}$/.test(entry))) {
    const device = join(folder, name, 'device');
    const vendor = vendors.get(/^DRIVER=(\w+)$/m.exec((await text(join(device, 'uevent'))) ?? '')?.[1] ?? '');
    if (vendor) cards.push(await cardAt(device, vendor, nowMs));
  }
  return cards;
}

async function cardAt(device: string, vendor: CardVendor, nowMs: () => number): Promise<ReadCard> {
  const [own] = (await list(join(device, 'hwmon'))).filter((entry) => /^hwmon\d{1,3}$/.test(entry));
  const of = (file: string) => text(join(device, file)).then(number);
  const at = (file: string) => (own ? text(join(device, 'hwmon', own, file)).then(number) : null);
  const first = async (...files: readonly string[]): Promise<number | null> => {
    for (const file of files) {
      const found = await at(file);
      if (found !== null) return found;
    }
    return null;
  };
  const counter = own ? energyCounter(join(device, 'hwmon', own, 'energy1_input'), null, nowMs) : null;
  const productName = (await text(join(device, 'product_name')))?.trim().slice(0, CARD_NAME_MAX);
  return async () => ({
    vendor,
    name: productName || null,
    celsius: asCelsius(await first('temp1_input', 'temp2_input'), MILLI),
    // What it draws, over a while or now; else what it has used since the last look.
    watts: asWatts(await first('power1_average', 'power1_input'), MICRO) ?? (await counter?.()) ?? null,
    memoryBytes: asBytes(await of('mem_info_vram_total')),
    usedBytes: asBytes(await of('mem_info_vram_used')),
    busy: asShare(await of('gpu_busy_percent'), 100),
    fan: asShare(await at('pwm1'), FULL_PWM) ?? asShare(await at('fan1_input'), await at('fan1_max')),
  });
}

/** Packages alone: what lies below one is in it already. Most systems let root alone read their counters. */
export async function sysfsProcessors({ sys, nowMs }: Sysfs): Promise<readonly ReadWatts[]> {
  const folder = join(sys, 'class/powercap');
  const sources: ReadWatts[] = [];
  for (const name of (await list(folder)).filter((entry) => /^intel-rapl:\d{1,3}$/.test(entry))) {
    const at = join(folder, name);
    // A platform zone holds the packages.
    if (!(await text(join(at, 'name')))?.startsWith('package-')) continue;
    const range = counted((await text(join(at, 'max_energy_range_uj'))) ?? '');
    sources.push(energyCounter(join(at, 'energy_uj'), range, nowMs));
  }
  return sources;
}

/** A counter tells from its second reading on. */
function energyCounter(path: string, wrapsAt: bigint | null, nowMs: () => number): ReadWatts {
  let before: EnergyMark | null = null;
  return async () => {
    const microjoules = counted((await text(path)) ?? '');
    const earlier = before;
    before = microjoules === null ? null : { microjoules, atMs: nowMs() };
    return earlier && before ? wattsBetween(earlier, before, wrapsAt) : null;
  };
}

const text = (path: string): Promise<string | null> =>
  readFile(path, 'utf8').then(
    (found) => found.slice(0, SENSOR_TEXT_MAX),
    () => null,
  );

const list = (folder: string): Promise<readonly string[]> =>
  readdir(folder).then(
    (names) => names.toSorted().slice(0, SENSOR_SOURCES_MAX),
    () => [],
  );
