import type { EarningsHistory, LedgerEntry } from '../contract/page/earnings.ts';
import { RAO_PER_TAO } from '../units.ts';
import { centsText, type FiatSource, fiatCents } from './money-words.ts';
import { dayStart, isPay } from './periods.ts';

/** Cells that a spreadsheet would run are kept as text; numbers stay numbers. */
export function csvCell(value: string): string {
  const isNumber = /^-?\d+(?:\.\d+)?$/.test(value);
  const guarded = !isNumber && /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n\t]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

const csvLines = (rows: readonly (readonly string[])[]): string =>
  rows.map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');

/** Nine places and a dot, whatever the language. */
export function decimalText(rao: bigint): string {
  const [sign, size] = rao < 0n ? ['-', -rao] : ['', rao];
  return `${sign}${size / RAO_PER_TAO}.${(size % RAO_PER_TAO).toString().padStart(9, '0')}`;
}

const or = (value: bigint | null, text: (value: bigint) => string): string =>
  value === null ? '' : text(value);
const digits = (value: bigint): string => value.toString();

const OWN_COLUMNS = [
  ...[
    'utc',
    'block',
    'event_id',
    'type',
    'netuid',
    'hotkey',
    'coldkey',
    'alpha_rao',
    'alpha',
    'tao_rao',
    'tao',
  ],
  ...['price_tao_per_alpha', 'fiat_ccy', 'fiat_rate', 'fiat_value', 'fee_rao', 'tx_hash', 'note'],
] as const;

/** Every row of the ledger, unknown amounts empty. */
export function ownCsv(history: EarningsHistory, fiat: FiatSource | null): string {
  const rows = history.entries.map((entry, i) => ownRow(history, entry, i, fiat));
  return csvLines([OWN_COLUMNS, ...rows]);
}

function ownRow(
  { netuid, hotkey, coldkey }: EarningsHistory,
  entry: LedgerEntry,
  index: number,
  fiat: FiatSource | null,
): readonly string[] {
  const { atMs, block, kind, alpha, taoRao, priceRao, feeRao } = entry;
  const cents = fiat?.centsAt(atMs) ?? null;
  return [
    new Date(atMs).toISOString(),
    String(block),
    `${netuid}-${block}-${kind}-${index}`,
    kind,
    String(netuid),
    hotkey,
    coldkey ?? '',
    digits(alpha),
    decimalText(alpha),
    or(taoRao, digits),
    or(taoRao, decimalText),
    or(priceRao, decimalText),
    cents === null ? '' : (fiat?.currency ?? ''),
    cents === null ? '' : centsText(BigInt(cents)),
    or(fiatCents(taoRao, atMs, fiat), centsText),
    or(feeRao, digits),
    '',
    noteOf(entry),
  ];
}

function noteOf({ fromMs, rows }: LedgerEntry): string {
  if (fromMs !== null) return `not looked at since ${new Date(fromMs).toISOString()}`;
  return rows > 1 ? `sum of ${rows} rows of that day` : '';
}

const KOINLY_COLUMNS = [
  ...['Date', 'Sent Amount', 'Sent Currency', 'Received Amount', 'Received Currency', 'Fee Amount'],
  ...['Fee Currency', 'Net Worth Amount', 'Net Worth Currency', 'Label', 'Description', 'TxHash'],
] as const;

/**
 * Pay as Koinly's universal form takes it: one row a UTC day and kind, in TAO at the price of each epoch. Pay whose
 * price was not known stands in alpha, by the name SN and its netuid: it is never taken for nothing.
 */
export function koinlyCsv(history: EarningsHistory, fiat: FiatSource | null): string {
  const sums = new Map<string, { atMs: number; label: string; currency: string; amount: bigint }>();
  for (const { atMs, kind, alpha, taoRao } of history.entries) {
    if (!isPay(kind) || alpha <= 0n) continue;
    const label = kind === 'incentive' ? 'mining' : 'reward';
    const currency = taoRao === null ? `SN${history.netuid}` : 'TAO';
    const key = `${dayStart(atMs)} ${label} ${currency}`;
    const sum = sums.get(key) ?? { atMs, label, currency, amount: 0n };
    sums.set(key, { ...sum, atMs: Math.max(sum.atMs, atMs), amount: sum.amount + (taoRao ?? alpha) });
  }
  const inOrder = [...sums.values()].toSorted(
    (a, b) => a.atMs - b.atMs || `${a.label} ${a.currency}`.localeCompare(`${b.label} ${b.currency}`, 'en'),
  );
  const rows = inOrder.map(({ atMs, label, currency, amount }) => {
    const cents = currency === 'TAO' ? fiatCents(amount, atMs, fiat) : null;
    return [
      `${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`,
      ...['', '', decimalText(amount), currency, '', ''],
      or(cents, centsText),
      cents === null ? '' : (fiat?.currency ?? ''),
      label,
      `subnet ${history.netuid}, hotkey ${history.hotkey}`,
      '',
    ];
  });
  return csvLines([KOINLY_COLUMNS, ...rows]);
}
