import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EarningsHistory, LedgerEntry } from '../../../src-shared/contract/page/earnings.ts';
import { csvCell, decimalText, koinlyCsv, ownCsv } from '../../../src-shared/earnings/csv.ts';
import { centsText, fiatCents, powerCents, typedRate } from '../../../src-shared/earnings/money-words.ts';
import { rao, ss58 } from '../../../src-shared/units.ts';

const at = Date.UTC(2026, 10, 2, 14, 5, 6);
const entry = (over: Partial<LedgerEntry>): LedgerEntry => ({
  ...{ atMs: at, fromMs: null, block: 360, kind: 'incentive', alpha: 2_000_000_000n },
  ...{ priceRao: rao(50_000_000n), taoRao: 100_000_000n, feeRao: null, rows: 1 },
  ...over,
});
const history = (...entries: LedgerEntry[]): EarningsHistory => ({
  ...{ hotkey: ss58('5Hot'), coldkey: ss58('5Cold'), netuid: 38, sinceMs: at, isCut: false },
  entries,
});
const euros = typedRate('EUR', 250);

/** Reads a CSV as a spreadsheet does. */
function parsed(csv: string): string[][] {
  const rows: string[][] = [];
  let [row, cell, quoted]: [string[], string, boolean] = [[], '', false];
  for (let i = 0; i < csv.length; i++) {
    const c = csv[i] ?? '';
    if (quoted && c === '"' && csv[i + 1] === '"') cell += csv[++i];
    else if (c === '"') quoted = !quoted;
    else if (quoted) cell += c;
    else if (c === ',') {
      row.push(cell);
      cell = '';
    } else if (c === '\r' && csv[i + 1] === '\n') {
      i++;
      rows.push([...row, cell]);
      [row, cell] = [[], ''];
    } else cell += c;
  }
  return rows;
}

describe('a cell', () => {
  it('is never run by a spreadsheet, and reads back as it was but for its guard', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const [[cell = ''] = []] = parsed(`${csvCell(text)}\r\n`);
        expect([text, `'${text}`]).toContain(cell);
        if (!/^-?\d+(?:\.\d+)?$/.test(cell)) expect(/^[=+\-@\t\r]/.test(cell)).toBe(false);
      }),
    );
  });

  it.each(['=1+1', '+1', '-1+1', '@SUM(A1)', '\t=1', '\r=1', '-'])('%j is kept as text', (text) => {
    expect(parsed(`${csvCell(text)}\r\n`)[0]?.[0]).toBe(`'${text}`);
  });

  it('of a number below zero stays a number', () => {
    expect(csvCell('-12.5')).toBe('-12.5');
  });
});

describe('amounts', () => {
  it('come back exactly', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), (amount) => {
        const text = decimalText(amount);
        expect(text).toMatch(/^-?\d+\.\d{9}$/);
        expect(BigInt(text.replace('.', ''))).toBe(amount);
      }),
    );
  });

  it('in a currency are cut, and unknown without a rate', () => {
    expect(fiatCents(1_999_999_999n, at, euros)).toBe(49_999n);
    expect(fiatCents(5n, at, typedRate('EUR', 0))).toBeNull();
    expect(fiatCents(null, at, euros)).toBeNull();
    expect(centsText(-5n)).toBe('-0.05');
    expect(powerCents(3_600_000, { watts: 500, tariff: 0.4 })).toBe(20n);
    expect(powerCents(3_600_000, { watts: 0, tariff: 0.4 })).toBeNull();
  });
});

describe('the own form', () => {
  it('has a row for everything, to the rao and as a decimal, in UTC', () => {
    const [head = [], row = [], unseen = []] = parsed(
      ownCsv(
        history(
          entry({}),
          entry({ kind: 'unseen', fromMs: at - 1_000, alpha: -7n, priceRao: null, taoRao: null }),
        ),
        euros,
      ),
    );
    const named = Object.fromEntries(head.map((name, i) => [name, row[i]]));
    expect(named).toMatchObject({
      ...{ utc: '2026-11-02T14:05:06.000Z', block: '360', type: 'incentive', netuid: '38' },
      ...{ hotkey: '5Hot', coldkey: '5Cold', alpha_rao: '2000000000', alpha: '2.000000000' },
      ...{ tao_rao: '100000000', tao: '0.100000000', price_tao_per_alpha: '0.050000000' },
      ...{ fiat_ccy: 'EUR', fiat_rate: '250.00', fiat_value: '25.00', fee_rao: '', note: '' },
    });
    const second = Object.fromEntries(head.map((name, i) => [name, unseen[i]]));
    expect(second).toMatchObject({ alpha_rao: '-7', tao_rao: '', price_tao_per_alpha: '', fiat_value: '' });
    expect(second.note).toContain('2026-11-02T14:05:05');
  });

  it('has as many cells in each row, whatever the ledger holds', () => {
    const any = fc.record({
      alpha: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n }),
      taoRao: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n })),
      feeRao: fc.option(fc.bigInt({ min: 0n, max: 2n ** 63n })),
      kind: fc.constantFrom('incentive', 'dividend', 'stake', 'fee', 'unseen') as fc.Arbitrary<
        LedgerEntry['kind']
      >,
    });
    fc.assert(
      fc.property(fc.array(any), (rows) => {
        const made = history(...rows.map(entry));
        for (const csv of [ownCsv(made, euros), ownCsv(made, null), koinlyCsv(made, euros)]) {
          const [head = [], ...lines] = parsed(csv);
          expect(lines.every((line) => line.length === head.length)).toBe(true);
        }
        expect(parsed(ownCsv(made, null))).toHaveLength(rows.length + 1);
      }),
    );
  });
});

describe('the form for Koinly', () => {
  it('sums pay by day and kind, in TAO with its worth', () => {
    const rows = parsed(
      koinlyCsv(
        history(
          entry({}),
          entry({ taoRao: 50_000_000n, block: 720 }),
          entry({ kind: 'dividend', taoRao: 1_000_000_000n }),
          entry({ kind: 'stake', alpha: 10n ** 12n }),
          entry({ atMs: at + 86_400_000 }),
        ),
        euros,
      ),
    );
    expect(rows[0]?.[0]).toBe('Date');
    expect(rows.slice(1).map((row) => [row[0], row[3], row[4], row[7], row[8], row[9]])).toEqual([
      ['2026-11-02 14:05 UTC', '0.150000000', 'TAO', '37.50', 'EUR', 'mining'],
      ['2026-11-02 14:05 UTC', '1.000000000', 'TAO', '250.00', 'EUR', 'reward'],
      ['2026-11-03 14:05 UTC', '0.100000000', 'TAO', '25.00', 'EUR', 'mining'],
    ]);
  });

  it('never takes pay without a price for nothing', () => {
    const [, row = []] = parsed(koinlyCsv(history(entry({ taoRao: null, priceRao: null })), euros));
    expect([row[3], row[4], row[7]]).toEqual(['2.000000000', 'SN38', '']);
  });
});
