import { expect, it } from 'vitest';
import { openCardLog } from '../../src-main/card-log.ts';
import type { LiveRun } from '../../src-main/runs/live-run.ts';
import type { Runs } from '../../src-main/runs/runs.ts';
import { CARD_ROW_EVERY_MS } from '../../src-main/telemetry/limits.ts';
import { listeners } from '../../src-node/listeners.ts';
import type { CardSensors } from '../../src-shared/contract/page/card.ts';
import type { WorkerState } from '../../src-shared/states.ts';
import type { Ss58 } from '../../src-shared/units.ts';

const card: CardSensors = {
  ...{ vendor: 'nvidia', name: 'GeForce', celsius: 61, watts: 150, memoryBytes: 16, usedBytes: 8, busy: 0.5 },
  fan: null,
};

/** One run, at a time of day that the test sets. */
function rig() {
  const train = listeners<Record<string, unknown>>();
  const liveEvents = listeners<Record<string, unknown>>();
  const runEvents = listeners<Record<string, unknown>>();
  const body = { run: { storeId: 9, train } } as unknown as LiveRun['body'];
  const live = { id: 'a', body, held: null as WorkerState | null, on: liveEvents.on };
  const runs = { live: new Map([['a' as Ss58, live]]), on: runEvents.on } as unknown as Runs;
  const added: unknown[] = [];
  const at = { nowMs: 1_000_000 };
  const log = openCardLog({
    ...{ runs, nowMs: () => at.nowMs },
    store: { add: (table: string, row: object) => void added.push({ table, ...row }) } as never,
  });
  runEvents.emit('begun', live);
  liveEvents.emit('working', body);
  return { live, added, at, log, step: (step: number) => train.emit('step', { step }) };
}

it('keeps what each card says with the steps of a run, once a minute', () => {
  const { added, at, log, step } = rig();
  step(3);
  log.note({ cards: [card, { ...card, watts: null }] });
  at.nowMs += CARD_ROW_EVERY_MS - 1;
  log.note({ cards: [card] });
  expect(added).toEqual([
    ...[
      { card: 0, watts: 150 },
      { card: 1, watts: null },
    ].map((one) => ({
      ...{ table: 'card', runId: 9, atMs: 1_000_000, step: 3, busy: 0.5, celsius: 61, usedBytes: 8 },
      ...{ memoryBytes: 16, ...one },
    })),
  ]);
  at.nowMs += 1;
  step(4);
  log.note({ cards: [card] });
  expect(added).toHaveLength(3);
});

it('keeps nothing of a run that has taken no step, or rests', () => {
  const { added, live, log, step } = rig();
  log.note({ cards: [card] });
  step(1);
  live.held = { kind: 'paused', reason: 'user', untilMs: null };
  log.note({ cards: [card] });
  expect(added).toEqual([]);
});
