import type { StoreAddress } from '../../src-shared/stores/store-address.ts';
import type { Rao, Ss58 } from '../../src-shared/units.ts';
import { addresses, type ProfileArgument, profileArgument } from './join.ts';
import { type ChosenNetwork, hotkey, network, wallet } from './money.ts';
import { command, type SaidOf, type SwitchOption, type ValueOption, type Word } from './option.ts';
import { dataDir } from './shared-options.ts';
import { tokenName } from './token.ts';
import { address, oneOf, path, plainText, storeAddress, tao, type Value, wholeNumber } from './values.ts';

export type RunAct = 'open' | 'create' | 'pin' | 'publish' | 'announce' | 'withdraw' | 'start' | 'show';
const acts: readonly RunAct[] = ['open', 'create', 'pin', 'publish', 'announce', 'withdraw', 'start', 'show'];

const MOST_WITNESSES = 15;

const witnesses: Value<readonly Ss58[] | number> = {
  name: 'ADDRESSES|COUNT',
  expected: `addresses of hotkeys with commas between them, or from 1 to ${MOST_WITNESSES} by stake; an odd number of them`,
  read: (text) => {
    const count = /^\d{1,2}$/.test(text) ? Number(text) : null;
    if (count !== null) return isCourt(count) ? count : null;
    const all = text.split(',').map((one) => address.read(one));
    const hotkeys = all.filter((one) => one !== null);
    const isWhole = hotkeys.length === all.length && new Set(hotkeys).size === all.length;
    return isWhole && isCourt(all.length) ? hotkeys : null;
  },
};

/** More than half of them decide: an even number would only be one more who can be missing. */
const isCourt = (count: number): boolean => count >= 1 && count <= MOST_WITNESSES && count % 2 === 1;

/** A run of one's own, from the subnet to the announcement that others join by. */
export const run = command({
  name: 'run',
  summary: 'Make a run of your own on your subnet: create, pin, publish, announce.',
  words: {
    act: {
      help: 'open: buy a subnet. create FILE: prepare the subnet, and draft a profile. pin FILE: fix its text and its first weights. publish FILE: put it into a store. announce FILE: say so on chain. start: begin emission. withdraw: announce nothing any more. show FILE: what it is.',
      value: oneOf<RunAct>(acts.join('|'), acts),
    } as Word<RunAct>,
    file: { help: 'The profile.', value: path('FILE') } as Word<string>,
  },
  options: {
    network: {
      name: '--network',
      help: 'finney, test, or where the node of another network answers.',
      value: network,
    } as ValueOption<ChosenNetwork>,
    wallet: {
      name: '--wallet',
      help: 'Whose coldkey owns the subnet, and signs.',
      value: wallet,
    } as ValueOption<string>,
    netuid: {
      name: '--netuid',
      help: 'The subnet.',
      value: wholeNumber('NETUID', 1, 65_535),
    } as ValueOption<number>,
    limit: {
      name: '--limit',
      help: 'With open: the most that it may cost when it is asked for.',
      value: tao,
    } as ValueOption<Rao>,
    hotkey: {
      name: '--hotkey',
      help: 'With open: the owner’s hotkey (default: the only one that the wallet has, or “default”).',
      value: hotkey,
    } as ValueOption<string>,
    base: {
      name: '--base',
      help: 'With create: the profile to begin from, shipped or a file (default gpt2-124m).',
      value: profileArgument,
    } as ValueOption<ProfileArgument>,
    name: {
      name: '--name',
      help: 'With create: what the run is called.',
      value: plainText('NAME', 'a name'),
    } as ValueOption<string>,
    subnetName: {
      name: '--subnet-name',
      help: 'With create: what the subnet is called on chain (default: what it is called there).',
      value: plainText('NAME', 'a name'),
    } as ValueOption<string>,
    witnesses: {
      name: '--witnesses',
      help: 'With create: validators that decide, by their hotkeys or so many by stake (default: as the base has it).',
      value: witnesses,
    } as ValueOption<readonly Ss58[] | number>,
    bootstrap: {
      name: '--bootstrap',
      help: 'With create: peers that newcomers ask first, relays among them.',
      value: addresses,
    } as ValueOption<readonly string[]>,
    follows: {
      name: '--follows',
      help: 'With create: the profile of the run that this one follows, and begins from unless --base is said. Its members are not led over: they join the new one.',
      value: path('FILE'),
    } as ValueOption<string>,
    afterRound: {
      name: '--after-round',
      help: 'With --follows: its last round.',
      value: wholeNumber('ROUND', 0, 999_999_999),
    } as ValueOption<number>,
    textFolder: {
      name: '--text-folder',
      help: 'With pin: where this computer has the files of a team’s text.',
      value: path('FOLDER'),
    } as ValueOption<string>,
    store: {
      name: '--store',
      help: 'With publish and announce: where others read the profile. publish puts it into a repository of the Hub, a bucket or a folder, and reads it there as they will; of an address of the web it only does that.',
      value: storeAddress,
    } as ValueOption<StoreAddress>,
    token: {
      name: '--token',
      help: 'With publish: what the key of the Hub or of the bucket is called here (default: hub, s3).',
      value: tokenName,
    } as ValueOption<string>,
    dryRun: {
      name: '--dry-run',
      help: 'Say what it would come to, and sign and write nothing.',
    } as SwitchOption,
    dataDir,
  },
  more: [
    'Each change of the chain is shown as it is and as it will be, with its cost, before anything is asked.',
    'Order: create, pin, publish, announce; start once three miners and the witnesses are there.',
  ],
  rules: [
    { kind: 'demands', key: 'act' },
    { kind: 'needs', key: 'afterRound', other: 'follows' },
    { kind: 'needs', key: 'follows', other: 'afterRound' },
  ],
});

export type RunOptions = SaidOf<typeof run>;
