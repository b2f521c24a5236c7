import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type {
  AccountEntry,
  AccountKind,
  LedgerEntry,
  LedgerKind,
  LedgerPart,
} from '../../../src-shared/contract/page/earnings.ts';
import { csvCell } from '../../../src-shared/csv.ts';
import { type Book, decimalText } from '../../../src-shared/earnings/csv.ts';
import { koinlyBook } from '../../../src-shared/earnings/koinly-csv.ts';
import { centsText, fiatCents, powerCents, typedRate } from '../../../src-shared/earnings/money-words.ts';
import { ownBook } from '../../../src-shared/earnings/own-csv.ts';
import { hex, rao, ss58 } from '../../../src-shared/units.ts';

const at = Date.UTC(2026, 10, 2, 14, 5, 6);
const entry = (over: Partial<LedgerEntry>): LedgerEntry => ({
  ...{ atMs: at, fromMs: null, block: 360, kind: 'incentive', alpha: 2_000_000_000n },
  ...{ priceRao: rao(50_000_000n), taoRao: 100_000_000n, feeRao: null, txHash: null, rows: 1 },
  ...over,
});
const ofAccount = (over: Partial<AccountEntry>): AccountEntry => ({
  ...{ atMs: at, block: 360, kind: 'transfer-in', taoRao: 1_000_000_000n, alpha: null, netuid: null },
  ...{ hotkey: null, other: null, txHash: null },
  ...over,
});
const [hotkey, coldkey, other] = [ss58('5Hot'), ss58('5Cold'), ss58('5Other')];
const stake = (...entries: LedgerEntry[]): LedgerPart => ({
  ...{ coldkey, account: [], next: null },
  stake: { hotkey, netuid: 38, entries },
});
const account = (...entries: AccountEntry[]): LedgerPart => ({
  ...{ coldkey, stake: null, next: null },
  account: entries,
});
const written = (book: Book, ...parts: LedgerPart[]): string[][] =>
  parsed(parts.map((part) => book.add(part)).join('') + book.end());
const named = ([head = [], ...rows]: string[][]): Record<string, string | undefined>[] =>
  rows.map((row) => Object.fromEntries(head.map((name, i) => [name, row[i]])));
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
  it('has a row for everything, to the rao and as a decimal, in UTC, with its transaction', () => {
    const [first, unseen, gone] = named(
      written(
        ownBook(euros),
        stake(
          entry({ kind: 'stake', txHash: hex('ab12') }),
          entry({ kind: 'unseen', fromMs: at - 1_000, alpha: -7n, priceRao: null, taoRao: null }),
        ),
        account(ofAccount({ kind: 'transfer-out', taoRao: -5n, other, txHash: hex('cd') })),
      ),
    );
    expect(first).toMatchObject({
      ...{ utc: '2026-11-02T14:05:06.000Z', block: '360', type: 'stake', netuid: '38' },
      ...{ hotkey, coldkey, alpha_rao: '2000000000', alpha: '2.000000000' },
      ...{ tao_rao: '100000000', tao: '0.100000000', price_tao_per_alpha: '0.050000000' },
      ...{ fiat_ccy: 'EUR', fiat_rate: '250.00', fiat_value: '25.00', fee_rao: '', note: '' },
      ...{ tx_hash: '0xab12', event_id: `${hotkey}-38-360-stake-0` },
    });
    expect(unseen).toMatchObject({ alpha_rao: '-7', tao_rao: '', price_tao_per_alpha: '', fiat_value: '' });
    expect(unseen?.note).toContain('2026-11-02T14:05:05');
    expect(gone).toMatchObject({
      ...{ type: 'transfer-out', tao_rao: '-5', tao: '-0.000000005', alpha: '', netuid: '', hotkey: '' },
      ...{ tx_hash: '0xcd', note: `to ${other}`, event_id: `${coldkey}-account-360-transfer-out-0` },
    });
  });

  it('is a head alone where nothing is booked', () => {
    expect(written(ownBook(null))).toHaveLength(1);
  });
});

const anyRao = fc.bigInt({ min: -(2n ** 50n), max: 2n ** 50n });
const anyHash = fc.option(fc.constantFrom(hex('aa'), hex('bb'), hex('cc')));
const kinds: readonly LedgerKind[] = [
  ...(['incentive', 'dividend', 'unseen', 'claimed', 'stake', 'unstake', 'moved', 'handed'] as const),
  ...([
    'withheld',
    'recycled',
    'burned',
    'auto-out',
    'auto-in',
    'swapped',
    'fee',
    'dissolved',
    'other',
  ] as const),
];
/** As a chain writes them: what is bought costs TAO, what is sold brings it. */
const anyEntry = fc
  .record({
    kind: fc.constantFrom(...kinds),
    size: anyRao,
    tao: fc.option(fc.bigInt(0n, 2n ** 50n)),
    txHash: anyHash,
  })
  .map(({ kind, size, tao, txHash }) => {
    const alpha =
      kind === 'stake' ? abs(size) : kind === 'unstake' || kind === 'dissolved' ? -abs(size) : size;
    return entry({
      kind,
      alpha: kind === 'withheld' ? 0n : alpha,
      taoRao: kind.endsWith('stake') ? (tao ?? 1n) : tao,
      txHash,
    });
  });
const accountKinds: readonly AccountKind[] = [
  ...([
    'transfer-in',
    'transfer-out',
    'stake',
    'unstake',
    'dissolved',
    'registration',
    'network-fee',
    'tao-other',
  ] as const),
];
const anyAccount = fc
  .record({ kind: fc.constantFrom(...accountKinds), tao: anyRao, alpha: anyRao, txHash: anyHash })
  .map(({ kind, tao, alpha, txHash }) => {
    const isIn = kind === 'transfer-in' || kind === 'unstake' || (kind === 'tao-other' && tao > 0n);
    const isTrade = kind === 'stake' || kind === 'unstake';
    const signed = {
      taoRao: isIn ? abs(tao) : -abs(tao),
      alpha: isTrade ? (isIn ? -1n : 1n) * abs(alpha) : null,
    };
    // A transaction pays one fee.
    return ofAccount({ kind, ...signed, netuid: isTrade ? 39 : null, txHash });
  });
const abs = (value: bigint): bigint => (value < 0n ? -value : value);

it('has as many cells in each row, whatever the ledger holds', () => {
  fc.assert(
    fc.property(fc.array(anyEntry), fc.array(anyAccount), (entries, entriesOfAccount) => {
      const parts = [account(...entriesOfAccount), stake(...entries)];
      for (const book of [ownBook(euros), ownBook(null), koinlyBook(euros)]) {
        const [head = [], ...lines] = written(book, ...parts);
        expect(lines.every((line) => line.length === head.length)).toBe(true);
      }
      expect(written(ownBook(null), ...parts)).toHaveLength(entries.length + entriesOfAccount.length + 1);
    }),
  );
});

describe('the form for Koinly', () => {
  const rowsOf = (...parts: LedgerPart[]) => named(written(koinlyBook(euros), ...parts));

  it('sums pay by day and kind, in alpha with its worth', () => {
    const rows = rowsOf(
      stake(
        entry({}),
        entry({ taoRao: 50_000_000n, block: 720 }),
        entry({ kind: 'dividend', taoRao: 1_000_000_000n }),
        entry({ atMs: at + 86_400_000 }),
        entry({ atMs: at + 2 * 86_400_000, taoRao: null, priceRao: null }),
      ),
    );
    expect(rows.map((row) => [row.Date, row['Received Amount'], row['Net Worth Amount'], row.Label])).toEqual(
      [
        ['2026-11-02 14:05 UTC', '4.000000000', '37.50', 'mining'],
        ['2026-11-02 14:05 UTC', '2.000000000', '250.00', 'reward'],
        ['2026-11-03 14:05 UTC', '2.000000000', '25.00', 'mining'],
        // Without a price its worth is not known, and not nothing.
        ['2026-11-04 14:05 UTC', '2.000000000', '', 'mining'],
      ],
    );
    expect(new Set(rows.map((row) => row['Received Currency']))).toEqual(new Set(['SN38']));
    const [plain] = named(written(koinlyBook(null), stake(entry({}))));
    expect(plain).toMatchObject({ 'Net Worth Amount': '0.100000000', 'Net Worth Currency': 'TAO' });
  });

  it('has purchases and sales as trades, with their transaction and what it cost', () => {
    const [bought, sold, ended] = rowsOf(
      account(ofAccount({ kind: 'network-fee', taoRao: -140n, txHash: hex('aa') })),
      stake(
        entry({ kind: 'stake', alpha: 9n, taoRao: 5n, txHash: hex('aa') }),
        entry({ kind: 'unstake', alpha: -9n, taoRao: 4n, txHash: hex('bb'), atMs: at + 1 }),
        entry({ kind: 'dissolved', alpha: -3n, taoRao: 2n, priceRao: null, atMs: at + 2 }),
      ),
    );
    expect(bought).toMatchObject({
      ...{ 'Sent Amount': '0.000000005', 'Sent Currency': 'TAO', 'Received Amount': '0.000000009' },
      ...{ 'Received Currency': 'SN38', 'Fee Amount': '0.000000140', 'Fee Currency': 'TAO', Label: '' },
      TxHash: '0xaa',
    });
    expect(sold).toMatchObject({
      ...{ 'Sent Amount': '0.000000009', 'Sent Currency': 'SN38', 'Received Amount': '0.000000004' },
      ...{ 'Received Currency': 'TAO', 'Fee Amount': '', TxHash: '0xbb' },
    });
    expect(ended).toMatchObject({ 'Sent Currency': 'SN38', 'Received Amount': '0.000000002' });
  });

  it('has the end of a subnet whose stake stands elsewhere as a sale', () => {
    const ended = { kind: 'dissolved', taoRao: 2n, alpha: -3n, netuid: 39, hotkey } as const;
    expect(rowsOf(account(ofAccount(ended)))).toMatchObject([
      { 'Sent Amount': '0.000000003', 'Sent Currency': 'SN39', 'Received Amount': '0.000000002' },
    ]);
  });

  it('has transfers plainly, and registrations and lonely fees as costs', () => {
    const rows = rowsOf(
      account(
        ofAccount({ kind: 'transfer-in', taoRao: 7n, other }),
        ofAccount({ kind: 'transfer-out', taoRao: -8n, other, atMs: at + 1 }),
        ofAccount({ kind: 'registration', taoRao: -9n, netuid: 38, hotkey, atMs: at + 2 }),
        ofAccount({ kind: 'network-fee', taoRao: -1n, txHash: hex('dd'), atMs: at + 3 }),
      ),
    );
    expect(rows.map((row) => [row['Sent Amount'], row['Received Amount'], row.Label])).toEqual([
      ['', '0.000000007', ''],
      ['0.000000008', '', ''],
      ['0.000000009', '', 'cost'],
      ['0.000000001', '', 'cost'],
    ]);
    expect(rows[1]?.Description).toBe(`to ${other}`);
  });

  it('moves TAO and alpha by what the ledger says, to the rao', () => {
    const isHeld = ({ kind }: LedgerEntry) =>
      ['moved', 'auto-in', 'auto-out', 'swapped', 'withheld'].includes(kind);
    fc.assert(
      fc.property(fc.array(anyEntry), fc.array(anyAccount), (entries, entriesOfAccount) => {
        const oneFee = entriesOfAccount.filter(
          ({ kind, txHash }, i, all) =>
            kind !== 'network-fee' ||
            all.findIndex((one) => one.kind === kind && one.txHash === txHash) === i,
        );
        const rows = rowsOf(account(...oneFee), stake(...entries));
        const moved = (currency: string) =>
          rows.reduce((sum, row) => {
            const of = (name: string) =>
              row[`${name} Currency`] === currency
                ? BigInt((row[`${name} Amount`] ?? '').replace('.', ''))
                : 0n;
            return sum + of('Received') - of('Sent') - of('Fee');
          }, 0n);
        const alpha = entries.filter((one) => !isHeld(one)).reduce((sum, one) => sum + one.alpha, 0n);
        expect(moved('SN38')).toBe(alpha);
        const traded = entries.reduce((sum, { kind, taoRao }) => {
          if (kind === 'stake') return sum - (taoRao ?? 0n);
          return kind === 'unstake' || kind === 'dissolved' ? sum + (taoRao ?? 0n) : sum;
        }, 0n);
        const own = oneFee.reduce((sum, { taoRao }) => sum + taoRao, 0n);
        expect(moved('TAO')).toBe(traded + own);
      }),
    );
  });
});
