import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readCommandLine } from '../../../src-main/commands/command-line.ts';
import type { HistoryOptions } from '../../../src-main/commands/history.ts';
import { historyAtTerminal } from '../../../src-main/entry/run-history.ts';
import { openStore } from '../../../src-main/store/store.ts';
import { hex, ss58 } from '../../../src-shared/units.ts';

const hotkey = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
const never = new AbortController().signal;
let dataDir: string;
let said: string[];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'butterfly-history-'));
  said = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(dataDir, { recursive: true });
});

async function write(steps: number): Promise<void> {
  const store = await openStore({
    dataDir,
    onProblem: (problem) => expect.unreachable(problem.code),
    onRecovered: () => undefined,
  });
  const runId = await store.startRun({
    ...{ profile: '=cmd|run', profileHash: hex('ab'.repeat(32)), netuid: 38, hotkey, coldkey: hotkey },
    ...{ role: 'miner', startedMs: 1_000, appVersion: '1' },
  });
  for (let step = 0; step < steps; step++)
    store.add('step', {
      ...{ runId, step, round: 0, atMs: Date.UTC(2026, 10, 2) + step, loss: step === 1 ? Number.NaN : 3 },
      ...{ innerStep: step, lr: 1e-7, gradNorm: 1.25, tokens: 8, stepMs: 2.5 },
    });
  store.add('score', {
    ...{ runId, round: 0, validator: ss58('@SUM(A1)'), hotkey, uid: 7, atMs: 5, total: -0.5, average: null },
    weight: 1,
  });
  await store.stop();
}

async function run(line: string): Promise<number> {
  const read = readCommandLine(line.split(' '));
  if (read.kind !== 'run') throw new Error(read.kind);
  return historyAtTerminal(read.asked.said as HistoryOptions, never);
}

describe('history on a terminal', () => {
  it('prints a table of steps, unknown values empty', async () => {
    await write(2);
    expect(await run(`history --csv steps --data-dir ${dataDir}`)).toBe(0);
    expect(said.join('')).toBe(
      [
        'utc,run,step,round,inner_step,loss,learning_rate,gradient_norm,tokens,step_ms\r\n',
        `2026-11-02T00:00:00.000Z,${hotkey},0,0,0,3,1e-7,1.25,8,2.5\r\n`,
        `2026-11-02T00:00:00.001Z,${hotkey},1,0,1,,1e-7,1.25,8,2.5\r\n`,
      ].join(''),
    );
  });

  it('keeps as text what a spreadsheet would run', async () => {
    await write(1);
    await run(`history --csv scores --data-dir ${dataDir}`);
    expect(said.join('')).toContain(`,${hotkey},0,'@SUM(A1),${hotkey},7,-0.5,,1\r\n`);
  });

  it('writes event files, and goes on with those that are there', async () => {
    const folder = join(dataDir, 'events');
    await write(3);
    await run(`history --tensorboard ${folder} --data-dir ${dataDir}`);
    const [name = ''] = await readdir(folder);
    expect(name).toMatch(/^-cmd-run-abababab-5Grwva/);
    const fileOf = async () => {
      const [file = ''] = (await readdir(join(folder, name))).filter((one) => one.includes('tfevents'));
      return readFile(join(folder, name, file));
    };
    const before = await fileOf();
    await run(`history --tensorboard ${folder} --data-dir ${dataDir}`);
    expect(await fileOf()).toEqual(before);
    await write(5);
    await run(`history --tensorboard ${folder} --data-dir ${dataDir}`);
    const after = await fileOf();
    expect(after.subarray(0, before.length)).toEqual(before);
    expect(after.length).toBeGreaterThan(before.length);
  });

  it('says where it looked when there is nothing', async () => {
    await expect(run(`history --csv steps --data-dir ${dataDir}`)).rejects.toMatchObject({
      code: 'RUN_LOG_NO_RUN',
    });
    await write(1);
    await expect(
      run(`history --csv steps --run 5${'F'.repeat(46)} --data-dir ${dataDir}`),
    ).rejects.toMatchObject({
      code: 'RUN_LOG_NO_RUN',
    });
  });
});
