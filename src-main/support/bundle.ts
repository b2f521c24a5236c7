import { opendir, stat, statfs } from 'node:fs/promises';
import { cpus, freemem, release, totalmem, version } from 'node:os';
import { join, relative } from 'node:path';
import type { SettingValues } from '../../src-shared/settings.ts';
import { BUNDLE_FILES, BUNDLE_LOG_BYTES, BUNDLE_PART_BYTES } from '../logs/limits.ts';
import { CAUGHT_UP, readLog } from '../logs/read-log.ts';
import type { Redact } from '../logs/redact.ts';
import { APP_VERSION } from '../version.ts';

/** A file of the bundle, as a person reads it before it goes anywhere. */
export interface BundlePart {
  readonly name: string;
  /** What it is, in a line. */
  readonly what: string;
  readonly content: string;
}

export interface BundleSources {
  readonly dataDir: string;
  readonly settings: SettingValues;
  /** What the host that runs there answered; null: none does. */
  readonly status: object | null;
  /** JSON of what it told besides, cards among it; null: none did. */
  readonly view: string | null;
  readonly redact: Redact;
  readonly signal: AbortSignal;
}

/** What helps somebody else to find a fault, and nothing that is nobody else's business: all of it passed `redact`. */
export async function supportBundle(sources: BundleSources): Promise<readonly BundlePart[]> {
  const { dataDir, settings, status, view, redact, signal } = sources;
  const part = (name: string, what: string, content: string): BundlePart => {
    const safe = redact(content);
    const fits = Buffer.byteLength(safe) <= BUNDLE_PART_BYTES;
    return { name, what, content: fits ? safe : 'Left out: it is too large.\n' };
  };
  return [
    part('versions.json', 'versions of Butterfly, its runtime and the operating system', json(versions())),
    part('hardware.json', 'processor, memory and disk', json(await hardware(dataDir))),
    part('settings.json', 'the settings', json(settings)),
    part('status.json', 'what runs', json(status ?? { running: false })),
    part(
      'view.json',
      'cards, rules, notices, and how each run goes; nothing of wallets and pay',
      json(view === null ? { running: false } : JSON.parse(view)),
    ),
    part(
      'files.txt',
      'names and sizes of files in the data folder, not what is in them',
      await fileList(dataDir),
    ),
    part('butterfly.log', 'the newest part of the log', await newestLog(dataDir, signal)),
  ];
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

function versions(): object {
  const { node, v8, openssl } = process.versions;
  const { platform, arch } = process;
  return { butterfly: APP_VERSION, node, v8, openssl, platform, arch, system: release(), build: version() };
}

async function hardware(dataDir: string): Promise<object> {
  const disk = await statfs(dataDir).catch(() => null);
  return {
    processor: cpus()[0]?.model.trim() ?? null,
    cores: cpus().length,
    memoryBytes: totalmem(),
    freeMemoryBytes: freemem(),
    diskBytes: disk && disk.bsize * disk.blocks,
    freeDiskBytes: disk && disk.bsize * disk.bavail,
  };
}

async function fileList(dataDir: string): Promise<string> {
  const lines: string[] = [];
  for await (const path of filesBelow(dataDir)) {
    if (lines.length === BUNDLE_FILES) {
      lines.push('There are more.');
      break;
    }
    const size = await stat(path).then(
      (facts) => facts.size,
      () => null,
    );
    lines.push(`${String(size ?? '?').padStart(12)}  ${relative(dataDir, path)}`);
  }
  return `${lines.join('\n')}\n`;
}

/** One after the other, for a folder may hold any number. What cannot be read is passed over. */
async function* filesBelow(folder: string): AsyncGenerator<string> {
  const entries = await opendir(folder).catch(() => null);
  for await (const entry of entries ?? []) {
    const path = join(folder, entry.name);
    if (entry.isFile()) yield path;
    else if (entry.isDirectory()) yield* filesBelow(path);
  }
}

async function newestLog(dataDir: string, signal: AbortSignal): Promise<string> {
  let lines: string[] = [];
  let bytes = 0;
  for await (const line of readLog(dataDir, false, signal)) {
    if (line === CAUGHT_UP) break;
    lines.push(line);
    bytes += Buffer.byteLength(line) + 1;
    if (bytes < 2 * BUNDLE_LOG_BYTES) continue;
    lines = lines.slice(lines.length / 2);
    bytes = Buffer.byteLength(lines.join('\n'));
  }
  const text = `${lines.join('\n')}\n`;
  // Whole lines alone: without the name before it, half a secret is not known as one.
  return text.length <= BUNDLE_LOG_BYTES
    ? text
    : text.slice(text.indexOf('\n', text.length - BUNDLE_LOG_BYTES) + 1);
}
