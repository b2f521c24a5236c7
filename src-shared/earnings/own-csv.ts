import type { AccountEntry, LedgerEntry, LedgerPart } from '../contract/page/earnings.ts';
import { csvLines } from '../csv.ts';
import { type Book, decimalText, hashText } from './csv.ts';
import { centsText, type FiatSource, fiatCents } from './money-words.ts';

const COLUMNS = [
  ...['utc', 'block', 'event_id', 'type', 'netuid', 'hotkey', 'coldkey', 'alpha_rao', 'alpha', 'tao_rao'],
  ...['tao', 'price_tao_per_alpha', 'fiat_ccy', 'fiat_rate', 'fiat_value', 'fee_rao', 'tx_hash', 'note'],
] as const;
type Column = (typeof COLUMNS)[number];
type Row = Partial<Readonly<Record<Column, string>>>;

/** Every row of the ledger, unknown amounts empty. */
export function ownBook(fiat: FiatSource | null): Book {
  let isBegun = false;
  const nameOf = numbered();
  return {
    add(part) {
      const head = isBegun ? [] : [COLUMNS];
      isBegun = true;
      return csvLines([
        ...head,
        ...rowsOf(part, fiat, nameOf).map((row) => COLUMNS.map((name) => row[name] ?? '')),
      ]);
    },
    end: () => (isBegun ? '' : csvLines([COLUMNS])),
  };
}

function rowsOf(
  { coldkey, account, stake }: LedgerPart,
  fiat: FiatSource | null,
  nameOf: ReturnType<typeof numbered>,
): readonly Row[] {
  const whose = { coldkey: coldkey ?? '' };
  return [
    ...account.map((entry) => {
      const of = `${coldkey ?? ''}-${entry.netuid ?? 'account'}`;
      return { ...whose, ...accountRow(entry, fiat), event_id: nameOf(of, entry) };
    }),
    ...(stake?.entries ?? []).map((entry) => ({
      ...{ ...whose, hotkey: stake?.hotkey ?? '', netuid: String(stake?.netuid) },
      ...stakeRow(entry, fiat),
      event_id: nameOf(`${stake?.hotkey}-${stake?.netuid}`, entry),
    })),
  ];
}

/** Names rows by whose they are and their block, in which they are counted by kind: over all parts of a file. */
function numbered(): (of: string, entry: { readonly block: number; readonly kind: string }) => string {
  const counts = new Map<string, number>();
  return (of, { block, kind }) => {
    const name = `${of}-${block}-${kind}`;
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    return `${name}-${count}`;
  };
}

const stakeRow = (entry: LedgerEntry, fiat: FiatSource | null): Row => ({
  ...common(entry, fiat),
  ...amounts('alpha', entry.alpha),
  ...(entry.priceRao !== null && { price_tao_per_alpha: decimalText(entry.priceRao) }),
  ...(entry.feeRao !== null && { fee_rao: entry.feeRao.toString() }),
  note: noteOf(entry),
});

const accountRow = (entry: AccountEntry, fiat: FiatSource | null): Row => ({
  ...common(entry, fiat),
  ...amounts('alpha', entry.alpha),
  netuid: entry.netuid === null ? '' : String(entry.netuid),
  hotkey: entry.hotkey ?? '',
  note: entry.other === null ? '' : `${entry.kind === 'transfer-in' ? 'from' : 'to'} ${entry.other}`,
});

function common(
  {
    atMs,
    block,
    kind,
    taoRao,
    txHash,
  }: Pick<LedgerEntry, 'atMs' | 'block' | 'taoRao' | 'txHash'> & {
    readonly kind: string;
  },
  fiat: FiatSource | null,
): Row {
  const rate = fiat?.centsAt(atMs) ?? null;
  const value = fiatCents(taoRao, atMs, fiat);
  return {
    ...{ utc: new Date(atMs).toISOString(), block: String(block), type: kind, tx_hash: hashText(txHash) },
    ...amounts('tao', taoRao),
    ...(fiat && rate !== null && { fiat_ccy: fiat.currency, fiat_rate: centsText(BigInt(rate)) }),
    ...(value !== null && { fiat_value: centsText(value) }),
  };
}

const amounts = (unit: 'alpha' | 'tao', rao: bigint | null): Row =>
  rao === null ? {} : { [`${unit}_rao`]: rao.toString(), [unit]: decimalText(rao) };

function noteOf({ fromMs, kind }: LedgerEntry): string {
  if (fromMs !== null) return `not looked at since ${new Date(fromMs).toISOString()}`;
  return kind === 'withheld' ? "kept by the chain: miners of a subnet's owner are paid nothing" : '';
}
