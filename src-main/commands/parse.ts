import { AppError } from '../../src-shared/errors/app-error.ts';
import { type Command, isValueOption, type Options, type Word } from './option.ts';
import { suggest } from './suggest.ts';

/**
 * `pass` lets options through that are none of ours nor look like one: in the Electron window they are Chromium's,
 * which knows a thousand and more and reads them by itself.
 */
export type Foreign = 'refuse' | 'pass';

export interface Parsed {
  /** By the keys of the command's options. */
  readonly said: Readonly<Record<string, unknown>>;
  /** Options that were let through, as written. */
  readonly foreign: readonly string[];
}

/**
 * Reads the words behind a command. What is said twice counts as said last.
 * @param ofOthers names of the options that other commands have
 * @throws {AppError} OPTION_UNKNOWN, OPTION_MISTYPED, OPTION_INVALID, WORD_INVALID, WORD_UNEXPECTED
 */
export function parseWords(
  command: Command,
  words: readonly string[],
  foreign: Foreign,
  ofOthers: ReadonlySet<string> = new Set(),
): Parsed {
  const said: Record<string, unknown> = Object.fromEntries(
    Object.entries(command.options).map(([key, option]) => [key, isValueOption(option) ? null : false]),
  );
  for (const key of Object.keys(command.words ?? {})) said[key] = null;
  const passed: string[] = [];
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const [name, inline] = splitOnce(word);
    const [key, option] = Object.entries(command.options).find(([, one]) => one.name === name) ?? [];
    const [next] = name.startsWith('-')
      ? []
      : Object.entries(command.words ?? {}).filter(([of]) => said[of] === null);
    if (key !== undefined && option) said[key] = readValue(option, inline, rest);
    else if (next) said[next[0]] = readWord(command, next[1], word);
    else if (foreign === 'pass' && isForeign(command, name, ofOthers)) passed.push(word);
    else throw unknownWord(command, name);
  }
  return { said, foreign: passed };
}

function readValue(option: Options[string], inline: string | undefined, rest: string[]): unknown {
  if (!isValueOption(option)) {
    if (inline === undefined) return true;
    throw new AppError('OPTION_INVALID', { option: option.name, value: `“${inline}”`, expected: 'no value' });
  }
  const { expected } = option.value;
  // A forgotten value would otherwise swallow the option behind it.
  const text = inline ?? (rest[0]?.startsWith('--') ? undefined : rest.shift());
  if (text === undefined)
    throw new AppError('OPTION_INVALID', { option: option.name, value: 'nothing', expected });
  const value = option.value.read(text);
  if (value === null)
    throw new AppError('OPTION_INVALID', { option: option.name, value: `“${text}”`, expected });
  return value;
}

function readWord(command: Command, { value }: Word<unknown>, word: string): unknown {
  const read = value.read(word);
  if (read === null)
    throw new AppError('WORD_INVALID', { word, command: command.name, expected: value.expected });
  return read;
}

/** An option that looks like none of this command. What another command has is said too early, not foreign. */
const isForeign = (command: Command, name: string, ofOthers: ReadonlySet<string>): boolean =>
  /^--?[a-z]/.test(name) && !ofOthers.has(name) && suggest(name, namesOf(command)) === null;

function unknownWord(command: Command, word: string): AppError {
  if (!word.startsWith('-')) return new AppError('WORD_UNEXPECTED', { word, command: command.name });
  const suggestion = suggest(word, namesOf(command));
  return suggestion
    ? new AppError('OPTION_MISTYPED', { option: word, suggestion })
    : new AppError('OPTION_UNKNOWN', { option: word, command: command.name });
}

const namesOf = ({ options }: Command): string[] => Object.values(options).map(({ name }) => name);

function splitOnce(word: string): [string, string | undefined] {
  const at = word.startsWith('--') ? word.indexOf('=') : -1;
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}
