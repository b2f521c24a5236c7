import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_FRAME_CHARS } from '../../../src-shared/contract/page/wire.ts';
import { type BookedRows, ENTRIES_MAX, historyOf } from '../../../src-shared/earnings/history.ts';
import { payBy, periods } from '../../../src-shared/earnings/periods.ts';
import { alphaRao, rao, ss58 } from '../../../src-shared/units.ts';
import { encodeWire } from '../../../src-shared/wire.ts';
import { runs } from '../../runs.ts';

const HOUR_MS = 3_600_000;
const BEGAN_MS = Date.UTC(2026, 9, 28, 5);
const who = { hotkey: ss58('5Hotkey'), netuid: 38 };
const coldkey = ss58('5Coldkey');

/** An hour of a ledger: pay, what its owner did, and what remained; some without a price, some not looked at. */
const hour = fc.record({
  priceRao: fc.option(fc.bigInt(1n, 10n ** 9n).map(rao)),
  pay: fc.bigInt(0n, 10n ** 12n).map(alphaRao),
  rest: fc.bigInt(-5n, 10n ** 9n),
  moved: fc.option(fc.bigInt(-(10n ** 12n), 10n ** 12n)),
  isUnseen: fc.boolean(),
});

function rowsOf(hours: readonly (typeof hour extends fc.Arbitrary<infer T> ? T : never)[]): BookedRows {
  const at = (i: number) => ({ block: 300 * (i + 1), atMs: BEGAN_MS + i * HOUR_MS });
  return {
    epochs: hours.map(({ priceRao, pay }, i) => ({
      ...{ ...at(i), priceRao, alpha: pay },
      valueRao: priceRao && rao((pay * priceRao) / 10n ** 9n),
    })),
    moves: hours.flatMap(({ priceRao, moved }, i) =>
      moved === null
        ? []
        : [{ ...at(i), priceRao, kind: 'stake', alpha: moved, taoRao: null, feeRao: 1n, txHash: null }],
    ),
    snapshots: hours.map(({ priceRao, rest, isUnseen }, i) => ({
      ...{ ...at(i), priceRao, coldkey, residualAlpha: rest, method: isUnseen ? 'delta' : 'event' },
    })),
  };
}

describe('a long ledger whose older days are summed up', () => {
  it('says the same of every day, week and month', () => {
    const ledger = fc.array(hour, { minLength: 60, maxLength: 120 });
    fc.assert(
      fc.property(ledger, fc.integer({ min: 1, max: 60 }), (hours, newest) => {
        const rows = rowsOf(hours);
        const [whole, summed] = [historyOf(rows, who, null), historyOf(rows, who, newest)];
        const nowMs = BEGAN_MS + 200 * HOUR_MS;
        for (const period of periods.filter((one) => one !== 'epoch'))
          expect(payBy(period, summed, nowMs, 400)).toEqual(payBy(period, whole, nowMs, 400));
        expect(summed.entries.reduce((sum, { rows: of }) => sum + of, 0)).toBe(whole.entries.length);
      }),
      { numRuns: runs(60, 1_000) },
    );
  });

  it('takes no sum of a day for an epoch', () => {
    const one = { priceRao: rao(5n), pay: alphaRao(7n), rest: 0n, moved: null, isUnseen: false };
    const summed = historyOf(rowsOf(Array.from({ length: 72 }, () => one)), who, 10);
    const epochs = payBy('epoch', summed, BEGAN_MS + 100 * HOUR_MS, 400);
    expect(summed.entries.some(({ rows }) => rows > 1)).toBe(true);
    expect(epochs.every(({ alpha }) => alpha === 7n)).toBe(true);
  });

  it('fits one message to the page, however long it is and whatever stands in it', () => {
    const most = 2n ** 64n - 1n;
    const at = (i: number) => ({ block: 4_000_000_000 + i, atMs: BEGAN_MS + i * 24 * HOUR_MS });
    const epochs = Array.from({ length: 5_000 }, (_, i) => ({
      ...{ ...at(i), priceRao: rao(most), alpha: alphaRao(most), valueRao: rao(most) },
    }));
    const history = historyOf({ epochs, moves: [], snapshots: [] }, who, 1_000);
    expect(history.entries).toHaveLength(ENTRIES_MAX);
    expect(history).toMatchObject({ isCut: true, sinceMs: history.entries[0]?.atMs });
    expect(encodeWire({ kind: 'rpc', body: history }).length).toBeLessThan(MAX_FRAME_CHARS);
  });
});
