import { isWalletName } from '../../src-shared/wallet-name.ts';
import { command, type SaidOf, type SwitchOption, type ValueOption } from './option.ts';
import { oneOf, path, type Value } from './values.ts';

const name: Value<string> = {
  name: 'NAME',
  expected: 'a name of letters, digits, dots and dashes',
  read: (text) => (isWalletName(text) ? text : null),
};

/** The wallets of this user, as the tools of the field keep them. */
export const wallet = command({
  name: 'wallet',
  summary: 'List the wallets on this computer, make one, or restore one.',
  options: {
    create: {
      name: '--create',
      help: 'Make a wallet: a coldkey under a password, and a hotkey that works without one.',
      value: name,
    } as ValueOption<string>,
    restore: {
      name: '--restore',
      help: 'Make a wallet again from its words, seed or private key; it gets a new hotkey.',
      value: name,
    } as ValueOption<string>,
    words: {
      name: '--words',
      help: 'With --create: how many words its backup has (default 12).',
      value: oneOf('12|24', ['12', '24']),
    } as ValueOption<'12' | '24'>,
    folder: {
      name: '--folder',
      help: 'Where wallets lie (default: ~/.bittensor/wallets).',
      value: path('FOLDER'),
    } as ValueOption<string>,
    json: { name: '--json', help: 'Print the list as JSON.' } as SwitchOption,
  },
  rules: [
    { kind: 'needs', key: 'words', other: 'create' },
    { kind: 'excludes', key: 'json', other: 'create' },
    { kind: 'excludes', key: 'restore', other: 'create' },
    { kind: 'excludes', key: 'json', other: 'restore' },
  ],
});

export type WalletOptions = SaidOf<typeof wallet>;
