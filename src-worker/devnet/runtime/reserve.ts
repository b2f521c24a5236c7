import { EXISTENTIAL_DEPOSIT } from './balances.ts';
import { Failure, failuresOf } from './failure.ts';
import type { Context } from './pallet.ts';
import { systemStorage } from './system.ts';

type Books = Pick<Context, 'store' | 'emit'>;

const fail = failuresOf('Balances', { InsufficientBalance: 2 });

/**
 * Sets rao of an account aside as a deposit; what is left free has to keep the account.
 * @throws {Failure} Balances.InsufficientBalance, ConsumerRemaining
 */
export function reserve({ store, emit }: Books, who: string, amountRao: bigint): void {
  if (amountRao === 0n) return;
  const account = store.get(systemStorage.Account, who);
  const free = account.data.free - amountRao;
  if (free < 0n) throw fail('InsufficientBalance');
  if (free < EXISTENTIAL_DEPOSIT) throw new Failure('ConsumerRemaining', '', 'ConsumerRemaining');
  const data = { ...account.data, free, reserved: account.data.reserved + amountRao };
  // Whoever has something reserved cannot end: that is what the consumer says.
  const consumers = account.data.reserved === 0n ? account.consumers + 1 : account.consumers;
  store.put(systemStorage.Account, { ...account, consumers, data }, who);
  emit('Balances', 'Reserved', { who, amount: amountRao });
}

/** Gives a deposit back, or what is left of it. */
export function unreserve({ store, emit }: Books, who: string, amountRao: bigint): void {
  const account = store.get(systemStorage.Account, who);
  const { free, reserved } = account.data;
  const amount = amountRao < reserved ? amountRao : reserved;
  if (amount === 0n) return;
  const data = { ...account.data, free: free + amount, reserved: reserved - amount };
  const consumers = amount === reserved ? account.consumers - 1 : account.consumers;
  store.put(systemStorage.Account, { ...account, consumers, data }, who);
  emit('Balances', 'Unreserved', { who, amount });
}

/** From one deposit to another. @throws {Failure} as `reserve` */
export function changeReserve(books: Books, who: string, fromRao: bigint, toRao: bigint): void {
  if (toRao > fromRao) reserve(books, who, toRao - fromRao);
  else unreserve(books, who, fromRao - toRao);
}
