import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectButterfly } from '../../../sdk/client/connect.ts';
import { type HostProcess, startHostProcess } from '../host-process.ts';

const { signal } = new AbortController();
let folder = '';
let host: HostProcess;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'butterfly-sdk-'));
  host = startHostProcess(['--no-open', '--data-dir', folder]);
  await host.redirectFile;
});
afterAll(async () => {
  await host.stop();
  await rm(folder, { recursive: true, force: true });
});

/** An example as its reader starts it. */
function example(name: string, ...words: readonly string[]) {
  const child = spawn(process.execPath, [`sdk/examples/${name}.ts`, folder, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    said.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    said.err += chunk;
  });
  return { said, ended: once(child, 'close').then(([code]) => ({ code, ...said })) };
}

describe('a program of one’s own', () => {
  it('is told where nothing runs', async () => {
    await expect(connectButterfly(join(folder, 'absent'))).rejects.toMatchObject({
      code: 'HOST_NOT_RUNNING',
    });
  });

  it('starts a run and watches its scores', { timeout: 240_000 }, async () => {
    const started = await example('start-run').ended;
    expect(started).toMatchObject({
      code: 0,
      out: expect.stringMatching(/round \d+ is committed, by \d members/),
    });
    const watched = await example('watch-scores', '1').ended;
    expect(watched).toMatchObject({ code: 0, out: expect.stringMatching(/uid \d+: /) });
  });

  it('puts a stake of the practice before its owner, and hears that it was taken back', async () => {
    const own = await connectButterfly(folder);
    try {
      const paid = await own.until(
        ({ runs }) => Object.entries(runs).find(([, { wallet }]) => wallet !== null),
        signal,
      );
      const [hotkey, { facts, wallet }] = paid;
      const coldkey = wallet?.coldkey ?? '';
      const staking = example('stake', facts.network, coldkey, String(facts.netuid), hotkey, '0.5');
      const waits = await Promise.race([
        own.until(({ signing }) => signing, signal),
        staking.ended.then(({ out, err }) => Promise.reject(new Error(out + err))),
      ]);
      await expect.poll(() => staking.said.out).toMatch(/at most 0\.5\d* TAO leave/);
      await expect.poll(() => staking.said.out).toContain('it waits to be signed at http://127.0.0.1:');
      await own.api.withdrawMoney(waits.id);
      expect(await staking.ended).toMatchObject({ code: 1, out: expect.stringContaining('taken back') });
    } finally {
      own.close();
    }
  });
});
