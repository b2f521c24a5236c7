import * as v from 'valibot';
import { parseTao } from '../../src-shared/amount.ts';
import { hostApiArguments } from '../../src-shared/contract/page/arguments.ts';
import { readAddress } from '../../src-shared/typed-address.ts';
import { ss58 } from '../../src-shared/units.ts';
import { type Figure, figure } from '../report/figures.ts';
import { type Chance, chance } from './fuzz/chance.ts';
import { poorDesk, poorOrder } from './fuzz/poor-orders.ts';
import { rightAddress, wrongAddress } from './fuzz/wrong-addresses.ts';
import { wrongAmount } from './fuzz/wrong-amounts.ts';
import { rightOrder, wrongOrder } from './fuzz/wrong-orders.ts';

const SEED = 38;
const [AMOUNTS, ADDRESSES, ORDERS, POOR] = [30_000, 30_000, 30_000, 10_000];
const RIGHT = 1_000;

interface Door {
  readonly name: string;
  readonly times: number;
  /** Shows one wrong thing to the door. @returns it as text where the door let it in */
  show(chance: Chance): string | null | Promise<string | null>;
}

/** Wrong amounts, addresses and orders that a door lets in. */
export async function moneyFuzz(): Promise<Figure> {
  const hotkey = ss58(rightAddress(chance(1)));
  const desk = await poorDesk(hotkey);
  const { signal } = new AbortController();
  demandRightPass();
  const doors: readonly Door[] = [
    {
      name: 'amounts',
      times: AMOUNTS,
      show: (c) => shownTo(wrongAmount(c), (text) => parseTao(text) !== null),
    },
    {
      name: 'addresses',
      times: ADDRESSES,
      show: (c) => shownTo(wrongAddress(c), (text) => 'address' in readAddress(text)),
    },
    {
      name: 'orders',
      times: ORDERS,
      show: (c) => shownTo(wrongOrder(c), (order) => v.is(hostApiArguments.quoteMoney, [order])),
    },
    {
      name: 'orders beyond means',
      times: POOR,
      async show(c) {
        const order = poorOrder(c, hotkey);
        const quote = await desk.quote(order, signal);
        const isTaken = await desk.ask(quote.id).then(
          () => true,
          () => false,
        );
        return isTaken || quote.problem === null ? told(order) : null;
      },
    },
  ];
  const [accepted, shown] = await showAll(doors, chance(SEED));
  await desk.stop();
  const seen = `${shown.join(', ')}; ${RIGHT} right ones of each kind passed${accepted.length > 0 ? `; let in: ${accepted.slice(0, 3).join(' | ')}` : ''}`;
  return figure('money-fuzz', accepted.length, 'of 10^5', { floor: 0, seen });
}

async function showAll(doors: readonly Door[], chance: Chance): Promise<readonly [string[], string[]]> {
  const accepted: string[] = [];
  const shown: string[] = [];
  for (const { name, times, show } of doors) {
    for (let time = 0; time < times; time++) {
      const found = await show(chance);
      if (found !== null) accepted.push(`${name}: ${found}`);
    }
    shown.push(`${times} ${name}`);
  }
  return [accepted, shown];
}

/** A door that lets nothing in would look as good. */
function demandRightPass(): void {
  const c = chance(SEED + 1);
  for (let time = 0; time < RIGHT; time++) {
    const [amount, address, order] = [
      `${c.below(1_000)}.${c.digits(1 + c.below(9))}`,
      rightAddress(c),
      rightOrder(c),
    ];
    const passes =
      parseTao(amount) !== null &&
      'address' in readAddress(address) &&
      v.is(hostApiArguments.quoteMoney, [order]);
    if (!passes) throw new Error(`a right one was refused: ${amount} ${address} ${told(order)}`);
  }
}

const shownTo = <T>(wrong: T, letsIn: (wrong: T) => boolean): string | null =>
  letsIn(wrong) ? told(wrong) : null;

const told = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part)) ??
  'undefined';
