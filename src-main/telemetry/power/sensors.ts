import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { POWER_SOURCES_MAX, POWER_TEXT_MAX, POWER_TOOL_MS } from '../limits.ts';
import { counted, type EnergyMark, hwmonWatts, nvidiaWatts, wattsBetween } from './parse.ts';
import type { PowerPart, PowerReader } from './reader.ts';

/** Drivers of cards whose sensors the kernel shows. */
const CARDS: ReadonlySet<string> = new Set(['amdgpu', 'i915', 'xe']);
/** Of a card: what it draws, over a while or now; else what it has used so far. */
const DRAWN = ['power1_average', 'power1_input'] as const;
const USED = 'energy1_input';

/** null: not this time. */
type Source = { readonly part: PowerPart; read(signal: AbortSignal): Promise<number | null> };

export interface PowerSensors {
  /** "/sys" */
  readonly sys: string;
  /** What the maker's tool prints, nothing where it failed; null where there is none. */
  nvidia(signal: AbortSignal): Promise<string | null>;
  /** A clock that never goes back, in milliseconds. */
  nowMs(): number;
}

/**
 * NVIDIA by the maker's tool; AMD and Intel cards by what a Linux kernel shows of them; processors by their counter of
 * energy, which most systems let root alone read. What there is is looked for once.
 */
export function powerReader(from: PowerSensors): PowerReader {
  let found: Promise<readonly Source[]> | null = null;
  return {
    async read(signal) {
      found ??= sourcesOf(from);
      const sources = await found;
      const told = await Promise.all(sources.map((source) => source.read(signal)));
      signal.throwIfAborted();
      const watts: Partial<Record<PowerPart, number>> = {};
      for (const [i, { part }] of sources.entries()) {
        const value = told[i];
        if (value != null) watts[part] = (watts[part] ?? 0) + value;
      }
      return Object.keys(watts).length === 0 ? null : { watts };
    },
  };
}

async function sourcesOf(from: PowerSensors): Promise<readonly Source[]> {
  return [nvidiaSource(from), ...(await cardSources(from)), ...(await processorSources(from))];
}

/** A tool that is not there is not asked again. */
function nvidiaSource({ nvidia }: PowerSensors): Source {
  let isThere = true;
  return {
    part: 'gpu',
    async read(signal) {
      if (!isThere) return null;
      const text = await nvidia(signal);
      isThere = text !== null;
      return text === null ? null : nvidiaWatts(text);
    },
  };
}

async function cardSources({ sys, nowMs }: PowerSensors): Promise<readonly Source[]> {
  const folder = join(sys, 'class/hwmon');
  const cards: Source[] = [];
  for (const name of await list(folder)) {
    const at = join(folder, name);
    if (!CARDS.has((await text(join(at, 'name')))?.trim() ?? '')) continue;
    const drawn = await firstThere(DRAWN.map((file) => join(at, file)));
    if (drawn) cards.push({ part: 'gpu', read: async () => hwmonWatts((await text(drawn)) ?? '') });
    else cards.push(counter('gpu', join(at, USED), null, nowMs));
  }
  return cards;
}

/** Packages alone: what lies below one is in it already. */
async function processorSources({ sys, nowMs }: PowerSensors): Promise<readonly Source[]> {
  const folder = join(sys, 'class/powercap');
  const packages = (await list(folder)).filter((name) => /^intel-rapl:\d{1,3}$/.test(name));
  const sources: Source[] = [];
  for (const name of packages) {
    const at = join(folder, name);
    // A platform zone holds the packages.
    if (!(await text(join(at, 'name')))?.startsWith('package-')) continue;
    const range = counted((await text(join(at, 'max_energy_range_uj'))) ?? '');
    sources.push(counter('cpu', join(at, 'energy_uj'), range, nowMs));
  }
  return sources;
}

/** A counter tells from its second reading on. */
function counter(part: PowerPart, path: string, wrapsAt: bigint | null, nowMs: () => number): Source {
  let before: EnergyMark | null = null;
  return {
    part,
    async read() {
      const microjoules = counted((await text(path)) ?? '');
      const earlier = before;
      before = microjoules === null ? null : { microjoules, atMs: nowMs() };
      return earlier && before ? wattsBetween(earlier, before, wrapsAt) : null;
    },
  };
}

const text = (path: string): Promise<string | null> =>
  readFile(path, 'utf8').then(
    (found) => found.slice(0, POWER_TEXT_MAX),
    () => null,
  );

const list = (folder: string): Promise<readonly string[]> =>
  readdir(folder).then(
    (names) => names.toSorted().slice(0, POWER_SOURCES_MAX),
    () => [],
  );

async function firstThere(paths: readonly string[]): Promise<string | null> {
  for (const path of paths) if ((await text(path)) !== null) return path;
  return null;
}

const QUERY = ['--query-gpu=power.draw', '--format=csv,noheader,nounits'];

/** Asks the tool where it lies on the path, on any system. @returns null where there is none */
export const askNvidia = (signal: AbortSignal): Promise<string | null> =>
  new Promise((resolve) => {
    const limits = { signal, timeout: POWER_TOOL_MS, maxBuffer: POWER_TEXT_MAX, windowsHide: true };
    execFile('nvidia-smi', QUERY, limits, (error, stdout) => {
      if (error) resolve(isAbsent(error) ? null : '');
      else resolve(stdout);
    });
  });

const isAbsent = (error: Error): boolean => 'code' in error && error.code === 'ENOENT';
