import type { Chance } from './chance.ts';
import { rightAddress, wrongAddress } from './wrong-addresses.ts';
import { wrongAmount } from './wrong-amounts.ts';

type Fields = Record<string, unknown>;

const amount = (chance: Chance): bigint => BigInt(1 + chance.below(1_000_000_000));
const netuid = (chance: Chance): number => chance.below(128);

/** One right order of each kind. */
const kinds: readonly ((chance: Chance) => Fields)[] = [
  (c) => ({
    ...{ kind: 'stake', netuid: netuid(c), hotkey: rightAddress(c), amountRao: amount(c), toleranceBps: 100 },
  }),
  (c) => ({
    ...{ kind: 'unstake', netuid: netuid(c), hotkey: rightAddress(c), amountAlpha: 'all', toleranceBps: 50 },
  }),
  (c) => ({ kind: 'transfer', to: rightAddress(c), amountRao: amount(c) }),
  (c) => ({
    ...{ kind: 'moveStake', netuid: netuid(c), fromHotkey: rightAddress(c), toHotkey: rightAddress(c) },
    amountAlpha: amount(c),
  }),
  (c) => ({
    ...{ kind: 'transferStake', netuid: netuid(c), hotkey: rightAddress(c), toColdkey: rightAddress(c) },
    amountAlpha: amount(c),
  }),
  (c) => ({ kind: 'register', netuid: netuid(c), hotkey: rightAddress(c), limitRao: amount(c) }),
];

const accountOf = (chance: Chance): Fields => ({ network: 'finney', coldkey: rightAddress(chance) });

export const rightOrder = (chance: Chance): { account: Fields; intent: Fields } => ({
  account: accountOf(chance),
  intent: chance.of(kinds)(chance),
});

const NO_NUMBER = [
  undefined,
  null,
  '',
  '1',
  true,
  [],
  {},
  Number.NaN,
  Number.POSITIVE_INFINITY,
  -1,
  0.5,
] as const;

/** What never stands in a field, by its name. */
function wrongValue(name: string, chance: Chance): unknown {
  if (/^(?:to|hotkey|fromHotkey|toHotkey|toColdkey|coldkey)$/.test(name))
    return chance.of([
      wrongAddress(chance),
      wrongAddress(chance),
      null,
      5,
      Buffer.alloc(32),
      [rightAddress(chance)],
    ]);
  if (name === 'netuid') return chance.of([...NO_NUMBER, 65_536, 2 ** 53, 1n, '38']);
  if (name === 'toleranceBps') return chance.of([...NO_NUMBER, 0, 9, 501, 10_000, 100n]);
  if (name === 'kind')
    return chance.of(['', 'Stake', 'swap', 'burn', '__proto__', 'constructor', null, 1, ['stake']]);
  if (name === 'network') return chance.of(['', 'x'.repeat(65), null, 1, {}]);
  return chance.of([
    ...NO_NUMBER,
    ...[
      0n,
      -1n,
      -(2n ** 63n),
      2n ** 64n,
      2n ** 65n + 1n,
      2n ** 256n,
      1,
      1e9,
      'ALL',
      'all ',
      wrongAmount(chance),
    ],
  ]);
}

/** A right order with one thing wrong: a value, a field too many, a field too few, or no order at all. */
export function wrongOrder(chance: Chance): unknown {
  const order = rightOrder(chance);
  const part = chance.of(['account', 'intent', 'intent', 'intent'] as const);
  const fields = order[part];
  const name = chance.of(Object.keys(fields));
  switch (chance.below(8)) {
    case 0:
      delete fields[name];
      return order;
    case 1:
      fields[chance.of(['bytes', 'call', 'limitPriceRao', 'allowPartial', 'nonce', 'password', 'proxy'])] = 1;
      return order;
    case 2:
      return chance.of([
        null,
        undefined,
        1,
        'stake',
        [],
        [order],
        {},
        { ...order, bytes: '0x' },
        { intent: order.intent },
      ]);
    default:
      fields[name] = wrongValue(name, chance);
      return order;
  }
}
