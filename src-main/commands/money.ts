import { isContactName } from '../../src-shared/contact-name.ts';
import { TOLERANCE_BPS } from '../../src-shared/contract/page/order.ts';
import { type AlphaRao, alphaRao, type Rao, type Ss58 } from '../../src-shared/units.ts';
import { networkAtEndpoint } from './join.ts';
import { command, type SaidOf, type SwitchOption, type ValueOption } from './option.ts';
import { dataDir } from './shared-options.ts';
import { address, tao, type Value, wholeNumber } from './values.ts';

/** A network whose endpoint the settings know (null), or one of somebody's own. */
export interface ChosenNetwork {
  readonly name: string;
  readonly endpoint: string | null;
}

export const network: Value<ChosenNetwork> = {
  name: 'NETWORK',
  expected:
    'finney, test, an address like ws://127.0.0.1:9944, or a name and an address: lan=ws://127.0.0.1:9944',
  read: (text) => {
    if (text === 'finney' || text === 'test') return { name: text, endpoint: null };
    return networkAtEndpoint(text.includes('=') ? text : `${hostOf(text)}=${text}`);
  },
};

/** A chain without a name is called by where it answers. */
function hostOf(endpoint: string): string {
  if (!URL.canParse(endpoint)) return '';
  return new URL(endpoint).host.replaceAll(':', '-').replace(/[[\]]/g, '').slice(0, 64);
}

export const wallet: Value<string> = {
  name: 'NAME|FOLDER',
  expected: 'the name of a wallet, or its folder (with a slash in it)',
  read: (text) => (text.trim() === '' || text.includes('\0') ? null : text),
};

export const hotkey: Value<string> = {
  name: 'NAME|ADDRESS',
  expected: 'the name of one of the wallet’s hotkeys, or an address',
  read: (text) => (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text) ? text : null),
};

/** Who gets something: an account, or one that has this name here. */
export type Receiver = { readonly address: Ss58 } | { readonly name: string };

/** A name is shorter than any address, so that a mistyped address is taken for none. */
const receiver: Value<Receiver> = {
  name: 'ADDRESS|NAME',
  expected: `${address.expected}, or a name of the address book`,
  read: (text) => {
    const found = address.read(text);
    if (found) return { address: found };
    const name = text.trim();
    return isContactName(name) ? { name } : null;
  },
};

const percent: Value<number> = {
  name: 'PERCENT',
  expected: 'a number from 0.1 to 5 with at most two places, like 0.5',
  read: (text) => {
    const [, whole = '', places = ''] = /^(\d)(?:\.(\d{1,2}))?$/.exec(text) ?? [];
    const bps = whole === '' ? 0 : Number(whole) * 100 + Number(places.padEnd(2, '0'));
    return bps >= TOLERANCE_BPS.least && bps <= TOLERANCE_BPS.most ? bps : null;
  },
};

const above0 =
  <T extends bigint>(read: (text: string) => T | null) =>
  (text: string) => {
    const amount = read(text);
    return amount === 0n ? null : amount;
  };
const alphaOf = (text: string): AlphaRao | null => {
  const amount = tao.read(text);
  return amount === null ? null : alphaRao(amount);
};
const limit = { ...tao, read: above0(tao.read) };
const orAll = <T extends bigint>(name: string, read: (text: string) => T | null): Value<T | 'all'> => ({
  name,
  expected: `${tao.expected}, or the word all`,
  read: (text) => (text === 'all' ? 'all' : above0(read)(text)),
});

const everyOrder = {
  network: {
    name: '--network',
    help: 'finney, test, or where the node of another network answers.',
    value: network,
  } as ValueOption<ChosenNetwork>,
  wallet: { name: '--wallet', help: 'Whose coldkey pays and signs.', value: wallet } as ValueOption<string>,
};
const netuid = {
  name: '--netuid',
  help: 'The subnet.',
  value: wholeNumber('NETUID', 0, 65_535),
} as ValueOption<number>;
const chosenHotkey = {
  name: '--hotkey',
  help: 'On which hotkey (default: the only one that the wallet has, or “default”).',
  value: hotkey,
} as ValueOption<string>;
const tolerance = {
  name: '--tolerance',
  help: 'By how much the price may move against you, in per cent (default 1). Else nothing happens.',
  value: percent,
} as ValueOption<number>;
const told = {
  dryRun: { name: '--dry-run', help: 'Say what it would come to, and sign nothing.' } as SwitchOption,
  json: { name: '--json', help: 'Print quote, steps and outcome as a line of JSON each.' } as SwitchOption,
  dataDir,
};

const more = [
  'What it comes to is shown before anything is asked. The password is typed at a terminal and nowhere else.',
  'Ends with 0 when it is done and final, with 1 when it is not, with 2 for words that mean nothing.',
];
const demands = <Key extends string>(...keys: readonly Key[]) =>
  keys.map((key) => ({ kind: 'demands', key }) as const);

export const stake = command({
  name: 'stake',
  summary: 'Put TAO on a hotkey of a subnet, for alpha.',
  options: {
    ...everyOrder,
    netuid,
    hotkey: chosenHotkey,
    amount: {
      name: '--amount',
      help: 'How much TAO, or all that is free but 0.05, which later fees are paid from.',
      value: orAll('TAO|all', tao.read),
    } as ValueOption<Rao | 'all'>,
    tolerance,
    ...told,
  },
  more,
  rules: demands('network', 'wallet', 'netuid', 'amount'),
});

export const unstake = command({
  name: 'unstake',
  summary: 'Take alpha off a hotkey of a subnet, for TAO.',
  options: {
    ...everyOrder,
    netuid,
    hotkey: chosenHotkey,
    amount: {
      name: '--amount',
      help: 'How much alpha, or all of it.',
      value: orAll('ALPHA|all', alphaOf),
    } as ValueOption<AlphaRao | 'all'>,
    tolerance,
    ...told,
  },
  more,
  rules: demands('network', 'wallet', 'netuid', 'amount'),
});

export const transfer = command({
  name: 'transfer',
  summary: 'Send TAO to another account. It cannot be taken back.',
  options: {
    ...everyOrder,
    to: {
      name: '--to',
      help: 'The whole address, or a name of the address book or of an own wallet.',
      value: receiver,
    } as ValueOption<Receiver>,
    amount: {
      name: '--amount',
      help: 'How much TAO, or all of it.',
      value: orAll('TAO|all', tao.read),
    } as ValueOption<Rao | 'all'>,
    ...told,
  },
  more,
  rules: demands('network', 'wallet', 'to', 'amount'),
});

export const register = command({
  name: 'register',
  summary: 'Buy a hotkey a place on a subnet. What it costs is not paid back.',
  options: {
    ...everyOrder,
    netuid,
    hotkey: chosenHotkey,
    limit: { name: '--limit', help: 'The most that it may cost.', value: limit } as ValueOption<Rao>,
    ...told,
  },
  more,
  rules: demands('network', 'wallet', 'netuid', 'limit'),
});

export type MoneyOptions = {
  readonly stake: SaidOf<typeof stake>;
  readonly unstake: SaidOf<typeof unstake>;
  readonly transfer: SaidOf<typeof transfer>;
  readonly register: SaidOf<typeof register>;
};
