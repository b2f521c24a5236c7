import type { EarningsHistory, LedgerEntry } from '../../../src-shared/contract/page/earnings.ts';
import { rao, ss58 } from '../../../src-shared/units.ts';
import { me } from './scenes.ts';

const DAY_MS = 86_400_000;
const EPOCH_MS = 72 * 60_000;
const TAO = 1_000_000_000n;

const entry = (atMs: number, block: number, over: Partial<LedgerEntry> = {}): LedgerEntry => {
  const alpha = over.alpha ?? BigInt(9 + ((block * 7) % 11)) * 61_700_000n;
  const priceRao = rao(52_300_000n + BigInt(block % 997) * 1_000n);
  return {
    ...{ atMs, fromMs: null, block, kind: 'incentive', alpha, priceRao, feeRao: null },
    ...{ txHash: null, rows: 1 },
    taoRao: (alpha * priceRao) / TAO,
    ...over,
  };
};

const nothing: EarningsHistory = {
  ...{ hotkey: me, coldkey: ss58('5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty'), netuid: 38 },
  ...{ sinceMs: null, entries: [], isCut: false },
};

/** Joined, and nothing booked yet. */
export const unpaid = (): EarningsHistory => nothing;

/** Weeks of epochs, a dividend now and then, an order of the owner. */
export function paid(nowMs: number, days = 34): EarningsHistory {
  const sinceMs = nowMs - days * DAY_MS;
  const count = Math.floor((nowMs - sinceMs) / EPOCH_MS);
  const entries = Array.from({ length: count }, (_, i) => entry(sinceMs + i * EPOCH_MS, 8_000_000 + i * 360));
  const staked = entry(nowMs - 3 * DAY_MS, 8_200_000, { kind: 'stake', alpha: 5n * TAO });
  return { ...nothing, sinceMs, entries: [...entries, staked] };
}

/** The same with four days in which the computer was off. */
export function withHole(nowMs: number): EarningsHistory {
  const whole = paid(nowMs);
  const [fromMs, toMs] = [nowMs - 9.3 * DAY_MS, nowMs - 5.2 * DAY_MS];
  const seen = whole.entries.filter(({ atMs }) => atMs < fromMs || atMs > toMs);
  const hole = entry(toMs, 8_170_000, { kind: 'unseen', fromMs, alpha: 31n * TAO });
  return { ...whole, entries: [...seen, hole].toSorted((a, b) => a.atMs - b.atMs) };
}

/** Minutes of a practice. */
export function practised(nowMs: number): EarningsHistory {
  const entries = Array.from({ length: 12 }, (_, i) => entry(nowMs - (13 - i) * 11_000, 40 + i * 11));
  return { ...nothing, sinceMs: nowMs - 150_000, entries };
}
