import { AppError, describeError } from '../../src-shared/errors/app-error.ts';
import { withEnvironment } from './environment.ts';
import { exitCodes } from './exit-codes.ts';
import { generalHelp, helpOf } from './help.ts';
import { isRunFile } from './open.ts';
import type { Command } from './option.ts';
import { type Foreign, parseWords } from './parse.ts';
import { checkRules } from './rules.ts';
import { suggest } from './suggest.ts';
import { refuseSwallowed } from './swallowed.ts';
import { type Asked, type CommandName, commands, DEFAULT_COMMAND, isCommandName } from './table.ts';

/** What a command line comes to. */
export type CommandLine =
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'run'; readonly asked: Asked; readonly foreign: readonly string[] };

/** Before there were commands this switch was the one for practice; it still is. */
const PRACTICE_SWITCH = '--practice';

const optionNames = ({ options }: Command): string[] => Object.values(options).map(({ name }) => name);
const allNames: ReadonlySet<string> = new Set(Object.values<Command>(commands).flatMap(optionNames));

/**
 * Reads the words behind the program: a command first, or none for the default, then its options.
 * @param env what stands in the environment for options; nothing unless given
 * @throws {AppError} COMMAND_UNKNOWN, COMMAND_MISTYPED, and what `parseWords`, `checkRules` and `withEnvironment` throw
 */
export function readCommandLine(
  words: readonly string[],
  foreign: Foreign = 'refuse',
  env: NodeJS.ProcessEnv = {},
): CommandLine {
  const [first = ''] = words;
  const named = first !== '' && !first.startsWith('-');
  if (words.some((word) => word === '--help' || word === '-h'))
    return { kind: 'help', text: named ? helpOf(nameOf(first)) : generalHelp() };
  const { name, rest } = chosen(words, named);
  const command: Command = commands[name];
  const parsed = explained(name, () => parseWords(command, rest, foreign, allNames));
  checkRules(command, parsed.said);
  const said = withEnvironment(command, parsed.said, env);
  // The table pairs each name with its own options, which the compiler cannot follow through a variable.
  return { kind: 'run', asked: { name, said } as Asked, foreign: parsed.foreign };
}

function chosen(words: readonly string[], named: boolean): { name: CommandName; rest: readonly string[] } {
  // Launchers put options of Chromium's before it: an AppImage says --no-sandbox where the kernel offers no other.
  if (named ? isRunFile(words[0] ?? '') : words.some(isRunFile)) return { name: 'open', rest: words };
  const name = named ? nameOf(words[0] ?? '') : DEFAULT_COMMAND;
  const rest = named ? words.slice(1) : words;
  if (!rest.includes(PRACTICE_SWITCH) || (name !== 'serve' && name !== 'practice')) return { name, rest };
  return { name: 'practice', rest: rest.filter((word) => word !== PRACTICE_SWITCH) };
}

function nameOf(word: string): CommandName {
  if (isCommandName(word)) return word;
  const suggestion = suggest(word, Object.keys(commands));
  throw suggestion
    ? new AppError('COMMAND_MISTYPED', { word, suggestion })
    : new AppError('COMMAND_UNKNOWN', { word, known: Object.keys(commands).join(', ') });
}

/** An option that another command has is told as such, and a command that stands behind options too. */
function explained<T>(name: CommandName, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    const { word, option } = thrown.params;
    if (thrown.code === 'WORD_UNEXPECTED' && isCommandName(String(word)))
      throw new AppError('COMMAND_NOT_FIRST', { word: String(word) });
    const owner = thrown.code.startsWith('OPTION_') ? ownerOf(String(option), name) : undefined;
    if (owner) throw new AppError('OPTION_ELSEWHERE', { option: String(option), command: name, owner });
    throw thrown;
  }
}

function ownerOf(option: string, asked: CommandName): string | undefined {
  const has = (command: Command) => optionNames(command).includes(option);
  if (has(commands[asked])) return undefined;
  return Object.values<Command>(commands).find(has)?.name;
}

/** The command line, or an exit: 0 after the help text, 2 after a sentence and an action about what was wrong. */
export function commandLineOrExit(
  words: readonly string[],
  foreign: Foreign = 'refuse',
): Extract<CommandLine, { kind: 'run' }> {
  try {
    refuseSwallowed(words, process.env);
    const line = readCommandLine(words, foreign, process.env);
    if (line.kind === 'run') return line;
    console.log(line.text);
    process.exit(exitCodes.done);
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    const { sentence, action } = describeError(thrown);
    console.error(`${sentence} ${action}`);
    process.exit(exitCodes.misunderstood);
  }
}
