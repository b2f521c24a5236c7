import type { ShellName } from './completion.ts';
import { type Command, isValueOption, type Options } from './option.ts';
import type { Value } from './values.ts';

/** The text that teaches a shell our commands, made from their table alone. */
export function completionScript(shell: ShellName, commands: readonly Command[]): string {
  return { bash, zsh, fish }[shell](commands);
}

type Source =
  | { readonly kind: 'choices'; readonly choices: readonly string[] }
  | { readonly kind: 'folder' | 'file' | 'none' };

/** What may stand behind an option. */
function sourceOf({ choices, name }: Value<unknown>): Source {
  if (choices) return { kind: 'choices', choices };
  if (name === 'FOLDER') return { kind: 'folder' };
  return { kind: /FILE|PATH|FOLDER/.test(name) ? 'file' : 'none' };
}

const optionsOf = ({ options }: Command): readonly Options[string][] => Object.values(options);
const namesOf = (command: Command): string[] => [...optionsOf(command).map(({ name }) => name), '--help'];
const wordsOf = ({ words }: Command): string[] =>
  Object.values(words ?? {}).flatMap(({ value }) => [...(value.choices ?? [])]);
/** Help texts have no line breaks; quotes are doubled or escaped as each shell wants it. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** One `case` on the command for its words, one inside on the option before the cursor for its values. */
function bash(commands: readonly Command[]): string {
  return [
    '# bash completion of butterfly',
    '_butterfly() {',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is bash that reads it
    '  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} cmd=${COMP_WORDS[1]}',
    '  COMPREPLY=()',
    '  if [[ $COMP_CWORD -eq 1 ]]; then',
    `    COMPREPLY=($(compgen -W ${quoted([...commands.map(({ name }) => name), '--help'].join(' '))} -- "$cur"))`,
    '    if [[ $cur != -* ]]; then return; fi',
    '  fi',
    '  [[ $cmd == -* ]] && cmd=serve',
    '  case $cmd in',
    ...commands.flatMap(bashCommand),
    '  esac',
    '}',
    'complete -F _butterfly butterfly',
    '',
  ].join('\n');
}

function bashCommand(command: Command): string[] {
  const values = optionsOf(command).filter(isValueOption);
  const cases = values.map(({ name, value }) => `        ${name}) ${bashSource(sourceOf(value))} return ;;`);
  const all = [...wordsOf(command), ...namesOf(command)].join(' ');
  return [
    `    ${command.name})`,
    ...(cases.length > 0 ? ['      case $prev in', ...cases, '      esac'] : []),
    `      COMPREPLY=($(compgen -W ${quoted(all)} -- "$cur")) ;;`,
  ];
}

function bashSource(source: Source): string {
  if (source.kind === 'choices')
    return `COMPREPLY=($(compgen -W ${quoted(source.choices.join(' '))} -- "$cur"));`;
  if (source.kind === 'none') return '';
  const files = source.kind === 'folder' ? '-d' : '-f';
  return `compopt -o filenames; mapfile -t COMPREPLY < <(compgen ${files} -- "$cur");`;
}

function zsh(commands: readonly Command[]): string {
  return [
    '#compdef butterfly',
    '_butterfly() {',
    '  local -a commands',
    `  commands=(${commands.map(({ name, summary }) => quoted(`${name}:${summary.replaceAll(':', '\\:')}`)).join(' ')})`,
    '  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then _describe command commands; return; fi',
    '  local cmd=$words[2]; [[ $cmd == -* ]] && cmd=serve',
    '  case $cmd in',
    ...commands.map((command) => `    ${command.name}) _arguments ${zshArguments(command).join(' ')} ;;`),
    '  esac',
    '}',
    '_butterfly "$@"',
    '',
  ].join('\n');
}

function zshArguments(command: Command): string[] {
  const help = (text: string) => text.replaceAll(/([[\]:])/g, '\\$1');
  const options = optionsOf(command).map((option) =>
    quoted(
      isValueOption(option)
        ? `${option.name}[${help(option.help)}]:${help(option.value.name)}:${zshSource(sourceOf(option.value))}`
        : `${option.name}[${help(option.help)}]`,
    ),
  );
  const words = wordsOf(command);
  return [
    ...options,
    `'--help[Show this list.]'`,
    `'1: :(${command.name})'`,
    ...(words.length > 0 ? [`'*: :(${words.join(' ')})'`] : []),
  ];
}

function zshSource(source: Source): string {
  if (source.kind === 'choices') return `(${source.choices.join(' ')})`;
  return { folder: '_files -/', file: '_files', none: ' ' }[source.kind];
}

function fish(commands: readonly Command[]): string {
  const text = (line: string) => `'${line.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const under = (name: string) => `-n '__fish_seen_subcommand_from ${name}'`;
  const lines = commands.flatMap((command) => [
    `complete -c butterfly -n __fish_use_subcommand -f -a ${command.name} -d ${text(command.summary)}`,
    ...wordsOf(command).map((word) => `complete -c butterfly ${under(command.name)} -f -a ${word}`),
    ...optionsOf(command).map((option) => {
      const takes = isValueOption(option) ? ` ${fishSource(sourceOf(option.value))}` : ' -f';
      return `complete -c butterfly ${under(command.name)} -l ${option.name.slice(2)}${takes} -d ${text(option.help)}`;
    }),
  ]);
  return ['# fish completion of butterfly', ...lines, ''].join('\n');
}

function fishSource(source: Source): string {
  if (source.kind === 'choices') return `-x -a '${source.choices.join(' ')}'`;
  return { folder: `-x -a '(__fish_complete_directories)'`, file: '-r', none: '-x' }[source.kind];
}
