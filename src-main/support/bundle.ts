import { readdir, stat, statfs } from 'node:fs/promises';
import { cpus, freemem, release, totalmem, version } from 'node:os';
import { join } from 'node:path';
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
  readonly redact: Redact;
  readonly signal: AbortSignal;
}

/** What helps somebody else to find a fault, and nothing that is nobody else's business: all of it passed `redact`. */
export async function supportBundle(sources: BundleSources): Promise<readonly BundlePart[]> {
  const { dataDir, settings, status, redact, signal } = sources;
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
  const found = await readdir(dataDir, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = found.filter((entry) => entry.isFile()).slice(0, BUNDLE_FILES);
  const lines = await Promise.all(
    files.map(async ({ parentPath, name }) => {
      const path = join(parentPath, name);
      const size = await stat(path).then(
        (facts) => facts.size,
        () => null,
      );
      return `${String(size ?? '?').padStart(12)}  ${path.slice(dataDir.length + 1)}`;
    }),
  );
  return `${lines.join('\n')}\n`;
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
  return `${lines.join('\n')}\n`.slice(-BUNDLE_LOG_BYTES);
}
