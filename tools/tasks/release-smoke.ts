import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { endsWithin, pause } from '../../src-node/waits.ts';
import { ownTarget } from '../build/pack/target.ts';
import { ROOT } from '../build/stamp.ts';

/**
 * `npm run release:smoke`: the app as it is installed or lies in dist/, started as a user starts it. It examines itself,
 * then comes to the first round of a practice at a click, and is looked at; ends with 1 where any of it fails.
 */
const SELF_TEST_MS = 180_000;
const ROUND_MS = 600_000;
const END_MS = 60_000;
const LOOK_AGAIN_MS = 200;
const SCREENS = join(ROOT, 'test-results', 'smoke');

const app = process.argv[2] ?? installedApp();
const home = mkdtempSync(join(tmpdir(), 'butterfly-smoke-'));
mkdirSync(SCREENS, { recursive: true });
try {
  await examine();
  await practise();
  console.log(`${app} works.`);
} finally {
  rmSync(home, { recursive: true, force: true, maxRetries: 10 });
}

function installedApp(): string {
  const { arch } = ownTarget();
  const found = [
    '/opt/Butterfly/butterfly',
    join(ROOT, 'dist', arch === 'x64' ? 'mac' : `mac-${arch}`, 'Butterfly.app/Contents/MacOS/Butterfly'),
    join(ROOT, 'dist', arch === 'x64' ? 'win-unpacked' : `win-${arch}-unpacked`, 'Butterfly.exe'),
    join(ROOT, 'dist', arch === 'x64' ? 'linux-unpacked' : `linux-${arch}-unpacked`, 'butterfly'),
  ].find((path) => existsSync(path));
  if (!found) throw new Error('No app lies in dist/ and none is installed. Run: npm run dist');
  return found;
}

async function examine(): Promise<void> {
  const child = spawn(app, ['--self-test'], { stdio: 'inherit', timeout: SELF_TEST_MS });
  const [code, signal] = await once(child, 'exit');
  if (code !== 0) throw new Error(`Its examination of itself ended with ${code ?? signal}.`);
}

/** Over Chromium's own port for developers, which Electron passes on: Node's is shut by a fuse. */
async function practise(): Promise<void> {
  const port = await freePort();
  const words = [`--remote-debugging-port=${port}`, '--data-dir', join(home, 'data')];
  const child = spawn(app, words, { stdio: 'inherit' });
  const ended = once(child, 'exit');
  try {
    const page = await Promise.race([pageAt(port), ended.then(ranOut)]);
    await page.getByRole('button', { name: 'Practice', exact: true }).click({ timeout: END_MS });
    await page.getByText(/by validator/).waitFor({ timeout: ROUND_MS });
    await page.getByRole('heading', { name: 'Gradient' }).waitFor({ timeout: ROUND_MS });
    await page.screenshot({ path: join(SCREENS, `${process.platform}-${process.arch}.png`) });
  } finally {
    await quit(child, ended);
  }
}

function ranOut(): never {
  throw new Error('It ended before its page was there.');
}

async function pageAt(port: number): Promise<Page> {
  const over = AbortSignal.timeout(END_MS);
  for (;;) {
    const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`).catch(() => null);
    const pages = browser?.contexts().flatMap((context) => context.pages()) ?? [];
    const page = pages.find((each) => each.url().startsWith('app://butterfly/'));
    if (page) return page;
    await browser?.close();
    if (over.aborted) throw new Error('Its page did not open.');
    await pause(LOOK_AGAIN_MS, over);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function quit(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.kill('SIGTERM');
  if (await endsWithin(ended, END_MS)) return;
  child.kill('SIGKILL');
  throw new Error('It did not end when it was asked to.');
}
