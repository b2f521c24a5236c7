import {
  MODEL_SEED_MAX,
  MODEL_TEMPERATURE_MAX,
  MODEL_TOP_K_MAX,
} from '../../src-shared/contract/page/models.ts';
import { command, type SaidOf, type SwitchOption, type ValueOption, type Word } from './option.ts';
import { dataDir } from './shared-options.ts';
import { decimal, oneOf, path, plainText, wholeNumber } from './values.ts';

const acts = ['list', 'add', 'remove', 'download', 'check', 'try', 'export', 'delete'] as const;
export type ModelsAct = (typeof acts)[number];

/** Models that were published, for whoever wants one: no wallet and no run is needed. */
export const models = command({
  name: 'models',
  summary: 'Published models: what stores have, downloaded, checked, tried and exported. No wallet, no run.',
  words: {
    act: {
      help: 'list: what there is. add or remove ADDRESS: a store to look at. download TAG, or newest. check, try, export or delete ID: one that is here.',
      value: oneOf<ModelsAct>(acts.join('|'), acts),
    } as Word<ModelsAct>,
    what: {
      help: 'An address, a tag as R.E.S, or the id of a download: the beginning of one will do.',
      value: plainText('WHAT', 'an address, a tag or an id'),
    } as Word<string>,
  },
  options: {
    store: {
      name: '--store',
      help: 'With download: the store to take it from, which is added where it is not known.',
      value: plainText('ADDRESS', 'hub:owner/name, s3:host/bucket, or the path of a folder'),
    } as ValueOption<string>,
    begin: {
      name: '--begin',
      help: 'With try: the text to go on with.',
      value: plainText('TEXT', 'a text to go on with'),
    } as ValueOption<string>,
    temperature: {
      name: '--temperature',
      help: 'With try: what logits are divided by (default 0.8); 0 takes the likeliest token always.',
      value: decimal('T', 0, MODEL_TEMPERATURE_MAX),
    } as ValueOption<number>,
    topK: {
      name: '--top-k',
      help: 'With try: only so many of the likeliest tokens may come (default 40).',
      value: wholeNumber('K', 1, MODEL_TOP_K_MAX),
    } as ValueOption<number>,
    seed: {
      name: '--seed',
      help: 'With try: another text (default 0); the same one gives the same.',
      value: wholeNumber('N', 0, MODEL_SEED_MAX),
    } as ValueOption<number>,
    into: {
      name: '--into',
      help: 'With export: a folder that is not there yet, for other programs.',
      value: path('FOLDER'),
    } as ValueOption<string>,
    json: { name: '--json', help: 'With list: print it as JSON.' } as SwitchOption,
    dataDir,
  },
  more: [
    'Downloads lie below the data folder, in models. While Butterfly runs on that folder, its screen Models does all of this.',
  ],
  rules: [
    { kind: 'demands', key: 'act' },
    { kind: 'needs', key: 'temperature', other: 'begin' },
    { kind: 'needs', key: 'topK', other: 'begin' },
    { kind: 'needs', key: 'seed', other: 'begin' },
  ],
});

export type ModelsOptions = SaidOf<typeof models>;
