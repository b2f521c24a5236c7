import type { Contact, Intent, WalletSummary } from '../../../src-shared/contract/page/money.ts';
import { TOLERANCE_BPS } from '../../../src-shared/contract/page/order.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { readAddress } from '../../../src-shared/typed-address.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import type { Receiver } from '../../commands/money.ts';
import type { MoneyCommand } from '../../commands/table.ts';
import { DEFAULT_NAME } from '../../vault/wallets/layout.ts';

/**
 * What a command wants done.
 * @param names that a receiver can be called by
 * @throws {AppError} HOTKEY_NOT_NAMED, HOTKEY_NOT_IN_WALLET, RECEIVER_NAME_UNKNOWN, RECEIVER_NAME_AMBIGUOUS
 */
export function intentOf(
  asked: MoneyCommand,
  wallet: Pick<WalletSummary, 'name' | 'hotkeys'>,
  names: readonly Contact[],
): Intent {
  switch (asked.name) {
    case 'stake': {
      const { netuid, hotkey, amount, tolerance } = asked.said;
      return {
        kind: 'stake',
        netuid: said(netuid),
        hotkey: hotkeyOf(hotkey, wallet),
        amountRao: said(amount),
        toleranceBps: tolerance ?? TOLERANCE_BPS.usual,
      };
    }
    case 'unstake': {
      const { netuid, hotkey, amount, tolerance } = asked.said;
      return {
        kind: 'unstake',
        netuid: said(netuid),
        hotkey: hotkeyOf(hotkey, wallet),
        amountAlpha: said(amount),
        toleranceBps: tolerance ?? TOLERANCE_BPS.usual,
      };
    }
    case 'transfer':
      return {
        kind: 'transfer',
        to: receiverOf(said(asked.said.to), names),
        amountRao: said(asked.said.amount),
      };
    case 'register': {
      const { netuid, hotkey, limit } = asked.said;
      return {
        kind: 'register',
        netuid: said(netuid),
        hotkey: hotkeyOf(hotkey, wallet),
        limitRao: said(limit),
      };
    }
  }
}

/** The rules of the commands demand it. */
function said<T>(value: T | null): T {
  if (value === null) throw new TypeError('the rules of the command demand this');
  return value;
}

/** Money goes to nobody by a guess: a name stands for one account, letter for letter but for its case. */
function receiverOf(receiver: Receiver, names: readonly Contact[]): Ss58 {
  if ('address' in receiver) return receiver.address;
  const { name } = receiver;
  const spelt = (text: string) => text.normalize('NFC').trim().toLowerCase();
  const fitting = names.filter((one) => spelt(one.name) === spelt(name));
  const [first, second] = [...new Set(fitting.map(({ address }) => address))];
  if (first === undefined) throw new AppError('RECEIVER_NAME_UNKNOWN', { name });
  if (second !== undefined) throw new AppError('RECEIVER_NAME_AMBIGUOUS', { name, first, second });
  return first;
}

/** An address, or the hotkey of that name; where nothing is said, the one that is meant. */
export function hotkeyOf(
  text: string | null,
  { name, hotkeys }: Pick<WalletSummary, 'name' | 'hotkeys'>,
): Ss58 {
  const read = text === null ? null : readAddress(text);
  if (read && 'address' in read) return read.address;
  const known = hotkeys.flatMap((hotkey) =>
    hotkey.address ? [{ name: hotkey.name, address: hotkey.address }] : [],
  );
  const wanted = text ?? (known.length === 1 ? known[0]?.name : DEFAULT_NAME);
  const found = known.find((hotkey) => hotkey.name === wanted);
  if (found) return found.address;
  throw text === null
    ? new AppError('HOTKEY_NOT_NAMED', { wallet: name })
    : new AppError('HOTKEY_NOT_IN_WALLET', { name: text, wallet: name });
}
