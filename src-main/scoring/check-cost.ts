import type { CheckingCost } from '../../src-shared/contract/page/runs.ts';

/** What a check took: time of the engine in ms, bytes fetched, miners whose first step or contribution it was. */
export type Spent = Partial<Omit<CheckingCost, 'sinceMs'>>;

const DAY_MS = 86_400_000;

/** Of a day that begins: days are those of UTC. */
const costFrom = (nowMs: number): CheckingCost => ({
  sinceMs: nowMs - (nowMs % DAY_MS),
  computeMs: 0,
  bytes: 0,
  recomputed: 0,
  looked: 0,
});

/** Today's cost as it is now; of another day nothing is left. */
export const costToday = (known: CheckingCost | null, nowMs: number): CheckingCost => {
  const none = costFrom(nowMs);
  return known?.sinceMs === none.sinceMs ? known : none;
};

export function costAfter(known: CheckingCost | null, spent: Spent, nowMs: number): CheckingCost {
  const { sinceMs, ...before } = costToday(known, nowMs);
  const { computeMs = 0, bytes = 0, recomputed = 0, looked = 0 } = spent;
  return {
    sinceMs,
    computeMs: before.computeMs + computeMs,
    bytes: before.bytes + bytes,
    recomputed: before.recomputed + recomputed,
    looked: before.looked + looked,
  };
}

/** Runs a call of the engine and says how long it took, whatever comes of it. */
export async function timed<T>(cost: (spent: Spent) => void, work: () => Promise<T>): Promise<T> {
  const startedMs = performance.now();
  try {
    return await work();
  } finally {
    cost({ computeMs: Math.round(performance.now() - startedMs) });
  }
}
