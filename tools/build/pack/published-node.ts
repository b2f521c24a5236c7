import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runtimeName, type Target } from './target.ts';

/** Where Node's publisher puts its releases. */
const PUBLISHER = 'https://nodejs.org/dist';
const FETCH_MS = 300_000;
const ARCHIVE_BYTES_MAX = 200_000_000;

export interface PublishedNodeOptions {
  readonly target: Target;
  /** Without a `v`. */
  readonly version: string;
  /** A folder of ours that is emptied first. */
  readonly folder: string;
  readonly publisher?: string;
}

/**
 * Fetches the Node of a target from its publisher and compares it with the sum that is published beside it. Its licence
 * lies beside it as in its packages, except for Windows, whose binary is published without.
 * @returns the path of its binary
 * @throws where there is none, or its sum is another one
 */
export async function publishedNode(options: PublishedNodeOptions): Promise<string> {
  const { target, version, folder, publisher = PUBLISHER } = options;
  const { platform, arch } = target;
  const release = `${publisher}/v${version}`;
  const sums = (await fetched(`${release}/SHASUMS256.txt`)).toString('utf8');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  // Windows' binary is published alone, the others in an archive.
  const file = platform === 'win32' ? `win-${arch}/node.exe` : `node-v${version}-${platform}-${arch}.tar.gz`;
  const content = await fetched(`${release}/${file}`);
  const sum = createHash('sha256').update(content).digest('hex');
  if (sum !== sumIn(sums, file))
    throw new Error(`${file} of Node ${version} has another sum than is published: ${sum}`);
  const path = join(folder, platform === 'win32' ? runtimeName(target) : 'node.tar.gz');
  writeFileSync(path, content, { mode: 0o755 });
  if (platform === 'win32') return path;
  const inside = file.slice(0, -'.tar.gz'.length);
  const wanted = [`${inside}/bin/node`, `${inside}/LICENSE`];
  execFileSync('tar', ['-xzf', path, '-C', folder, '--strip-components=1', ...wanted]);
  return join(folder, 'bin', 'node');
}

/** @returns the sum of a file in a list of sums; null where it is not in there */
export function sumIn(sums: string, file: string): string | null {
  for (const line of sums.split('\n')) {
    const [sum = '', name] = line.split(/ {2}/);
    if (name === file && /^[0-9a-f]{64}$/.test(sum)) return sum;
  }
  return null;
}

/** Whether two files are the same, byte for byte. */
export const areSame = (a: string, b: string): boolean => readFileSync(a).equals(readFileSync(b));

async function fetched(url: string): Promise<Buffer> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(FETCH_MS), redirect: 'error' });
  if (!answer.ok || !answer.body) throw new Error(`${url}: ${answer.status}`);
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of answer.body) {
    bytes += part.length;
    if (bytes > ARCHIVE_BYTES_MAX) throw new Error(`${url} is larger than any of its kind`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}
