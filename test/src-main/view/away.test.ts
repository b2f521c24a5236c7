import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { RunBody } from '../../../src-main/runs/plan.ts';
import type { EventRow } from '../../../src-main/store/rows.ts';
import type { Store } from '../../../src-main/store/store.ts';
import { watchAway } from '../../../src-main/view/away.ts';
import { AWAY_FAULTS_NAMED, AWAY_LEAST_MS, LOOK_NOTED_MS } from '../../../src-main/view/limits.ts';
import { tellPeople } from '../../../src-main/view/told.ts';
import { ViewKeeper } from '../../../src-main/view/view-keeper.ts';
import { hex, ss58 } from '../../../src-shared/units.ts';

const BEGAN_MS = 1_800_000_000_000;
const me = ss58('5C4hrfjw9DjXZTzV3MwzrrAr9P1MJhSrvWGWqi1eSuyUpnhM');
const body = { run: { storeId: 1, chain: { genesisHash: hex('ab'.repeat(32)), netuid: 38 } } } as RunBody;

let dataDir: string;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'], now: BEGAN_MS });
  dataDir = await mkdtemp(join(tmpdir(), 'away-'));
});
afterEach(async () => {
  vi.useRealTimers();
  // What is noted while a page leaves is waited for by nobody.
  await rm(dataDir, { recursive: true, force: true, maxRetries: 10 });
});

/** One start of the host on that folder, with what its store holds. */
async function start(
  kept: { rounds?: readonly object[]; alpha?: readonly bigint[]; events?: readonly EventRow[] } = {},
) {
  const keeper = new ViewKeeper({ version: '0', shell: 'web', dataDir, program: 'npm start --' });
  const store = {
    rounds: async () => kept.rounds ?? [],
    events: async (sinceMs: number) => (kept.events ?? []).filter(({ atMs }) => atMs >= sinceMs),
    ledger: () => ({ epochsSince: async () => (kept.alpha ?? []).map((alpha) => ({ alpha })) }),
  } as unknown as Store;
  const away = await watchAway(dataDir, { store, keeper, told: tellPeople(keeper, () => undefined) });
  const page = away.whileLooked((_page: string) => () => undefined);
  return { away, page, keeper, shown: () => keeper.view.away };
}

/** Somebody looked at the page and then closed it, which is kept. */
async function lookOnce(): Promise<void> {
  const { page } = await start();
  page('a page')();
  await expect.poll(lookedAtMs).toBe(BEGAN_MS);
}

async function lookedAtMs(): Promise<number | null> {
  const text = await readFile(join(dataDir, 'last-looked.json'), 'utf8').catch(() => null);
  return text === null ? null : JSON.parse(text).value.atMs;
}

const round = (outcome: string, endedMs: number) => ({ round: 3, outcome, endedMs });

it('tells who comes back of the rounds and the pay since then, and of no earlier ones', async () => {
  await lookOnce();
  vi.setSystemTime(BEGAN_MS + 2 * AWAY_LEAST_MS);
  const rounds = [
    round('committed', BEGAN_MS + 1_000),
    round('committed', BEGAN_MS + 2_000),
    round('void', BEGAN_MS + 3_000),
    round('committed', BEGAN_MS - 1),
  ];
  const { away, shown } = await start({ rounds, alpha: [2n, 5n] });
  await away.add(me, body);
  await expect.poll(shown).toMatchObject({ fromMs: BEGAN_MS, committed: 2, void: 1, payAlpha: 7n });
});

it('has nothing to tell who was there a moment ago, who never was, and where nothing happened', async () => {
  const first = await start({ rounds: [round('committed', BEGAN_MS)] });
  await first.away.add(me, body);
  await lookOnce();
  vi.setSystemTime(BEGAN_MS + AWAY_LEAST_MS - 1);
  const soon = await start({ rounds: [round('committed', BEGAN_MS + 1)] });
  await soon.away.add(me, body);
  vi.setSystemTime(BEGAN_MS + 2 * AWAY_LEAST_MS);
  const quiet = await start();
  await quiet.away.add(me, body);
  await new Promise((resolve) => setImmediate(resolve));
  for (const { shown } of [first, soon, quiet]) expect(shown()).toBeNull();
});

it('counts from the last look, not from a start that nobody saw', async () => {
  await lookOnce();
  vi.setSystemTime(BEGAN_MS + AWAY_LEAST_MS);
  const unseen = await start();
  await unseen.away.leave();
  vi.setSystemTime(BEGAN_MS + 2 * AWAY_LEAST_MS);
  const { away, shown } = await start({ rounds: [round('void', BEGAN_MS + 5_000)] });
  await away.add(me, body);
  await expect.poll(shown).toMatchObject({ fromMs: BEGAN_MS, void: 1 });
});

it('names the faults since then, and is silent once it was read', async () => {
  await lookOnce();
  vi.setSystemTime(BEGAN_MS + 2 * AWAY_LEAST_MS);
  const { away, keeper, shown } = await start();
  tellPeople(keeper, () => undefined).notice({ code: 'DISK_FULL', params: { path: '/d' } });
  await away.add(me, body);
  await expect.poll(shown).toMatchObject({ faults: [{ code: 'DISK_FULL' }] });
  away.dismiss();
  expect(shown()).toBeNull();
  await away.add(me, body);
  await new Promise((resolve) => setImmediate(resolve));
  expect(shown()).toBeNull();
});

const event = (code: string, atMs: number, level: EventRow['level'] = 'fault'): EventRow => ({
  ...{ code, atMs, level, source: 'host' },
  detailJson: JSON.stringify({ atMs }),
});

it('names the faults that a process of before told, each kind once and not without end', async () => {
  await lookOnce();
  vi.setSystemTime(BEGAN_MS + 2 * AWAY_LEAST_MS);
  const events = [
    event('DISK_FULL', BEGAN_MS + 2),
    event('DISK_FULL', BEGAN_MS + 1),
    event('FILE_DAMAGED', BEGAN_MS + 3),
    event('FILE_RESTORED', BEGAN_MS + 4, 'info'),
    event('A_CODE_OF_TOMORROW', BEGAN_MS + 5),
    event('PORT_IN_USE', BEGAN_MS - 1),
  ];
  const { away, shown } = await start({ events });
  await away.add(me, body);
  await expect
    .poll(() => shown()?.faults)
    .toEqual([
      { code: 'FILE_DAMAGED', params: { atMs: BEGAN_MS + 3 } },
      { code: 'DISK_FULL', params: { atMs: BEGAN_MS + 2 } },
    ]);

  const sources = Array.from({ length: 3 * AWAY_FAULTS_NAMED }, (_, n) => `run ${n}`);
  const many = await start({
    events: sources.map((source) => ({ ...event('DISK_FULL', BEGAN_MS + 9), source })),
  });
  await many.away.add(me, body);
  await expect.poll(() => many.shown()?.faults.length).toBe(AWAY_FAULTS_NAMED);
});

it('notes now and then that somebody looks, for a power cut tells nothing', async () => {
  const { page } = await start();
  const close = page('a page');
  vi.advanceTimersByTime(LOOK_NOTED_MS);
  await expect.poll(lookedAtMs).toBe(BEGAN_MS + LOOK_NOTED_MS);
  close();
  vi.advanceTimersByTime(LOOK_NOTED_MS);
  expect(vi.getTimerCount()).toBe(0);
});

it('notes that it was read', async () => {
  await lookOnce();
  vi.setSystemTime(BEGAN_MS + 2 * AWAY_LEAST_MS);
  const { away } = await start();
  away.dismiss();
  await expect.poll(lookedAtMs).toBe(BEGAN_MS + 2 * AWAY_LEAST_MS);
});
