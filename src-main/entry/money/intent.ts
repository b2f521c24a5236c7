import type { Intent, WalletSummary } from '../../../src-shared/contract/page/money.ts';
import { TOLERANCE_BPS } from '../../../src-shared/contract/page/order.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { readAddress } from '../../../src-shared/typed-address.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import type { MoneyCommand } from '../../commands/table.ts';
import { DEFAULT_NAME } from '../../vault/wallets/layout.ts';

/** What a command wants done. @throws {AppError} HOTKEY_NOT_NAMED, HOTKEY_NOT_IN_WALLET */
export function intentOf(asked: MoneyCommand, wallet: Pick<WalletSummary, 'name' | 'hotkeys'>): Intent {
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
      return { kind: 'transfer', to: said(asked.said.to), amountRao: said(asked.said.amount) };
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

/** An address, or the hotkey of that name; where nothing is said, the one that is meant. */
function hotkeyOf(text: string | null, { name, hotkeys }: Pick<WalletSummary, 'name' | 'hotkeys'>): Ss58 {
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
