import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { NOTHING_PAID } from '../../../src-main/runs/joined.ts';
import { keptRunsFile } from '../../../src-main/runs/kept-runs.ts';
import { openRuns } from '../../../src-main/runs/runs.ts';
import { hex, ss58 } from '../../../src-shared/units.ts';

describe('runs that are stopped', () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'runs-'));
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  const [first, second] = [
    ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY'),
    ss58('5FLSigC9HGRKVhB9FiEo4Y3koPsNmBmLJbpXg2mp1hXcS59Y'),
  ];
  const facts = {
    ...{ profile: 'lan', profileHash: hex('9f'.repeat(32)), netuid: 38, role: 'miner' as const },
    ...{ mark: null, network: 'lan', startedAtMs: 1, controls: ['stop' as const], continuesAtRound: null },
  };
  const silent = { on: () => () => undefined };
  let planned = first;
  const open = () =>
    openRuns({
      file: keptRunsFile(dataDir, () => undefined),
      planOf: async () => ({
        id: planned,
        facts,
        keysDir: '/nowhere',
        waitsForChain: false,
        begin: async () =>
          ({
            stop: async () => undefined,
            setActive: async () => undefined,
            run: { swarm: silent, chain: silent },
          }) as never,
      }),
      folderOf: ({ kind }) => `/data/${kind}`,
      log: () => undefined,
      signal: new AbortController().signal,
    });

  async function stopBoth(): Promise<void> {
    const runs = await open();
    for (const id of [first, second]) {
      planned = id;
      await (await runs.start({ kind: 'practice' }, NOTHING_PAID)).begun;
    }
    // Stopped in the order in which they were started, at two moments.
    for (const [id, atMs] of [[first, 1_000] as const, [second, 2_000] as const]) {
      vi.setSystemTime(atMs);
      await runs.end(id, 'now');
    }
  }

  it('are listed with the newest first, and with where their files lie', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    await stopBoth();
    const { stopped } = await open();
    expect(stopped.map(({ id, folder }) => [id, folder])).toEqual([
      [second, '/data/practice'],
      [first, '/data/practice'],
    ]);
  });

  it('are forgotten for good; one that runs, or is none, is not', async () => {
    await stopBoth();
    const runs = await open();
    await runs.forget(first);
    expect(runs.stopped.map(({ id }) => id)).toEqual([second]);
    await expect(runs.forget(first)).rejects.toMatchObject({ code: 'RUN_UNKNOWN' });
    planned = second;
    await runs.startAgain(second);
    await expect(runs.forget(second)).rejects.toMatchObject({ code: 'NOT_NOW' });
    await runs.end(second, 'now');
    await runs.forget(second);
    const after = await open();
    expect(after.stopped).toEqual([]);
    // A practice of before the list of runs must not begin by itself in its place.
    expect(after.isFresh).toBe(false);
  });
});
