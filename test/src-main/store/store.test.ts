import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, open, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from 'vitest';
import type { EarningsLedger } from '../../../src-main/earnings/ledger.ts';
import {
  type EventRow,
  type EvidenceRow,
  HOST_SOURCE,
  type RoundRow,
  type RunKey,
  type StepRow,
} from '../../../src-main/store/rows.ts';
import { openStore, type Store } from '../../../src-main/store/store.ts';
import type { RoundFilter } from '../../../src-shared/contract/page/runs.ts';
import type { AppError } from '../../../src-shared/errors/app-error.ts';
import type { WhyCode } from '../../../src-shared/scoring/why.ts';
import { alphaRao, hex, rao, type Ss58, ss58 } from '../../../src-shared/units.ts';
import { bookEpoch, bookSnapshot, noteScanned } from '../../booked.ts';

let folder = '';
let store: Store | undefined;
const problems: AppError[] = [];
const recovered: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'butterfly-store-'));
  problems.length = 0;
});
afterEach(async () => {
  await store?.stop();
  store = undefined;
  await rm(folder, { recursive: true });
});

async function reopen(): Promise<Store> {
  await store?.stop();
  store = await openStore({
    dataDir: folder,
    onProblem: (problem) => problems.push(problem),
    onRecovered: (code) => recovered.push(code),
  });
  return store;
}

const hotkey = ss58('5Hotkey');
const run: RunKey = {
  profile: 'practice',
  profileHash: hex('ab'),
  netuid: 1,
  hotkey,
  coldkey: ss58('5Coldkey'),
  role: 'miner',
  startedMs: 1_000,
  appVersion: '0.1.0',
};
const step = (at: number, more: Partial<StepRow> = {}): StepRow => ({
  runId: 1,
  step: at,
  round: 0,
  atMs: at,
  loss: 8,
  lr: 1e-3,
  innerStep: 0,
  gradNorm: 0.5,
  tokens: 512,
  stepMs: 100,
  ...more,
});

it.skipIf(process.platform === 'win32')('the files of the store are for their owner alone', async () => {
  await (await reopen()).flush();
  const files = ['telemetry.db', 'telemetry.db-wal', 'ledger.db', 'ledger.db-wal'];
  const copy = (await readdir(join(folder, 'backups')))[0] ?? '';
  for (const file of [...files, join('backups', copy)]) {
    expect((await stat(join(folder, file))).mode & 0o777, file).toBe(0o600);
  }
});

describe('a run', () => {
  it('is the same one when profile and hotkey come back, and another for another hotkey', async () => {
    const first = await (await reopen()).startRun(run);
    const again = await (await reopen()).startRun({ ...run, startedMs: 2_000 });
    const other = await (await reopen()).startRun({ ...run, hotkey: ss58('5Other') });
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });
});

describe('steps', () => {
  it('become at most so many points, each the mean of its bucket, oldest first', async () => {
    const opened = await reopen();
    for (let at = 0; at < 1_000; at++) opened.add('step', step(at, { loss: at }));
    const points = await opened.series(1, 'loss', 10);
    expect(points).toHaveLength(10);
    expect(points[0]).toEqual({ t: 49, v: 49.5 });
    expect(points[9]).toEqual({ t: 949, v: 949.5 });
  });

  it('give a rate of tokens over time spent, not a mean of rates', async () => {
    const opened = await reopen();
    opened.add('step', step(0, { tokens: 1_000, stepMs: 1_000 }));
    opened.add('step', step(1, { tokens: 1_000, stepMs: 3_000 }));
    expect(await opened.series(1, 'tokensPerSecond', 1)).toEqual([{ t: 0, v: 500 }]);
  });

  it('survive being fewer than the points asked for', async () => {
    const opened = await reopen();
    opened.add('step', step(5));
    expect(await opened.series(1, 'loss', 100)).toEqual([{ t: 5, v: 8 }]);
    expect(await opened.series(2, 'loss', 100)).toEqual([]);
  });

  it('with a loss that diverged leave a gap, never a zero', async () => {
    const opened = await reopen();
    opened.add('step', step(0, { loss: Number.NaN }));
    opened.add('step', step(1_000, { loss: 2 }));
    expect(await opened.series(1, 'loss', 2)).toEqual([{ t: 1_000, v: 2 }]);
  });

  it('taken again after a crash replace the earlier ones', async () => {
    const opened = await reopen();
    opened.add('step', step(1, { loss: 9 }));
    await opened.flush();
    opened.add('step', step(1, { loss: 3 }));
    expect(await opened.series(1, 'loss', 5)).toEqual([{ t: 1, v: 3 }]);
  });

  it('are written without being asked for', async () => {
    const opened = await reopen();
    for (let at = 0; at < 1_200; at++) opened.add('step', step(at));
    const file = join(folder, 'telemetry.db');
    const count = () => {
      const db = new Sqlite(file, { readonly: true });
      const rows = db.prepare('SELECT count(*) FROM step').pluck().get();
      db.close();
      return rows;
    };
    await expect.poll(count, { timeout: 10_000 }).toBe(1_200);
  });

  it('older than a season are thinned to every tenth', async () => {
    const opened = await reopen();
    for (let at = 1; at <= 40; at++) opened.add('step', step(at, { atMs: at <= 20 ? at : Date.now() + at }));
    await opened.flush();
    await reopen();
    const db = new Sqlite(join(folder, 'telemetry.db'), { readonly: true });
    expect(db.prepare('SELECT count(*) FROM step').pluck().get()).toBe(22);
    db.close();
  });

  it('go on when one row of a batch breaks a rule of its table', async () => {
    const opened = await reopen();
    opened.add('step', step(1));
    opened.add('step', step(2, { tokens: null as unknown as number }));
    opened.add('step', step(3));
    await opened.flush();
    expect(await opened.series(1, 'loss', 10)).toHaveLength(2);
    expect(problems).toMatchObject([{ code: 'ROWS_LOST', params: { rows: 1 } }]);
  });
});

describe('rounds, scores and evidence', () => {
  const round = (number: number): RoundRow => ({
    runId: 1,
    round: number,
    startedMs: number * 20_000,
    endedMs: null,
    outcome: 'committed',
    members: 4,
    contributed: true,
    bytesSent: 1_000_000,
    bytesReceived: 2_000_000,
    durationMs: 812.5,
    heldOutLoss: null,
    digest: hex('cd'),
    reason: null,
    edgesJson: '[]',
    groupJson: null,
  });
  it('are read backwards from any of them, through a filter, without the base that all began with', async () => {
    const opened = await reopen();
    const groupJson = '[{"hotkey":"5"}]';
    opened.add('round', { ...round(-1), contributed: false });
    opened.add('round', { ...round(0), outcome: 'void' });
    opened.add('round', { ...round(1), groupJson });
    opened.add('round', { ...round(2), outcome: 'skipped' });
    opened.add('round', { ...round(3), contributed: false });
    const read = async (filter: RoundFilter, before: number | null, limit = 10) =>
      (await opened.roundsBefore({ runId: 1, filter, before, limit })).map((one) => one.round);
    expect(await read('all', null)).toEqual([3, 2, 1, 0]);
    expect(await read('all', null, 2)).toEqual([3, 2]);
    expect(await read('all', 2)).toEqual([1, 0]);
    expect(await read('committed', null)).toEqual([3, 1]);
    expect(await read('void', null)).toEqual([0]);
    expect(await read('skipped', null)).toEqual([2]);
    expect(await read('without-me', null)).toEqual([3]);
    expect((await opened.roundsBefore({ runId: 1, filter: 'all', before: 2, limit: 1 }))[0]?.groupJson).toBe(
      groupJson,
    );
  });

  const evidence = (atMs: number, term: string): EvidenceRow => ({
    runId: 1,
    round: 7,
    validator: ss58('5Validator'),
    hotkey,
    atMs,
    term,
    value: null,
    why: { code: 'chunks-taken', params: { percent: 7 } },
    detailJson: '{"chunks":3}',
  });

  it('come back as they were given, newest first', async () => {
    const opened = await reopen();
    for (const number of [1, 2, 3]) opened.add('round', round(number));
    expect(await opened.rounds(1, 2)).toEqual([round(3), round(2)]);
  });

  it('set what each validator said last beside what it said before, and how fast rounds were worked', async () => {
    const opened = await reopen();
    const [ann, bea] = [ss58('5Ann'), ss58('5Bea')];
    const said = (validator: Ss58, at: number) => ({
      ...{
        runId: 1,
        round: at,
        validator,
        hotkey,
        uid: 1,
        atMs: at,
        total: at / 10,
        average: null,
        weight: null,
      },
    });
    for (const at of [1, 2, 3]) opened.add('score', said(ann, at));
    opened.add('score', said(bea, 2));
    opened.add('score', { ...said(bea, 3), hotkey: ss58('5Other') });
    for (const at of [1, 2, 3])
      opened.add('evidence', { ...evidence(at, 'steps'), validator: ann, round: at });
    for (const [step, of] of [
      [1, 2],
      [2, 2],
      [3, 3],
    ] as const)
      opened.add('step', {
        ...{ runId: 1, step, round: of, innerStep: step, atMs: step, loss: 1, lr: 1, gradNorm: 1 },
        ...{ tokens: 100, stepMs: of * 100 },
      });
    const { scores, evidence: rows, rates } = await opened.saidHistory(1, hotkey, 50);
    expect(scores.map(({ validator, round: of, total }) => [validator, of, total])).toEqual([
      [ann, 3, 0.3],
      [ann, 2, 0.2],
      [bea, 2, 0.2],
    ]);
    expect(rows.map(({ validator, round: of, why }) => [validator, of, why.code])).toEqual([
      [ann, 3, 'chunks-taken'],
      [ann, 2, 'chunks-taken'],
    ]);
    expect(rates.map(({ round: of, tokensPerSecond }) => [of, Math.round(tokensPerSecond)])).toEqual([
      [3, 333],
      [2, 500],
    ]);
    // Of rounds long gone nothing is looked through.
    opened.add('round', round(514));
    const later = await opened.saidHistory(1, hotkey, 50);
    expect([later.scores.map(({ round: of }) => of), later.evidence.map(({ round: of }) => of)]).toEqual([
      [3],
      [3],
    ]);
  });

  it('keep why a value is unknown, and what that rests on', async () => {
    const opened = await reopen();
    opened.add('evidence', evidence(1, 'gradient'));
    opened.add('evidence', evidence(2, 'bandwidth'));
    opened.add('evidence', { ...evidence(3, 'steps'), runId: 2 });
    expect(await opened.evidence(1, hotkey, 10)).toEqual([
      {
        atMs: 2,
        round: 7,
        term: 'bandwidth',
        value: null,
        why: { code: 'chunks-taken', params: { percent: 7 } },
        detailJson: '{"chunks":3}',
      },
      {
        atMs: 1,
        round: 7,
        term: 'gradient',
        value: null,
        why: { code: 'chunks-taken', params: { percent: 7 } },
        detailJson: '{"chunks":3}',
      },
    ]);
    expect(await opened.evidence(1, '5Other', 10)).toEqual([]);
    expect(await opened.evidence(2, hotkey, 10)).toMatchObject([{ term: 'steps' }]);
  });

  it('tell when each hotkey was last checked: computed again, and neither absent nor of another run', async () => {
    const opened = await reopen();
    const check = (round: number, code: WhyCode, over: Partial<EvidenceRow> = {}): EvidenceRow => ({
      ...{ ...evidence(round * 10, 'gradient'), round, why: { code, params: {} } },
      ...over,
    });
    const other = ss58('5OtherMiner');
    opened.add('evidence', check(3, 'recomputed-agree'));
    opened.add('evidence', check(5, 'work-impossible'));
    opened.add('evidence', check(6, 'absent-for-an-epoch'));
    opened.add('evidence', { ...check(9, 'recomputed-agree'), term: 'steps' });
    opened.add('evidence', { ...check(9, 'recomputed-agree'), runId: 2 });
    opened.add('evidence', check(2, 'recomputed-disagree', { hotkey: other }));
    expect(await opened.lastChecks(1, 100)).toEqual([
      { hotkey, round: 5, atMs: 50 },
      { hotkey: other, round: 2, atMs: 20 },
    ]);
    // Of the last rounds alone: the newest is 9.
    expect(await opened.lastChecks(1, 7)).toEqual([{ hotkey, round: 5, atMs: 50 }]);
  });

  it('tell again what people were told from then on, over a restart', async () => {
    const event = (atMs: number): EventRow => ({
      ...{ atMs, level: 'fault', source: HOST_SOURCE, code: 'DISK_FULL', detailJson: '{"path":"/d"}' },
    });
    const before = await reopen();
    for (const atMs of [1, 2, 3]) before.add('event', event(atMs));
    const opened = await reopen();
    expect(await opened.events(2, 10)).toEqual([event(3), event(2)]);
    expect(await opened.events(0, 1)).toEqual([event(3)]);
  });
});

describe('the ledger', () => {
  const genesis = hex('00ff');
  const booking = (block: number, alpha: bigint) => ({
    hotkey,
    block,
    atMs: block * 1_000,
    uid: 3,
    alpha: alphaRao(alpha),
    priceRao: rao(9_007_199_254_740_993n),
    valueRao: null,
  });

  it('is what earnings book into', () => {
    expectTypeOf<ReturnType<Store['ledger']>>().toExtend<EarningsLedger>();
  });

  it('keeps amounts exact beyond what a double holds', async () => {
    const ledger = (await reopen()).ledger(genesis, 1);
    const row = booking(10, 21_000_000_000_000_001n);
    await bookEpoch(ledger, row);
    expect(await ledger.lastEpochs(hotkey, 5)).toEqual([row]);
  });

  it('books an epoch once: the first booking stands', async () => {
    const ledger = (await reopen()).ledger(genesis, 1);
    await bookEpoch(ledger, booking(10, 5n));
    await bookEpoch(ledger, booking(10, 6n));
    expect((await ledger.lastEpochs(hotkey, 5)).map(({ alpha }) => alpha)).toEqual([5n]);
  });

  it('lists epochs of a time oldest first and the last ones newest first', async () => {
    const ledger = (await reopen()).ledger(genesis, 1);
    for (const block of [30, 10, 20]) await bookEpoch(ledger, booking(block, 1n));
    expect((await ledger.epochsSince(hotkey, 20_000)).map(({ block }) => block)).toEqual([20, 30]);
    expect((await ledger.lastEpochs(hotkey, 2)).map(({ block }) => block)).toEqual([30, 20]);
  });

  it('does not mix chains or subnets', async () => {
    const opened = await reopen();
    await bookEpoch(opened.ledger(genesis, 1), booking(10, 5n));
    expect(await opened.ledger(genesis, 2).lastEpochs(hotkey, 5)).toEqual([]);
    expect(await opened.ledger(hex('00aa'), 1).lastEpochs(hotkey, 5)).toEqual([]);
  });

  it('remembers how far blocks were looked at, and never goes back', async () => {
    const ledger = (await reopen()).ledger(genesis, 1);
    expect(await ledger.scannedBlock(hotkey)).toBeNull();
    await noteScanned(ledger, hotkey, 50);
    await noteScanned(ledger, hotkey, 40);
    expect(await ledger.scannedBlock(hotkey)).toBe(50);
  });

  it('keeps stake snapshots', async () => {
    const ledger = (await reopen()).ledger(genesis, 1);
    const snapshot = {
      hotkey,
      coldkey: ss58('5C'),
      block: 9,
      atMs: 1,
      stakeAlpha: alphaRao(7n),
      residualAlpha: null,
      priceRao: null,
      method: 'delta' as const,
    };
    await bookSnapshot(ledger, snapshot);
    expect(await ledger.lastSnapshot(hotkey)).toEqual(snapshot);
    expect(await ledger.lastSnapshot('5Other')).toBeNull();
  });
});

describe('files that are not as they should be', () => {
  const spoil = async (name: string) => {
    const file = await open(join(folder, name), 'r+');
    await file.write(Buffer.alloc(2_048, 0x5a), 0, 2_048, 0);
    await file.close();
  };

  it('a corrupt telemetry database is moved aside whole and told', async () => {
    (await reopen()).add('step', step(1));
    await store?.stop();
    await spoil('telemetry.db');
    const opened = await reopen();
    expect(opened.notices).toMatchObject([{ code: 'DATABASE_CORRUPT', params: { name: 'telemetry' } }]);
    const movedTo = String(opened.notices[0]?.params.movedTo);
    expect(await readdir(folder)).toContain(movedTo.slice(folder.length + 1));
    expect(await opened.series(1, 'loss', 5)).toEqual([]);
  });

  it('a file that is no database at all is treated the same', async () => {
    await writeFile(join(folder, 'telemetry.db'), 'Dear diary, '.repeat(500));
    expect((await reopen()).notices).toMatchObject([{ code: 'DATABASE_CORRUPT' }]);
  });

  it('a corrupt ledger is restored from its newest good copy', async () => {
    const row = { hotkey, block: 4, atMs: 1, uid: 0, alpha: alphaRao(9n), priceRao: null, valueRao: null };
    await bookEpoch((await reopen()).ledger(hex('00'), 1), row);
    await store?.stop();
    await writeFile(join(folder, 'backups', 'ledger-2999-01-01.db'), 'a copy that is spoilt too');
    await spoil('ledger.db');
    const opened = await reopen();
    expect(opened.notices).toMatchObject([{ code: 'DATABASE_RESTORED', params: { name: 'ledger' } }]);
    expect(await opened.ledger(hex('00'), 1).lastEpochs(hotkey, 5)).toEqual([row]);
  });

  it('a database of a newer version is refused and left untouched', async () => {
    await reopen();
    await store?.stop();
    const file = join(folder, 'ledger.db');
    const db = new Sqlite(file);
    db.pragma('user_version = 99');
    db.close();
    await expect(reopen()).rejects.toMatchObject({ code: 'DATABASE_NEWER', params: { name: 'ledger' } });
    expect(new Sqlite(file, { readonly: true }).pragma('user_version', { simple: true })).toBe(99);
    store = undefined;
  });

  it('a folder in the place of a database is named as unwritable', async () => {
    await mkdir(join(folder, 'telemetry.db'));
    await expect(reopen()).rejects.toMatchObject({ code: 'DATA_DIR_UNWRITABLE' });
    store = undefined;
  });
});

describe('a host that is killed while it writes', () => {
  const rounds = process.env.BUTTERFLY_LONG ? 25 : 3;

  async function acknowledged(writer: ChildProcess, atLeast: number): Promise<number> {
    let last = 0;
    if (!writer.stdout) return last;
    for await (const line of createInterface(writer.stdout)) {
      last = Number(line);
      if (last >= atLeast) writer.kill('SIGKILL');
    }
    return last;
  }

  it('loses nothing that was acknowledged and leaves sound files', async () => {
    const script = fileURLToPath(new URL('../../fixtures/children/store-writer.ts', import.meta.url));
    let last = 0;
    for (let round = 1; round <= rounds; round++) {
      const writer = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, folder], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const gone = once(writer, 'exit');
      last = await acknowledged(writer, last + 20 * round);
      await gone;
      const opened = await reopen();
      expect(opened.notices).toEqual([]);
      const booked = await opened.ledger(hex('00'), 1).epochsSince(ss58('5HotkeyOfTheWriter'), 0);
      expect(booked.length).toBeGreaterThanOrEqual(last);
      expect(booked.every(({ block, alpha }, index) => block === index + 1 && alpha === BigInt(block))).toBe(
        true,
      );
      await opened.stop();
      const db = new Sqlite(join(folder, 'telemetry.db'), { readonly: true });
      const steps = db
        .prepare('SELECT count(*) FROM step WHERE step < ?')
        .pluck()
        .get((last + 1) * 50);
      expect(steps).toBe(last * 50);
      expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
      db.close();
    }
  });
});

describe('daily totals', () => {
  const coldkey = ss58('5Coldkey');
  const day = 86_400_000;
  const at = (atMs: number, totalRao: bigint) => ({
    ...{ coldkey, atMs, block: atMs / 1_000, totalRao: rao(totalRao) },
    freeRao: rao(1n),
  });

  it('keep the last look of each UTC day, of one chain and account', async () => {
    const { noteWorth, worthSince } = await reopen();
    const [here, there] = [hex('aa'), hex('bb')];
    await noteWorth(here, at(5 * day, 10n));
    await noteWorth(here, at(5 * day + 2_000, 12n));
    // One that comes late is older than what stands there.
    await noteWorth(here, at(5 * day + 1_000, 11n));
    await noteWorth(here, at(6 * day, 2n ** 62n));
    await noteWorth(there, at(5 * day, 99n));
    expect(await worthSince(here, coldkey, 5 * day + 3_000)).toEqual([
      at(5 * day + 2_000, 12n),
      at(6 * day, 2n ** 62n),
    ]);
    expect(await worthSince(here, coldkey, 6 * day)).toHaveLength(1);
    expect(await worthSince(here, ss58('5Other'), 0)).toEqual([]);
  });
});
