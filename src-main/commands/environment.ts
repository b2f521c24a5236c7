import { AppError } from '../../src-shared/errors/app-error.ts';
import { type Command, isValueOption, type Options } from './option.ts';
import type { Parsed } from './parse.ts';
import { checkRules } from './rules.ts';

/**
 * Options that may stand in the environment instead, for services and containers. What is said on the command line
 * goes before; where the two would not go together, the environment, which speaks to every command, gives way.
 * @throws {AppError} OPTION_INVALID, which names the variable
 */
export function withEnvironment(
  command: Command,
  said: Parsed['said'],
  env: NodeJS.ProcessEnv,
): Parsed['said'] {
  let whole = said;
  for (const [key, option] of Object.entries(command.options)) {
    if (said[key] !== null && said[key] !== false) continue;
    const value = readVariable(option, env);
    if (value === null) continue;
    const extended = { ...whole, [key]: value };
    if (goTogether(command, extended)) whole = extended;
  }
  return whole;
}

/** All variables with what they mean, in the order of the help text. */
export function variablesOf(
  commands: readonly Command[],
): readonly Required<Pick<Options[string], 'env' | 'name' | 'help'>>[] {
  const found = new Map<string, Required<Pick<Options[string], 'env' | 'name' | 'help'>>>();
  for (const { options } of commands)
    for (const { env, name, help } of Object.values(options))
      if (env !== undefined && !found.has(env)) found.set(env, { env, name, help });
  return [...found.values()];
}

/** null where it is not set; an empty one counts as not set, as systems and containers write it. */
function readVariable(option: Options[string], env: NodeJS.ProcessEnv): unknown {
  const text = option.env === undefined ? undefined : env[option.env];
  if (option.env === undefined || text === undefined || text === '') return null;
  const read = isValueOption(option) ? option.value.read(text) : switchOf(text);
  if (read !== null) return read === false ? null : read;
  const expected = isValueOption(option) ? option.value.expected : '1 or 0';
  throw new AppError('OPTION_INVALID', { option: option.env, value: `“${text}”`, expected });
}

const switchOf = (text: string): boolean | null => (text === '1' ? true : text === '0' ? false : null);

function goTogether(command: Command, said: Parsed['said']): boolean {
  try {
    checkRules(command, said);
    return true;
  } catch {
    return false;
  }
}
