import { programCalled } from '../../src-shared/program-name.ts';
import { variablesOf } from './environment.ts';
import { type Command, isValueOption } from './option.ts';
import { type CommandName, commands } from './table.ts';

/** Lines stay within what a terminal of 100 columns shows. */
const NAME_COLUMN = 26;

/** All commands, each with its line. */
export function generalHelp(): string {
  const program = programCalled();
  return [
    `Usage: ${program} [command] [options]`,
    '',
    ...Object.values<Command>(commands).map(({ name, summary }) => row(name, summary)),
    '',
    `Without a command: serve. ${program} COMMAND --help lists the options of one:`,
    '',
    ...Object.values<Command>(commands).map((command) =>
      `  ${command.name}  ${[...wordNames(command), ...Object.values(command.options).map(shortForm)].join(' ')}`.trimEnd(),
    ),
    '',
    'Said in the environment instead, for services and containers (a switch by 1):',
    '',
    ...variablesOf(Object.values(commands)).map(({ env, name, help }) => row(env, `${name}: ${help}`)),
    row('BUTTERFLY_LOG', 'Set to anything: the log goes to the terminal too.'),
  ].join('\n');
}

/** One command with its options. */
export function helpOf(name: CommandName): string {
  const command: Command = commands[name];
  return [
    ['Usage:', programCalled(), name, ...wordNames(command), '[options]'].join(' '),
    '',
    command.summary,
    '',
    ...Object.values(command.words ?? {}).map(({ value, help }) => row(value.name, help)),
    ...Object.values(command.options).map((option) => row(withValue(option), helpWithVariable(option))),
    row('--help', 'Show this list.'),
    ...(command.more ? ['', ...command.more] : []),
  ].join('\n');
}

const wordNames = ({ words }: Command): string[] => Object.values(words ?? {}).map(({ value }) => value.name);

type AnyOption = Command['options'][string];
const withValue = (option: AnyOption): string =>
  isValueOption(option) ? `${option.name} ${option.value.name}` : option.name;
const shortForm = (option: AnyOption): string => `[${withValue(option)}]`;
const helpWithVariable = ({ help, env }: AnyOption): string => (env ? `${help} [${env}]` : help);
const row = (name: string, help: string): string => `  ${name.padEnd(NAME_COLUMN)} ${help}`;
