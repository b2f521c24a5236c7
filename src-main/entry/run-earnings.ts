import type { EarningsHistory, LedgerPart } from '../../src-shared/contract/page/earnings.ts';
import { koinlyBook } from '../../src-shared/earnings/koinly-csv.ts';
import { typedRate } from '../../src-shared/earnings/money-words.ts';
import { ownBook } from '../../src-shared/earnings/own-csv.ts';
import { type Period, type PeriodRow, payBy } from '../../src-shared/earnings/periods.ts';
import { type Hex, rao, taoText } from '../../src-shared/units.ts';
import type { EarningsOptions } from '../commands/earnings.ts';
import { defaultDataDir } from '../data-folder.ts';
import { allBooks, partOf } from '../earnings-parts.ts';
import { peekSettings } from '../settings/settings-file.ts';
import { readLedger } from '../store/read-ledger.ts';
import { alphaText } from '../wallet/quotes/ground.ts';
import { print } from './terminal.ts';

/** Periods that a terminal lists. */
const ROWS = 31;

/** What a hotkey earned, with the genesis of its chain. */
interface Booked extends EarningsHistory {
  readonly genesis: Hex;
}

/** Prints what was booked of the hotkeys of a data folder. @returns the exit code */
export async function earningsAtTerminal(said: EarningsOptions, nowMs: number): Promise<number> {
  const dataDir = said.dataDir ?? defaultDataDir();
  if (said.csv !== null) {
    await printBook(dataDir, said.csv, said.run);
    return 0;
  }
  const histories = await historiesIn(dataDir, said.run);
  const period = said.period ?? 'day';
  const told = histories.map((history) => ({ history, rows: payBy(period, history, nowMs, ROWS) }));
  if (said.json) print(JSON.stringify(told.map(jsonOf), asText, 2));
  else for (const line of told.flatMap(({ history, rows }) => linesOf(history, rows, period))) print(line);
  if (told.length === 0 && !said.json) print('Nothing is booked yet. Pay is booked while Butterfly runs.');
  return 0;
}

async function historiesIn(dataDir: string, run: string | null): Promise<readonly Booked[]> {
  const store = readLedger(dataDir);
  if (!store) return [];
  try {
    const histories: Booked[] = [];
    for (const { chain, hotkey } of await store.bookedHotkeys()) {
      if (run !== null && hotkey !== run) continue;
      const [genesis = '', netuid = ''] = chain.split('/');
      const ledger = store.ledger(genesis as Hex, Number(netuid));
      histories.push({
        ...(await ledger.history(hotkey, null)),
        genesis: genesis as Hex,
      });
    }
    return histories;
  } finally {
    store.close();
  }
}

/** All that is booked in a folder as one file, or of the hotkey that is named, with what its coldkey's TAO did. */
async function printBook(dataDir: string, form: 'own' | 'koinly', run: string | null): Promise<void> {
  const settings = await peekSettings(dataDir);
  const fiat = typedRate(settings['earnings.currency'], settings['earnings.rate']);
  const store = readLedger(dataDir);
  if (!store) return;
  const book = form === 'own' ? ownBook(fiat) : koinlyBook(fiat);
  // A line of the file ends as a line of the terminal does, and with one more.
  const say = (text: string) => text !== '' && print(text.slice(0, -1));
  try {
    for (const books of await allBooks(store)) {
      const stakes = books.stakes.filter(({ hotkey }) => run === null || hotkey === run);
      if (stakes.length === 0) continue;
      let cursor: string | null = null;
      do {
        const part: LedgerPart = await partOf(store, { ...books, stakes }, cursor);
        say(book.add(part));
        cursor = part.next;
      } while (cursor !== null);
    }
    say(book.end());
  } finally {
    store.close();
  }
}

const jsonOf = ({ history, rows }: { history: Booked; rows: readonly PeriodRow[] }) => {
  const { hotkey, coldkey, netuid, genesis } = history;
  return { hotkey, coldkey, netuid, genesis, periods: rows };
};

/** Amounts are larger than a number holds exactly. */
const asText = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? value.toString() : value;

export function linesOf(
  { hotkey, netuid, genesis }: Pick<Booked, 'hotkey' | 'netuid' | 'genesis'>,
  rows: readonly PeriodRow[],
  period: Period,
): readonly string[] {
  const head = `${hotkey}, subnet ${netuid} of chain ${genesis.slice(0, 8)}…`;
  if (rows.length === 0) return [head, '  nothing is booked yet'];
  return [head, ...rows.map((row) => `  ${lineOf(row, period)}`)];
}

function lineOf({ startMs, alpha, taoRao, hasGap, isOpen }: PeriodRow, period: Period): string {
  const at = new Date(startMs).toISOString();
  const when = period === 'epoch' ? `${at.slice(0, 16).replace('T', ' ')} UTC` : at.slice(0, 10);
  const paid = alpha === null ? 'not known' : alphaText(alpha as never);
  const worth = taoRao === null ? 'worth not known' : `worth ${taoText(rao(taoRao))} then`;
  const notes = [
    ...(hasGap && alpha !== null ? ['a part was not looked at'] : []),
    ...(isOpen ? ['not over yet'] : []),
  ];
  const note = notes.length > 0 ? ` (${notes.join(', ')})` : '';
  return alpha === null ? `${when}  nobody looked, ${paid}` : `${when}  ${paid}, ${worth}${note}`;
}
