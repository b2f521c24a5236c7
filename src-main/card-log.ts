import type { MachineNow } from '../src-shared/contract/page/card.ts';
import type { Ss58 } from '../src-shared/units.ts';
import type { LiveRun } from './runs/live-run.ts';
import type { Runs } from './runs/runs.ts';
import type { Store } from './store/store.ts';
import { CARD_ROW_EVERY_MS } from './telemetry/limits.ts';

export interface CardLogOptions {
  readonly runs: Pick<Runs, 'live' | 'on'>;
  readonly store: Pick<Store, 'add'>;
  /** Time of day. */
  nowMs(): number;
}

/** Keeps what cards say with each run that trains, for whoever is told of it. */
export interface CardLog {
  note(machine: Pick<MachineNow, 'cards'>): void;
  stop(): void;
}

export function openCardLog({ runs, store, nowMs }: CardLogOptions): CardLog {
  /** Steps of each run, and when its cards were kept last. */
  const steps = new Map<Ss58, { step: number; keptAtMs: number }>();
  const follow = (live: LiveRun) =>
    live.on('working', ({ run }) => {
      run.train.on('step', ({ step }) => {
        steps.set(live.id, { keptAtMs: steps.get(live.id)?.keptAtMs ?? Number.NEGATIVE_INFINITY, step });
      });
    });
  const off = [runs.on('begun', follow), runs.on('gone', ({ id }) => void steps.delete(id))];

  return {
    note({ cards }) {
      const atMs = nowMs();
      for (const [id, { body, held }] of runs.live) {
        const known = steps.get(id);
        if (!body || held || !known || Math.abs(atMs - known.keptAtMs) < CARD_ROW_EVERY_MS) continue;
        known.keptAtMs = atMs;
        cards.forEach(({ busy, celsius, watts, usedBytes, memoryBytes }, card) => {
          const row = { runId: body.run.storeId, atMs, card, step: known.step };
          store.add('card', { ...row, busy, celsius, watts, usedBytes, memoryBytes });
        });
      }
    },
    stop() {
      for (const unsubscribe of off) unsubscribe();
    },
  };
}
