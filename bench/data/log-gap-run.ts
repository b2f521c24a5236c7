import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import Sqlite from 'better-sqlite3';
import { openRunLogReads } from '../../src-main/store/run-log.ts';
import { LOG_ROWS_AT_ONCE } from '../../src-shared/run-logs/row.ts';
import { RECORD_BYTES_MOST } from '../../src-worker/publish/run-logs/limits.ts';
import { seqOf } from '../../src-worker/publish/run-logs/tensorboard/event.ts';
import {
  HEAD_BYTES,
  isWhole,
  payloadLength,
  TAIL_BYTES,
} from '../../src-worker/publish/run-logs/tensorboard/record.ts';
import { type FakeWandb, startFakeWandb } from '../../test/fakes/fake-wandb.ts';
import { seeded } from '../chain/seeded.ts';
import type { ToldHostOrder } from './told-host.ts';

const API_KEY = 'key-of-nobody';
const HOUR_MS = 3_600_000;
/** More than a life writes until it is killed. */
const ROWS_OF_LIFE = 100_000;
const PROGRAM = fileURLToPath(new URL('./told-host.ts', import.meta.url));

/** What came of rows in the store, at each target. */
export interface Gap {
  readonly rows: number;
  readonly kills: number;
  readonly lost: { readonly wandb: number; readonly tensorboard: number };
  readonly doubled: { readonly wandb: number; readonly tensorboard: number };
}

export interface GapPlan {
  readonly kills: number;
  /** Each killed life has told rows so many times at most when it dies. */
  readonly toldOfLife: number;
  readonly rowsOffline: number;
  readonly seed: number;
}

/**
 * A host that writes rows and tells them is killed again and again, also while answers are lost; then the server is away
 * for an hour of rows, and it is killed there too; then the server is back, and a last life goes on until nothing waits.
 */
export async function gapOf({ kills, toldOfLife, rowsOffline, seed }: GapPlan): Promise<Gap> {
  const dataDir = await mkdtemp(join(tmpdir(), 'butterfly-log-gap-'));
  const wandb = await startFakeWandb({ [API_KEY]: 'team' });
  const random = seeded(seed);
  const order = { dataDir, url: wandb.url, apiKey: API_KEY, laterMs: 0, untilTold: false };
  try {
    for (let n = 0; n < kills; n++) {
      if (n % 3 === 1) wandb.fail('file_stream', 'drop-after', 503, 'drop-before');
      const dies = { told: 1 + random.below(toldOfLife), written: random.below(20) };
      await killedAfter({ ...order, rows: ROWS_OF_LIFE }, dies);
    }
    wandb.fail('graphql', ...Array.from({ length: 10_000 }, () => 'drop-before' as const));
    const offline = { ...order, laterMs: HOUR_MS };
    await killedAfter({ ...offline, rows: rowsOffline }, { told: 0, written: rowsOffline - 1 });
    wandb.mend();
    await untilTold({ ...offline, rows: 5, laterMs: 2 * HOUR_MS, untilTold: true });
    return { kills: kills + 1, ...(await compared(dataDir, wandb)) };
  } finally {
    await wandb.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

type Life = ChildProcessByStdio<null, Readable, null>;

function start(order: ToldHostOrder): Life {
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', PROGRAM, JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Killed once it has told rows so many times, and written so many after that. */
async function killedAfter(order: ToldHostOrder, dies: { readonly told: number; readonly written: number }) {
  const life = start(order);
  const gone = once(life, 'exit');
  let { told, written } = dies;
  for await (const line of createInterface(life.stdout)) {
    if (line === 'told') told--;
    else if (line === 'written' && told <= 0) written--;
    if (told <= 0 && written <= 0) break;
  }
  life.kill('SIGKILL');
  await gone;
  if (told > 0 || written > 0) throw new Error('the program ended before it was killed');
}

async function untilTold(order: ToldHostOrder): Promise<void> {
  const life = start(order);
  const gone = once(life, 'exit');
  let last = '';
  for await (const line of createInterface(life.stdout)) last = line;
  await gone;
  if (last !== 'done') throw new Error('the last life did not come to its end');
}

async function compared(dataDir: string, wandb: FakeWandb): Promise<Omit<Gap, 'kills'>> {
  const rows = seqsInStore(dataDir);
  const [run] = [...wandb.runs.values()];
  const lines = (run?.history ?? []).map((line) => JSON.parse(line)._step as number);
  const records = await seqsInEvents(join(dataDir, 'tensorboard'));
  return {
    rows: rows.length,
    lost: { wandb: lostOf(rows, lines), tensorboard: lostOf(rows, records) },
    doubled: { wandb: doubledOf(lines), tensorboard: doubledOf(records) },
  };
}

const lostOf = (rows: readonly number[], told: readonly number[]): number => {
  const there = new Set(told);
  return rows.filter((seq) => !there.has(seq)).length;
};
const doubledOf = (told: readonly number[]): number => told.length - new Set(told).size;

function seqsInStore(dataDir: string): readonly number[] {
  const db = new Sqlite(join(dataDir, 'telemetry.db'), { readonly: true });
  try {
    const log = openRunLogReads(db);
    const seqs: number[] = [];
    for (;;) {
      const part = log.logRows({ runId: 1, afterSeq: seqs.at(-1) ?? -1, limit: LOG_ROWS_AT_ONCE });
      if (part.length === 0) return seqs;
      seqs.push(...part.map(({ seq }) => seq));
    }
  } finally {
    db.close();
  }
}

/** The numbers of the rows that stand in the event files below a folder, in their order. */
export async function seqsInEvents(root: string): Promise<readonly number[]> {
  const seqs: number[] = [];
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.name.includes('tfevents')) continue;
    const bytes = await readFile(join(entry.parentPath, entry.name));
    for (let at = 0; at < bytes.length; ) {
      const length = payloadLength(bytes.subarray(at, at + HEAD_BYTES), RECORD_BYTES_MOST) ?? -1;
      const begin = at + HEAD_BYTES;
      at = begin + length + TAIL_BYTES;
      if (length < 0 || !isWhole(bytes.subarray(begin, at))) throw new Error('a record that is not whole');
      const seq = seqOf(bytes.subarray(begin, begin + length));
      if (seq !== null) seqs.push(seq);
    }
  }
  return seqs;
}
