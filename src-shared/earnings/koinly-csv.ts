import type { AccountEntry, LedgerEntry, LedgerPart } from '../contract/page/earnings.ts';
import { csvLines } from '../csv.ts';
import { type Book, decimalText, hashText } from './csv.ts';
import { centsText, type FiatSource, fiatCents } from './money-words.ts';
import { dayStart, isPay } from './periods.ts';

const COLUMNS = [
  ...['Date', 'Sent Amount', 'Sent Currency', 'Received Amount', 'Received Currency', 'Fee Amount'],
  ...['Fee Currency', 'Net Worth Amount', 'Net Worth Currency', 'Label', 'Description', 'TxHash'],
] as const;

interface Amount {
  readonly rao: bigint;
  readonly currency: string;
}

interface Line {
  readonly atMs: number;
  readonly sent?: Amount | null;
  readonly received?: Amount | null;
  /** What it was worth then; null: not known. */
  readonly worthRao?: bigint | null;
  readonly label?: 'mining' | 'reward' | 'cost' | 'lost';
  readonly description: string;
  readonly txHash?: string | null;
}

/** Where alpha is TAO. */
const ROOT = 0;
const alphaName = (netuid: number): string => (netuid === ROOT ? 'TAO' : `SN${netuid}`);
const tao = (rao: bigint): Amount => ({ rao, currency: 'TAO' });

/**
 * The ledger as Koinly's universal form takes it: pay as it came, in the subnet's alpha, a row a UTC day and kind;
 * purchases and sales of alpha as trades; what else went in or out, and what it cost. So what Koinly counts of TAO and
 * of alpha is what the chain has. What only changed its hotkey is still held, and no row.
 */
export function koinlyBook(fiat: FiatSource | null): Book {
  const pay = new Map<string, PaySum>();
  const lines: Line[] = [];
  /** What transactions cost, until a row of theirs is found to say it. */
  const fees = new Map<string, Line & { readonly sent: Amount }>();

  function add({ account, stake }: LedgerPart): void {
    for (const entry of account) {
      if (entry.kind === 'network-fee' && entry.txHash !== null) fees.set(entry.txHash, feeLine(entry));
      else lines.push(...accountLines(entry));
    }
    for (const entry of stake?.entries ?? []) {
      const { hotkey, netuid } = stake as NonNullable<LedgerPart['stake']>;
      if (isPay(entry.kind)) addPay(pay, entry, hotkey, netuid);
      else lines.push(...stakeLines(entry, hotkey, netuid));
    }
  }

  function end(): string {
    const all = [...lines, ...[...pay.values()].flatMap(payLines)];
    const rows = all.map((line) => {
      const fee = line.txHash == null ? undefined : fees.get(line.txHash);
      if (line.txHash != null) fees.delete(line.txHash);
      return { atMs: line.atMs, cells: cellsOf(line, fee?.sent ?? null, fiat) };
    });
    const rest = [...fees.values()].map((line) => ({ atMs: line.atMs, cells: cellsOf(line, null, fiat) }));
    const inOrder = [...rows, ...rest].toSorted((a, b) => a.atMs - b.atMs);
    return csvLines([COLUMNS, ...inOrder.map(({ cells }) => cells)]);
  }

  return {
    add(part) {
      add(part);
      return '';
    },
    end,
  };
}

interface PaySum {
  readonly atMs: number;
  readonly netuid: number;
  readonly hotkey: string;
  readonly label: 'mining' | 'reward';
  readonly alpha: bigint;
  /** null once one of its epochs has no price. */
  readonly worthRao: bigint | null;
}

function addPay(sums: Map<string, PaySum>, entry: LedgerEntry, hotkey: string, netuid: number): void {
  const { atMs, kind, alpha, taoRao } = entry;
  const label = kind === 'incentive' ? 'mining' : 'reward';
  const key = `${dayStart(atMs)} ${label} ${netuid} ${hotkey}`;
  const sum = sums.get(key) ?? { atMs, netuid, hotkey, label, alpha: 0n, worthRao: 0n };
  const worthRao = sum.worthRao === null || taoRao === null ? null : sum.worthRao + taoRao;
  sums.set(key, { ...sum, atMs: Math.max(sum.atMs, atMs), alpha: sum.alpha + alpha, worthRao });
}

function payLines({ atMs, netuid, hotkey, label, alpha, worthRao }: PaySum): readonly Line[] {
  const description = `pay of subnet ${netuid}, hotkey ${hotkey}`;
  if (alpha === 0n) return [];
  // A share is rounded: a rao or two may be lost where nothing was paid.
  if (alpha < 0n)
    return [{ atMs, sent: { rao: -alpha, currency: alphaName(netuid) }, label: 'cost', description }];
  return [{ atMs, received: { rao: alpha, currency: alphaName(netuid) }, worthRao, label, description }];
}

/** Alpha in or out, without anything against it. */
const alphaLine = (
  { atMs, alpha, taoRao, txHash }: LedgerEntry,
  netuid: number,
  rest: Pick<Line, 'label' | 'description'>,
): readonly Line[] => {
  if (alpha === 0n) return [];
  const amount = { rao: alpha < 0n ? -alpha : alpha, currency: alphaName(netuid) };
  const worthRao = taoRao !== null && taoRao < 0n ? -taoRao : taoRao;
  return [{ ...(alpha < 0n ? { sent: amount } : { received: amount }), ...rest, atMs, worthRao, txHash }];
};

function stakeLines(entry: LedgerEntry, hotkey: string, netuid: number): readonly Line[] {
  const { kind, alpha, taoRao } = entry;
  const of = `subnet ${netuid}, hotkey ${hotkey}`;
  const told = (what: string, label?: 'cost' | 'lost') =>
    alphaLine(entry, netuid, { description: `${what}, ${of}`, ...(label && { label }) });
  switch (kind) {
    case 'stake':
    case 'unstake':
      return taoRao === null
        ? told(kind)
        : trade(entry, { isSold: kind === 'unstake', alpha, netuid, taoRao, hotkey });
    case 'dissolved':
      return taoRao === null || taoRao <= 0n
        ? told('the subnet ended')
        : trade(entry, { isSold: true, alpha, netuid, taoRao, hotkey }, 'the subnet ended');
    case 'recycled':
    case 'burned':
      return told(kind, 'lost');
    case 'fee':
      return told('network fee', 'cost');
    case 'handed':
      return told('stake handed over');
    case 'unseen':
      return told('while nobody looked: pay and own operations together');
    case 'other':
      return told('not told by an event');
    default:
      // It changed its hotkey, or never came.
      return [];
  }
}

interface Traded {
  readonly isSold: boolean;
  /** Of either sign, both. */
  readonly alpha: bigint;
  readonly taoRao: bigint;
  readonly netuid: number;
  readonly hotkey: string;
}

function trade(
  { atMs, txHash }: Pick<LedgerEntry, 'atMs' | 'txHash'>,
  { isSold, alpha, taoRao, netuid, hotkey }: Traded,
  what = isSold ? 'unstake' : 'stake',
): readonly Line[] {
  // On root TAO stays TAO: it is only tied.
  if (netuid === ROOT) return [];
  const own = { rao: alpha < 0n ? -alpha : alpha, currency: alphaName(netuid) };
  const paid = tao(taoRao < 0n ? -taoRao : taoRao);
  const sides = isSold ? { sent: own, received: paid } : { sent: paid, received: own };
  return [{ atMs, ...sides, description: `${what}, subnet ${netuid}, hotkey ${hotkey}`, txHash }];
}

function accountLines(entry: AccountEntry): readonly Line[] {
  const { atMs, kind, taoRao, alpha, netuid, hotkey, other, txHash } = entry;
  const side = taoRao < 0n ? { sent: tao(-taoRao) } : { received: tao(taoRao) };
  const line = { atMs, ...side, txHash };
  switch (kind) {
    case 'transfer-in':
      return [{ ...line, description: `from ${other ?? 'an address that is not known'}` }];
    case 'transfer-out':
      return [{ ...line, description: `to ${other ?? 'an address that is not known'}` }];
    case 'stake':
    case 'unstake':
      return netuid === null || alpha === null
        ? [{ ...line, description: `${kind}, for an amount of alpha that is not known` }]
        : trade(entry, { isSold: kind === 'unstake', alpha, taoRao, netuid, hotkey: hotkey ?? '' });
    case 'dissolved': {
      const what = 'the subnet ended';
      return netuid === null || alpha === null
        ? [{ ...line, description: what }]
        : trade(entry, { isSold: true, alpha, taoRao, netuid, hotkey: hotkey ?? '' }, what);
    }
    case 'registration':
      return [
        { ...line, label: 'cost', description: `registration on subnet ${netuid}, hotkey ${hotkey ?? ''}` },
      ];
    case 'network-fee':
      return [feeLine(entry)];
    case 'tao-other':
      return [{ ...line, description: 'not told by an event' }];
  }
}

const feeLine = ({ atMs, taoRao, txHash }: AccountEntry): Line & { readonly sent: Amount } => ({
  ...{ atMs, sent: tao(-taoRao), label: 'cost', description: 'network fee', txHash },
});

function cellsOf(line: Line, fee: Amount | null, fiat: FiatSource | null): readonly string[] {
  const { atMs, sent, received, worthRao, label, description, txHash } = line;
  const pair = (amount: Amount | null | undefined) =>
    amount ? [decimalText(amount.rao), amount.currency] : ['', ''];
  const taoSide = [sent, received].find((side) => side?.currency === 'TAO')?.rao;
  const worth = worthRao ?? taoSide ?? null;
  return [
    `${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    ...[...pair(sent), ...pair(received), ...pair(fee)],
    ...worthCells(worth, taoSide !== undefined, atMs, fiat),
    ...[label ?? '', description, hashText(txHash ?? null)],
  ];
}

/** In the currency where a rate is known, else in TAO, which Koinly knows the price of. */
function worthCells(
  worthRao: bigint | null,
  isTao: boolean,
  atMs: number,
  fiat: FiatSource | null,
): readonly string[] {
  const cents = fiatCents(worthRao, atMs, fiat);
  if (cents !== null && fiat) return [centsText(cents), fiat.currency];
  return worthRao === null || isTao ? ['', ''] : [decimalText(worthRao), 'TAO'];
}
