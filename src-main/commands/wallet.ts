import type { Ss58 } from '../../src-shared/units.ts';
import { isWalletName } from '../../src-shared/wallet-name.ts';
import { command, type Rule, type SaidOf, type SwitchOption, type ValueOption } from './option.ts';
import { address, oneOf, path, type Value } from './values.ts';

const name: Value<string> = {
  name: 'NAME',
  expected: 'a name of letters, digits, dots and dashes',
  read: (text) => (isWalletName(text) ? text : null),
};

/** The wallets of this user, as the tools of the field keep them. */
export const wallet = command({
  name: 'wallet',
  summary: 'List the wallets on this computer; make one, restore one or bring one in.',
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
    backup: {
      name: '--backup',
      help: 'Show the words of a wallet once more, for its password.',
      value: name,
    } as ValueOption<string>,
    import: {
      name: '--import',
      help: 'Bring a wallet in: its folder, or a file with an account (a JSON keystore, a key file).',
      value: path('PATH'),
    } as ValueOption<string>,
    watch: {
      name: '--watch',
      help: 'Keep an account in sight whose coldkey is on another computer.',
      value: address,
    } as ValueOption<Ss58>,
    name: {
      name: '--name',
      help: 'With --import or --watch: what the wallet is called here.',
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
    { kind: 'needs', key: 'name', other: ['import', 'watch'] },
    ...oneOfThem(['create', 'restore', 'backup', 'import', 'watch', 'json'] as const),
  ],
});

/** Each does something of its own: two at once would leave one undone. */
function oneOfThem<Key extends string>(keys: readonly Key[]): readonly Rule<Key>[] {
  return keys.flatMap((key, at) =>
    keys.slice(0, at).map((other): Rule<Key> => ({ kind: 'excludes', key, other })),
  );
}

export type WalletOptions = SaidOf<typeof wallet>;
