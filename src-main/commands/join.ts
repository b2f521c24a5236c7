import { isPeerAddress } from '../../src-shared/peer-address.ts';
import type { StoreAddress } from '../../src-shared/stores/store-address.ts';
import type { Rao } from '../../src-shared/units.ts';
import { command, type SaidOf, type ValueOption } from './option.ts';
import { dataDir, pageOptions } from './shared-options.ts';
import { oneOf, path, storeAddress, tao, type Value, wholeNumber } from './values.ts';

export type Role = 'miner' | 'validator';

export interface NamedEndpoint {
  readonly name: string;
  /** ws:// or wss:// */
  readonly endpoint: string;
}

/** Where a profile comes from: one that is shipped, or a file. */
export type ProfileArgument =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'file'; readonly path: string };

export interface ListenAddress {
  /** A numeric IPv4 or IPv6 address. */
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
}

const NETWORK_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const PROFILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const MOST_BOOTSTRAPS = 16;
/** What the list of runs keeps of an address of a node: a longer one would make that file unreadable. */
const ENDPOINT_CHARS = 512;

const network: Value<NamedEndpoint> = {
  name: 'NAME=ENDPOINT',
  expected: 'a name and an address of a chain node, like test=wss://node.example:443',
  read: networkAtEndpoint,
};

/** NAME=ENDPOINT; null when the text is none. */
export function networkAtEndpoint(text: string): NamedEndpoint | null {
  const at = text.indexOf('=');
  const [name, endpoint] = [text.slice(0, at), text.slice(at + 1)];
  return at > 0 && NETWORK_NAME.test(name) && isEndpoint(endpoint) ? { name, endpoint } : null;
}

export const profileArgument: Value<ProfileArgument> = {
  name: 'FILE|NAME',
  expected: 'the name of a shipped profile, or a file (with a slash or .json in its name)',
  read: (text) => {
    if (!/[/\\]|\.json$/i.test(text)) return PROFILE_NAME.test(text) ? { kind: 'name', name: text } : null;
    const file = path('FILE').read(text);
    return file === null ? null : { kind: 'file', path: file };
  },
};

export const addresses: Value<readonly string[]> = {
  name: 'ADDR',
  expected: 'addresses of peers like /ip4/203.0.113.5/tcp/4001, with commas between them',
  read: (text) => {
    const all = text.split(',');
    return all.length <= MOST_BOOTSTRAPS && all.every(isPeerAddress) ? all : null;
  },
};

const listen: Value<ListenAddress> = {
  name: 'HOST:PORT',
  expected: 'an address of this machine and a port, like 0.0.0.0:4001 or [::]:4001',
  read: (text) => {
    const [, v6, v4, port] = /^(?:\[([0-9A-Fa-f:.]+)\]|(\d+(?:\.\d+){3})):(\d{1,5})$/.exec(text) ?? [];
    const host = v6 ?? v4;
    return host !== undefined && Number(port) <= 65_535 && isNumericHost(host)
      ? { host, port: Number(port) }
      : null;
  },
};

const hashBeginning: Value<string> = {
  name: 'HASH',
  expected: 'the hash of a run, or its first 32 digits and more',
  read: (text) => (/^[0-9a-f]{32,64}$/.test(text) ? text : null),
};

/** One run on a network of somebody else's. With a page what costs is asked there; without one the limits are the consent. */
export const join = command({
  name: 'join',
  summary: 'Join a run on a network.',
  options: {
    network: {
      name: '--network',
      help: 'The network: a name of your choice and where its node answers.',
      value: network,
    } as ValueOption<NamedEndpoint>,
    profile: {
      name: '--profile',
      help: 'The run profile.',
      value: profileArgument,
    } as ValueOption<ProfileArgument>,
    netuid: {
      name: '--netuid',
      help: 'Instead of a profile: the run that the owner of this subnet announces. It is shown before anything is joined.',
      value: wholeNumber('NETUID', 1, 65_535),
    } as ValueOption<number>,
    store: {
      name: '--store',
      help: 'With --netuid: read the profile there, not where the announcement says. It must be the one that is announced.',
      value: storeAddress,
    } as ValueOption<StoreAddress>,
    accept: {
      name: '--accept',
      help: 'With --netuid: join without asking if the run’s hash begins like this (32 digits or more).',
      value: hashBeginning,
    } as ValueOption<string>,
    role: {
      name: '--role',
      help: 'miner (the default) or validator.',
      value: oneOf<Role>('ROLE', ['miner', 'validator']),
    } as ValueOption<Role>,
    keys: {
      name: '--keys',
      help: 'The wallet’s folder (in which hotkeys lies), or the file of one hotkey. Where something is paid, the coldkey is there too.',
      value: path('FOLDER'),
    } as ValueOption<string>,
    bootstrap: {
      name: '--bootstrap',
      help: 'Peers to ask first (default: those of the profile).',
      value: addresses,
    } as ValueOption<readonly string[]>,
    listen: {
      name: '--listen',
      help: 'Where other peers reach this one (default: what the settings say).',
      value: listen,
    } as ValueOption<ListenAddress>,
    registerLimit: {
      name: '--register-limit',
      help: 'With --headless: register if it costs at most this. With a page that is asked there.',
      value: tao,
    } as ValueOption<Rao>,
    stake: {
      name: '--stake',
      help: 'With --headless: stake this much of the free balance. With a page that is asked there.',
      value: tao,
    } as ValueOption<Rao>,
    ...pageOptions,
    dataDir,
  },
  rules: [
    { kind: 'demands', key: 'network' },
    { kind: 'demands', key: 'profile', or: 'netuid' },
    { kind: 'excludes', key: 'profile', other: 'netuid' },
    { kind: 'needs', key: 'store', other: 'netuid' },
    { kind: 'needs', key: 'accept', other: 'netuid' },
    { kind: 'demands', key: 'keys' },
    { kind: 'excludes', key: 'port', other: 'headless' },
  ],
});

export type JoinOptions = SaidOf<typeof join>;

function isEndpoint(text: string): boolean {
  if (text.length > ENDPOINT_CHARS) return false;
  try {
    const { protocol, hostname, hash } = new URL(text);
    return (protocol === 'ws:' || protocol === 'wss:') && hostname !== '' && hash === '';
  } catch {
    return false;
  }
}

function isNumericHost(host: string): boolean {
  if (host.includes(':')) return URL.canParse(`tcp://[${host}]`);
  return host.split('.').every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}
