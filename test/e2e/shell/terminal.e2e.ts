import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startHostProcess } from '../host-process.ts';
import { processesBelow, programOf } from '../real-page.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'butterfly-terminal-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** The built host on a data folder of its own, up to the line that says where it runs. */
async function running() {
  const child = spawn(
    process.execPath,
    ['out/host/serve.js', '--no-open', '--port', '0', '--data-dir', folder],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const ended = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  for await (const line of createInterface({ input: child.stdout })) if (line.includes('runs at')) break;
  return { child, ended, said: () => said };
}

describe('a terminal', () => {
  it('that sends Ctrl+C is told what happens, and the program ends in order', async () => {
    const { child, ended, said } = await running();
    child.kill('SIGINT');
    expect(await ended).toEqual({ code: 0, signal: null });
    expect(said()).toContain('Press Ctrl+C again to leave at once.');
  });

  it('that goes away does not cut the program off: it ends in order and leaves its folder free', async () => {
    const { child, ended } = await running();
    child.stdout.destroy();
    child.stderr.destroy();
    child.kill('SIGHUP');
    expect(await ended).toEqual({ code: 0, signal: null });
    expect(await readdir(folder)).not.toContain('open-butterfly.html');
  });

  it('whose npm is ended takes the host with it', async () => {
    const npm = spawn('npm', ['start', '--', '--no-open', '--port', '0', '--data-dir', folder], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    // The pipes close when the last process behind them has ended, the host too.
    const closed = once(npm, 'close');
    for await (const line of createInterface({ input: npm.stdout })) if (line.includes('runs at')) break;
    npm.stdout.resume();
    npm.kill('SIGTERM');
    await closed;
    expect(await readdir(folder)).not.toContain('open-butterfly.html');
  });

  it('is told nothing of a killed trainer that is not for people: the log has it all', {
    timeout: 120_000,
  }, async () => {
    const net = join(folder, 'net');
    const dataDir = join(folder, 'data');
    const log = async () => readFile(join(dataDir, 'butterfly.log'), 'utf8').catch(() => '');
    // Colours as on a real terminal.
    const devnet = startHostProcess(['devnet', '--folder', net, '--port', '0'], { FORCE_COLOR: '1' });
    const [, url = ''] = await devnet.said(/answers at (ws:[^,\s]+),/);
    const run = ['--network', `own=${url}`, '--profile', join(net, 'profile.json'), '--role', 'miner'];
    const purse = ['--keys', join(net, 'miner-1'), '--register-limit', '1', '--data-dir', dataDir];
    const host = startHostProcess(['join', '--headless', ...run, ...purse], { FORCE_COLOR: '1' });
    try {
      await host.said(/^Works as miner/);
      const pids = await processesBelow(host.pid);
      const trainer = pids.find((pid) => programOf(pid).endsWith('/train.js')) ?? 0;
      // A trainer that answers no more, so that something is asked of it when it dies.
      process.kill(trainer, 'SIGSTOP');
      devnet.type('start');
      await expect.poll(log, { timeout: 60_000 }).toContain('openRound');
      process.kill(trainer, 'SIGKILL');
      await expect.poll(log, { timeout: 60_000 }).toMatch(/train starts again .*SIGKILL/);
      await expect.poll(log).toMatch(/round command failed openRound.*\n +at /);
      for (const { output } of [host, devnet]) {
        expect(output()).not.toContain('\u001b');
        expect(output()).not.toMatch(/^\s+at /m);
      }
    } finally {
      await host.stop();
      await devnet.stop();
    }
  });
});
