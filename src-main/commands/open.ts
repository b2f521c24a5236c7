import { fileURLToPath } from 'node:url';
import { command, type Word } from './option.ts';
import { dataDir, pageOptions } from './shared-options.ts';
import { path, type Value } from './values.ts';

/** What files of runs end in, so that an installed app opens them. */
const RUN_FILE = /\.butterfly-run$/i;

/** A file that somebody double-clicked stands alone on the command line, without a command before it. */
export const isRunFile = (word: string): boolean => RUN_FILE.test(word);

const place = path('FILE');
/** A desktop that was asked for addresses (`%U`) names a file by one: `file:///home/a%20b.butterfly-run`. */
const file: Value<string> = {
  ...place,
  read: (text) => place.read(/^file:\/\//i.test(text) ? (pathOfUrl(text) ?? '') : text),
};

function pathOfUrl(url: string): string | null {
  try {
    return fileURLToPath(url);
  } catch {
    // It is on another computer, or encoded as no path can be.
    return null;
  }
}

/** A run profile from a friend or a page: shown, and joined only by the page's button. */
export const open = command({
  name: 'open',
  summary: 'Show a run profile on the page, from where it can be joined.',
  words: {
    file: { help: 'The file, which ends in .butterfly-run or .json.', value: file } as Word<string>,
  },
  options: { ...pageOptions, dataDir },
  rules: [
    { kind: 'demands', key: 'file' },
    // There is nothing to show it on.
    { kind: 'excludes', key: 'headless', other: 'file' },
  ],
});
