import { command, type SaidOf, type ValueOption } from './option.ts';
import { dataDir, run } from './shared-options.ts';
import { oneOf, path, plainText, wholeNumber } from './values.ts';

/** The model of a run for other programs, and models of other programs looked at; needs no host. */
export const model = command({
  name: 'model',
  summary: 'Write the model of a run as safetensors, or look at such a model of anybody.',
  options: {
    export: {
      name: '--export',
      help: 'Write the model there: weights, config.json and tokenizer, as GPT2LMHeadModel loads them.',
      value: path('FOLDER'),
    } as ValueOption<string>,
    which: {
      name: '--which',
      help: 'With --export: base, which all agreed on last (the default), or local, what yours makes of it.',
      value: oneOf<'base' | 'local'>('base|local', ['base', 'local']),
    } as ValueOption<'base' | 'local'>,
    import: {
      name: '--import',
      help: 'Check such a folder and say what it is; nothing is trained from it yet.',
      value: path('FOLDER'),
    } as ValueOption<string>,
    begin: {
      name: '--begin',
      help: 'With --import: let it go on with this text, which its context must hold.',
      value: plainText('TEXT', 'a text to go on with'),
    } as ValueOption<string>,
    seed: {
      name: '--seed',
      help: 'With --begin: another text (default 0); the same one gives the same.',
      value: wholeNumber('N', 0, 999_999_999),
    } as ValueOption<number>,
    run: { ...run, help: 'The run with this hotkey (default: the newest that has a model).' },
    dataDir,
  },
  more: ['A run may be at work meanwhile: its files are only read.'],
  rules: [
    { kind: 'excludes', key: 'export', other: 'import' },
    { kind: 'needs', key: 'which', other: 'export' },
    { kind: 'needs', key: 'run', other: 'export' },
    { kind: 'needs', key: 'dataDir', other: 'export' },
    { kind: 'needs', key: 'begin', other: 'import' },
    { kind: 'needs', key: 'seed', other: 'begin' },
  ],
});

export type ModelOptions = SaidOf<typeof model>;
