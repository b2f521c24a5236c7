import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PRUNED_AT_ONCE, SAID_ROUNDS, SCORE_DAYS } from '../../../src-main/store/limits.ts';
import { migrate } from '../../../src-main/store/migrate.ts';
import { keepPruned, openPruning } from '../../../src-main/store/prune.ts';
import type { BatchedRow, RunKey } from '../../../src-main/store/rows.ts';
import { openStore } from '../../../src-main/store/store.ts';
import { openTelemetry, type Telemetry } from '../../../src-main/store/telemetry.ts';
import { telemetryMigrations } from '../../../src-main/store/telemetry-schema.ts';
import { hex, type Ss58, ss58 } from '../../../src-shared/units.ts';
import { soon } from '../../soon.ts';

const DAY_MS = 86_400_000;
const NOW_MS = 400 * DAY_MS;
const OLD_MS = NOW_MS - SCORE_DAYS * DAY_MS - 1;
const own = ss58('5Own');
const validator = ss58('5Validator');
const others = Array.from({ length: 40 }, (_, i) => ss58(`5Other${i}`));

let folder = '';
let db: Database;
let telemetry: Telemetry;
let runId = 0;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'butterfly-prune-'));
  db = new Sqlite(':memory:');
  migrate(db, 'telemetry', telemetryMigrations, () => join(folder, 'copy.db'));
  telemetry = openTelemetry(db);
  runId = startRun('ab');
});
afterEach(async () => {
  db.close();
  await rm(folder, { recursive: true });
});

const run = (profileHash: string): RunKey => ({
  ...{ profile: 'practice', profileHash: hex(profileHash), netuid: 1, role: 'miner', startedMs: 1 },
  ...{ appVersion: '1', hotkey: own, coldkey: ss58('5Coldkey') },
});
const startRun = (profileHash: string) => telemetry.startRun(run(profileHash));

const score = (round: number, atMs: number, hotkey: Ss58, of = runId): BatchedRow => ({
  table: 'score',
  row: {
    ...{ runId: of, round, validator, hotkey, uid: 7, atMs, total: 0.5, average: 0.4, weight: null },
  },
});
const round = (at: number, of = runId): BatchedRow => ({
  table: 'round',
  row: {
    ...{
      runId: of,
      round: at,
      startedMs: 1,
      endedMs: 2,
      outcome: 'committed',
      members: 3,
      contributed: true,
    },
    ...{ bytesSent: 1, bytesReceived: 2, durationMs: 5, heldOutLoss: null, digest: null, reason: null },
    ...{ edgesJson: '[]', groupJson: null },
  },
});
/** Everybody's score of so many rounds from the first on. */
const said = (rounds: number, atMs: number, of = runId) =>
  Array.from({ length: rounds }, (_, at) =>
    [own, ...others].map((hotkey) => score(at, atMs, hotkey, of)),
  ).flat();

const rowsOf = (hotkey: Ss58, of = runId) =>
  db.prepare('SELECT count(*) FROM score WHERE hotkey = ? AND run_id = ?').pluck().get(hotkey, of) as number;
const rows = () => db.prepare('SELECT count(*) FROM score').pluck().get() as number;

/** Prunes all there is. @returns how many rows went in each step */
function prune(pruning = openPruning(db), nowMs = NOW_MS): number[] {
  const went: number[] = [];
  const left = pruning.pieces(nowMs);
  for (let before = rows(); !left.next().done; before = rows()) went.push(before - rows());
  return went;
}

describe('pruning', () => {
  it('takes old scores of others, a bounded piece at a time, and leaves the own ones', () => {
    telemetry.write([...said(60, OLD_MS), round(60 + SAID_ROUNDS)]);
    const went = prune();
    expect(Math.max(...went)).toBe(PRUNED_AT_ONCE);
    expect(went.reduce((sum, one) => sum + one, 0)).toBe(60 * others.length);
    expect([rowsOf(own), rowsOf(others[0]!)]).toEqual([60, 0]);
  });

  it('leaves what is new by time, and what is set side by side however old it is', () => {
    telemetry.write([...said(3, NOW_MS), round(3 + SAID_ROUNDS)]);
    const paused = startRun('cd');
    telemetry.write([...said(SAID_ROUNDS, OLD_MS, paused), round(SAID_ROUNDS - 1, paused)]);
    prune();
    expect([rowsOf(others[0]!), rowsOf(others[0]!, paused)]).toEqual([3, SAID_ROUNDS]);
    const { scores } = telemetry.saidHistory({ runId: paused, hotkey: others[0]!, limit: 100 });
    expect(scores.map(({ round: of }) => of)).toEqual([SAID_ROUNDS - 1, SAID_ROUNDS - 2]);
  });

  it('goes on where it stood, with what has become old since', () => {
    telemetry.write([...said(4, OLD_MS), score(4, NOW_MS, others[0]!), round(5 + SAID_ROUNDS)]);
    const pruning = openPruning(db);
    prune(pruning);
    expect(rowsOf(others[0]!)).toBe(1);
    prune(pruning, NOW_MS + (SCORE_DAYS + 1) * DAY_MS);
    expect(rowsOf(others[0]!)).toBe(0);
  });

  it('happens by itself in the thread that writes, and not any more once that ends', async () => {
    telemetry.write([...said(60, OLD_MS), round(60 + SAID_ROUNDS)]);
    const before = rows();
    keepPruned(openPruning(db), () => NOW_MS)();
    await new Promise((resolve) => setImmediate(resolve));
    expect(rows()).toBe(before);
    const stop = keepPruned(openPruning(db), () => NOW_MS);
    await soon(() => expect(rows()).toBe(60));
    stop();
  });
});

it('a store takes old scores of others away, while it answers', async () => {
  const begin = () =>
    openStore({ dataDir: folder, onProblem: () => undefined, onRecovered: () => undefined });
  const first = await begin();
  const of = await first.startRun(run('ef'));
  // Long ago by the clock of this computer.
  const rows = [score(0, 1_000, own, of), score(0, 1_000, others[0]!, of), round(SAID_ROUNDS, of)];
  for (const { table, row } of rows) first.add(table, row as never);
  await first.flush();
  await first.stop();
  const again = await begin();
  try {
    const scored = async () =>
      (await again.runLog.rows(of, -1, 100)).flatMap((row) => (row.kind === 'score' ? [row.hotkey] : []));
    await soon(async () => expect(await scored()).toEqual([own]));
  } finally {
    await again.stop();
  }
});
