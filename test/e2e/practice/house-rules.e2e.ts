import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { askFor, askStatus } from '../../../src-main/shells/control/ask-host.ts';
import type { RunStatus } from '../../../src-main/shells/control/protocol.ts';
import { type HostProcess, startHostProcess } from '../host-process.ts';
import { processesBelow, SOON_MS } from '../real-page.ts';

const FILM = 'butterfly-film';
/** What a sleep of the computer is played by: nothing of Butterfly runs for so long. */
const SLEEPS_MS = process.env.BUTTERFLY_SLEEP_MS ? [Number(process.env.BUTTERFLY_SLEEP_MS)] : [40_000];
const soon = { timeout: SOON_MS };

describe.runIf(process.env.BUTTERFLY_LONG && process.platform === 'linux')(
  'a practice under house rules',
  () => {
    let folder: string;
    let host: HostProcess;
    let film: ChildProcess | null = null;

    const dataDir = () => join(folder, 'data');
    async function run(): Promise<RunStatus> {
      const [first] = (await askStatus(dataDir())).runs;
      if (!first) throw new Error('no run');
      return first;
    }
    const committed = async () => (await run().catch(() => null))?.committed ?? 0;
    async function commitsMore(): Promise<void> {
      const before = await committed();
      await expect.poll(committed, soon).toBeGreaterThan(before);
    }
    async function startFilm(): Promise<void> {
      film = spawn(join(folder, FILM), ['100000'], { stdio: 'ignore' });
      await expect.poll(async () => (await run()).pausedFor, soon).toBe('app');
    }

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'butterfly-house-'));
      await copyFile('/bin/sleep', join(folder, FILM));
      await chmod(join(folder, FILM), 0o700);
      await mkdir(dataDir());
      const values = { 'rules.apps': FILM, 'rules.battery': false };
      await writeFile(join(dataDir(), 'settings.json'), JSON.stringify({ version: 1, values }));
      host = startHostProcess(['practice', '--headless', '--data-dir', dataDir()]);
      await vi.waitFor(async () => expect(await committed()).toBeGreaterThan(0), {
        ...soon,
        interval: 1_000,
      });
    }, 2 * SOON_MS);

    afterAll(async () => {
      film?.kill('SIGKILL');
      await host?.stop();
      await rm(folder, { recursive: true, force: true });
    });

    it('rests while a listed program runs, says so, and goes on by itself', {
      timeout: 3 * SOON_MS,
    }, async () => {
      await startFilm();
      expect(await run()).toMatchObject({
        state: 'paused',
        why: `${FILM} is running. Goes on by itself soon after it ends.`,
      });
      expect(host.output()).toContain(`Rests. ${FILM} is running.`);
      film?.kill('SIGKILL');
      await expect.poll(async () => (await run()).pausedFor, soon).toBeNull();
      await commitsMore();
    });

    it('works all the same for as long as a person says', { timeout: 2 * SOON_MS }, async () => {
      await startFilm();
      await askFor(dataDir(), { verb: 'resume', run: null, anywayMinutes: 60 });
      const { rulesAsideUntilMs } = await askStatus(dataDir());
      expect(rulesAsideUntilMs).toBeGreaterThan(Date.now() + 59 * 60_000);
      expect((await run()).pausedFor).toBeNull();
      film?.kill('SIGKILL');
    });

    it.each(SLEEPS_MS)(
      'is back in step within a round after a sleep of %i ms, with every process it had',
      {
        timeout: 4 * SOON_MS + Math.max(...SLEEPS_MS),
      },
      async (ms) => {
        await commitsMore();
        const pids = [host.pid, ...(await processesBelow(host.pid))];
        const before = await run();
        for (const pid of pids) process.kill(pid, 'SIGSTOP');
        await sleep(ms);
        for (const pid of pids) process.kill(pid, 'SIGCONT');
        // The round that it fell asleep in may come to nothing; the one after it does not.
        await expect.poll(async () => (await run()).rounds, soon).toBeGreaterThanOrEqual(before.rounds + 2);
        expect((await run()).committed).toBeGreaterThan(before.committed);
        expect([host.pid, ...(await processesBelow(host.pid))].toSorted()).toEqual(pids.toSorted());
        expect(await readFile(join(dataDir(), 'butterfly.log'), 'utf8')).not.toMatch(/starts again/);
      },
    );
  },
);
