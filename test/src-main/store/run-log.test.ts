import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { migrate } from '../../../src-main/store/migrate.ts';
import type { BatchedRow, RoundRow, RunKey, ScoreRow, StepRow } from '../../../src-main/store/rows.ts';
import { openTelemetry, type Telemetry } from '../../../src-main/store/telemetry.ts';
import { telemetryMigrations } from '../../../src-main/store/telemetry-schema.ts';
import { alphaRao, hex, ss58 } from '../../../src-shared/units.ts';
import { runs } from '../../runs.ts';

let folder = '';
let db: Database;
let telemetry: Telemetry;
let runId = 0;

const run: RunKey = {
  ...{ profile: 'practice', profileHash: hex('ab'), netuid: 1, role: 'miner', startedMs: 1, appVersion: '1' },
  ...{ hotkey: ss58('5Hotkey'), coldkey: ss58('5Coldkey') },
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'butterfly-run-log-'));
  db = new Sqlite(':memory:');
  migrate(db, 'telemetry', telemetryMigrations, () => join(folder, 'copy.db'));
  telemetry = openTelemetry(db);
  runId = telemetry.startRun(run);
});
afterEach(async () => {
  db.close();
  await rm(folder, { recursive: true });
});

const step = (at: number, more: Partial<StepRow> = {}): BatchedRow => ({
  table: 'step',
  row: {
    ...{
      runId,
      step: at,
      round: 0,
      atMs: 1_000 + at,
      loss: 3,
      lr: 0.5,
      innerStep: 4,
      gradNorm: 1.25,
      tokens: 8,
      stepMs: 2,
    },
    ...more,
  },
});
const round = (at: number, more: Partial<RoundRow> = {}): BatchedRow => ({
  table: 'round',
  row: {
    ...{ runId, round: at, startedMs: 1, endedMs: 2, outcome: 'committed', members: 3, contributed: true },
    ...{ bytesSent: 10, bytesReceived: 20, durationMs: 5, heldOutLoss: null, digest: null, reason: null },
    edgesJson: '[]',
    groupJson: null,
    ...more,
  },
});
const score = (at: number, atMs: number, more: Partial<ScoreRow> = {}): BatchedRow => ({
  table: 'score',
  row: {
    ...{ runId, round: at, validator: ss58('5V'), hotkey: ss58('5Hotkey'), uid: 7, atMs },
    ...{ total: 0.5, average: 0.4, weight: null },
    ...more,
  },
});
const rowsAfter = (afterSeq: number, limit = 100) => telemetry.logRows({ runId, afterSeq, limit });

it('tells rows of all kinds in the order in which they came', () => {
  telemetry.write([step(1), round(0), score(0, 9), step(2)]);
  expect(rowsAfter(-1)).toEqual([
    {
      ...{
        kind: 'step',
        seq: 0,
        atMs: 1_001,
        round: 0,
        step: 1,
        innerStep: 4,
        loss: 3,
        lr: 0.5,
        gradNorm: 1.25,
      },
      ...{ tokens: 8, stepMs: 2 },
    },
    {
      ...{ kind: 'round', seq: 1, atMs: 2, round: 0, outcome: 'committed', members: 3, contributed: true },
      ...{ bytesSent: 10, bytesReceived: 20, durationMs: 5 },
    },
    {
      ...{ kind: 'score', seq: 2, atMs: 9, round: 0, validator: '5V', hotkey: '5Hotkey', uid: 7 },
      ...{ total: 0.5, average: 0.4, weight: null },
    },
    expect.objectContaining({ kind: 'step', seq: 3, step: 2 }),
  ]);
});

it('tells where the hotkey stood after a round, as it was told first', () => {
  const standing = (block: number): BatchedRow => ({
    table: 'standing',
    row: {
      ...{
        runId,
        round: 3,
        atMs: 9,
        block,
        stakeAlpha: alphaRao(1_500_000_000n),
        incentive: 0.25,
        dividends: 0,
        consensus: 0.5,
        trust: null,
      },
      emissionAlpha: alphaRao(2n),
    },
  });
  telemetry.write([standing(7), standing(8)]);
  expect(rowsAfter(-1)).toEqual([
    {
      ...{
        kind: 'standing',
        seq: 0,
        atMs: 9,
        round: 3,
        block: 7,
        stakeAlpha: 1.5,
        incentive: 0.25,
        dividends: 0,
        consensus: 0.5,
        trust: null,
      },
      emissionAlpha: 2e-9,
    },
  ]);
});

it('tells what each card said, once for a moment', () => {
  const said = (card: number, watts: number | null): BatchedRow => ({
    table: 'card',
    row: {
      ...{ runId, atMs: 9, card, step: 4, busy: 0.5, celsius: 61, watts },
      ...{ usedBytes: 2 ** 33, memoryBytes: 2 ** 34 },
    },
  });
  telemetry.write([said(0, 150), said(1, null), said(0, 99)]);
  const row = { kind: 'card', atMs: 9, step: 4, busy: 0.5, celsius: 61, usedBytes: 2 ** 33 };
  expect(rowsAfter(-1)).toEqual([
    { ...row, seq: 0, card: 0, watts: 150, memoryBytes: 2 ** 34 },
    { ...row, seq: 1, card: 1, watts: null, memoryBytes: 2 ** 34 },
  ]);
});

it('a step that is taken again after a crash is not told again', () => {
  telemetry.write([step(1), step(2), step(3)]);
  telemetry.write([step(2, { loss: 2 }), step(3, { loss: 2 }), step(4)]);
  expect(rowsAfter(-1).map((row) => 'step' in row && row.step)).toEqual([1, 2, 3, 4]);
  expect(rowsAfter(2)).toHaveLength(1);
});

it('a loss that is measured after its round was settled is a row of its own', () => {
  telemetry.write([round(-1, { heldOutLoss: 5 }), round(0), step(1), round(0, { heldOutLoss: 4 })]);
  telemetry.write([round(0, { heldOutLoss: 4 })]);
  expect(rowsAfter(-1).map(({ kind, seq }) => [seq, kind])).toEqual([
    [0, 'held-out'],
    [1, 'round'],
    [2, 'step'],
    [3, 'held-out'],
  ]);
});

it('a score said anew is another row, the same one heard twice is not', () => {
  telemetry.write([score(0, 9), score(0, 9), step(1), score(0, 10, { total: 1 })]);
  expect(rowsAfter(-1).map(({ kind, seq, atMs }) => [seq, kind, atMs])).toEqual([
    [1, 'step', 1_001],
    [2, 'score', 10],
  ]);
});

it('a number is never given twice, also when the newest rows were pruned', () => {
  telemetry.write([step(1), step(2)]);
  db.exec('DELETE FROM step');
  telemetry.write([step(3)]);
  expect(rowsAfter(-1)).toEqual([expect.objectContaining({ seq: 2, step: 3 })]);
});

it('a loss that diverged is unknown, and counts', () => {
  telemetry.write([step(1, { loss: Number.NaN })]);
  expect(rowsAfter(-1)).toEqual([expect.objectContaining({ loss: null })]);
  expect(telemetry.logRowsAfter({ runId, afterSeq: -1 })).toBe(1);
});

it('remembers how far each target is', () => {
  const [a, b] = [
    { runId, target: 'a' },
    { runId, target: 'b' },
  ];
  expect(telemetry.logCursor(a)).toBeNull();
  telemetry.keepLogCursor({ ...a, seq: 3, atMs: 9 });
  telemetry.keepLogCursor({ ...a, seq: 5, atMs: 11 });
  telemetry.keepLogCursor({ ...b, seq: 1, atMs: 10 });
  expect(telemetry.logCursor(a)).toEqual({ seq: 5, atMs: 11 });
  expect(telemetry.logCursor(b)).toEqual({ seq: 1, atMs: 10 });
});

it('rows of before are numbered by their time', () => {
  const old = new Sqlite(':memory:');
  migrate(old, 'telemetry', telemetryMigrations.slice(0, 3), () => join(folder, 'copy.db'));
  old.exec(`INSERT INTO run VALUES (1, 'p', 'ab', 1, '5H', '5C', 'miner', 1, 1, '1'), (2, 'q', 'cd', 1, '5H', '5C', 'miner', 1, 1, '1');
    INSERT INTO step VALUES (1, 1, 0, 10, 3, 1, 1, 8, 2), (1, 2, 0, 30, 2, 1, 1, 8, 2), (2, 1, 0, 5, 3, 1, 1, 8, 2);
    INSERT INTO round VALUES (1, 0, 5, 20, 'committed', 1, 1, 0, 0, 1, 4.5, null, null, '[]');
    INSERT INTO score VALUES (1, 0, '5V', '5H', 40, 1, 1, 1);`);
  migrate(old, 'telemetry', telemetryMigrations, () => join(folder, 'old.db'));
  const reopened = openTelemetry(old);
  const all = (id: number) => reopened.logRows({ runId: id, afterSeq: -1, limit: 100 });
  expect(all(1).map(({ seq, kind, atMs }) => [seq, kind, atMs])).toEqual([
    [0, 'step', 10],
    [1, 'held-out', 20],
    [2, 'round', 20],
    [3, 'step', 30],
    [4, 'score', 40],
  ]);
  expect(all(2).map(({ seq }) => seq)).toEqual([0]);
  reopened.write([{ ...step(3), row: { ...step(3).row, runId: 1 } } as BatchedRow]);
  expect(all(1).at(-1)).toMatchObject({ seq: 5, step: 3 });
  old.close();
});

it('whatever is written and however it is read, each row is told once, in order', () => {
  const operation = fc.oneof(
    fc.record({ kind: fc.constant('step' as const), at: fc.nat(30) }),
    fc.record({ kind: fc.constant('round' as const), at: fc.nat(8), loss: fc.boolean() }),
    fc.record({ kind: fc.constant('read' as const), limit: fc.integer({ min: 1, max: 7 }) }),
  );
  let begun = 0;
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
      const id = telemetry.startRun({ ...run, hotkey: ss58(`5Run${++begun}`) });
      const written = new Set<string>();
      const told: string[] = [];
      const seqs: number[] = [];
      const read = (limit: number) => {
        const rows = telemetry.logRows({ runId: id, afterSeq: seqs.at(-1) ?? -1, limit });
        for (const row of rows) told.push(`${row.kind} ${'step' in row ? row.step : row.round}`);
        seqs.push(...rows.map(({ seq }) => seq));
        return rows.length;
      };
      for (const one of operations) {
        if (one.kind === 'read') read(one.limit);
        else {
          const made =
            one.kind === 'step' ? step(one.at) : round(one.at, { heldOutLoss: one.loss ? 1 : null });
          telemetry.write([{ ...made, row: { ...made.row, runId: id } } as BatchedRow]);
          written.add(`${one.kind} ${one.at}`);
          if (one.kind === 'round' && one.loss) written.add(`held-out ${one.at}`);
        }
      }
      while (read(5) > 0);
      expect(told.filter((key) => !key.startsWith('held-out')).toSorted()).toEqual(
        [...written].filter((key) => !key.startsWith('held-out')).toSorted(),
      );
      expect(new Set(told).size).toBe(told.length);
      expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
    }),
    { numRuns: runs(60) },
  );
});
