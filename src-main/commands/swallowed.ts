import { AppError } from '../../src-shared/errors/app-error.ts';
import { type Command, isValueOption, type SwitchOption } from './option.ts';
import { commands, isCommandName } from './table.ts';

/** npm's own settings that are named like an option of ours: alone they say nothing. */
const NPMS_OWN = new Set(['--json', '--dry-run']);

/**
 * `npm start --port 5` without `--` in front of the options: npm keeps them for itself and hands them to us only as
 * environment. Nothing that was said is ignored, so this is refused with the line that was meant.
 * @throws {AppError} OPTIONS_SWALLOWED
 */
export function refuseSwallowed(words: readonly string[], env: NodeJS.ProcessEnv): void {
  const script = env.npm_lifecycle_event;
  if (script === undefined) return;
  const said = new Set(words.map((word) => word.split('=', 1)[0]));
  const swallowed = allOptions(words[0] ?? '').filter(
    ({ name }) => !said.has(name) && keptByNpm(name, env) !== null,
  );
  if (swallowed.every(({ name }) => NPMS_OWN.has(name))) return;
  const meant = swallowed.map((option) => asWritten(option, keptByNpm(option.name, env)));
  throw new AppError('OPTIONS_SWALLOWED', {
    options: swallowed.map(({ name }) => name).join(', '),
    line: [...beginning(script, words[0] ?? ''), ...meant].join(' '),
  });
}

/** A script of the name of a command says that command by itself. */
function beginning(script: string, first: string): readonly string[] {
  const run = script === 'start' ? ['npm start --'] : [`npm run ${script} --`];
  return isCommandName(first) && first !== script ? [...run, first] : run;
}

/** Where several commands have one of that name, that of the command which was asked for. */
function allOptions(first: string): SwitchOption[] {
  const asked: readonly Command[] = isCommandName(first) ? [commands[first]] : [];
  const all = [...Object.values<Command>(commands), ...asked].flatMap(({ options }) =>
    Object.values(options),
  );
  return [...new Map(all.map((option) => [option.name, option])).values()];
}

/** What npm made of an option: "true" without a value, the value behind an equals sign, "" for `--no-…`; or null. */
function keptByNpm(name: string, env: NodeJS.ProcessEnv): string | null {
  const negated = name.startsWith('--no-');
  const key = name.slice(negated ? 5 : 2).replaceAll('-', '_');
  const kept = env[`npm_config_${key}`];
  return kept === undefined || negated !== (kept === '') ? null : kept;
}

/** A value that stood apart came to us as a word without its option, so it cannot be told which it was. */
function asWritten(option: SwitchOption, kept: string | null): string {
  if (!isValueOption(option)) return option.name;
  return kept === 'true' ? `${option.name} ${option.value.name}` : `${option.name} ${kept}`;
}
