import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seqsInEvents } from '../../../bench/data/log-gap-run.ts';
import type { PracticeReport } from '../../../src-main/practice/report.ts';
import { readRunLog } from '../../../src-main/store/read-run-log.ts';
import { startHostProcess } from '../host-process.ts';

const ROUNDS = 3;
/** Three rounds of 20 s and two epochs, on a machine three times slower than the slowest that is meant. */
const RUN_LIMIT_MS = 300_000;

describe('a whole practice without a page', () => {
  let folder: string;
  let exitCode: number | null;
  let output: string;
  let report: PracticeReport;
  const dataDir = () => join(folder, 'data');

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'butterfly-headless-'));
    const json = join(folder, 'report.json');
    const args = ['--practice', '--headless', '--rounds', String(ROUNDS), '--adversary', 'free-rider'];
    const values = { 'logs.tensorBoard': true };
    await mkdir(dataDir());
    await writeFile(join(dataDir(), 'settings.json'), JSON.stringify({ version: 1, values }));
    const host = startHostProcess([...args, '--data-dir', dataDir(), '--json', json]);
    exitCode = await host.ended;
    output = host.output();
    report = JSON.parse(await readFile(json, 'utf8')) as PracticeReport;
  }, RUN_LIMIT_MS);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('ends with exit code 0, because everything it promises came true', () => {
    expect(exitCode, output).toBe(0);
  });

  it('commits every round with one digest among all members that tell theirs', () => {
    expect(report.rounds).toHaveLength(ROUNDS);
    for (const { committed, digests } of report.rounds) {
      expect(committed).toBe(true);
      expect(Object.keys(digests).length).toBeGreaterThanOrEqual(3);
      expect(new Set(Object.values(digests)).size).toBe(1);
    }
  });

  it('learns: held-out loss falls from that of a model that knows nothing', () => {
    const [before, ...after] = report.heldOutLoss;
    expect(before?.round).toBe(0);
    expect(before?.value).toBeCloseTo(Math.log(4096), 0);
    expect(after.at(-1)?.value ?? Number.NaN).toBeLessThan((before?.value ?? 0) - 1);
  });

  it('pays honest miners for their work and the free rider nothing', () => {
    const honest = report.miners.filter(({ role, adversary }) => role === 'miner' && adversary === null);
    expect(honest).toHaveLength(3);
    for (const { scores, stakeRaoStart, stakeRaoEnd } of honest) {
      expect(scores.gradient).toBeGreaterThan(0.99);
      expect(BigInt(stakeRaoEnd)).toBeGreaterThan(BigInt(stakeRaoStart));
    }
    const rider = report.miners.find(({ adversary }) => adversary === 'free-rider');
    expect(rider?.scores.gradient).toBe(0);
    expect(rider?.stakeRaoEnd).toBe(rider?.stakeRaoStart);
    expect(rider?.evidence.find(({ term }) => term === 'gradient')?.why.code).toBe('recomputed-disagree');
  });

  it('is told for TensorBoard as settings say, from its first row on, each row once', async () => {
    const log = readRunLog(dataDir());
    const rows = log?.rows({ runId: 1, afterSeq: -1, limit: 100_000 }) ?? [];
    log?.close();
    const told = await seqsInEvents(join(dataDir(), 'tensorboard'));
    expect(told).toEqual(rows.slice(0, told.length).map(({ seq }) => seq));
    const kinds = new Set(rows.slice(0, told.length).map(({ kind }) => kind));
    // Readings of a card come where there is one.
    kinds.delete('card');
    expect([...kinds].toSorted()).toEqual(['held-out', 'round', 'score', 'standing', 'step']);
  });

  it('leaves no process behind', () => {
    expect(report.processesLeft).toBe(0);
  });
});
