import type { CatalogueEntry } from './entry.ts';

/** What a terminal asked that cannot be. */
export const commandLine = {
  COMMAND_UNKNOWN: { sentence: 'There is no command “{word}”.', action: 'There are: {known}.' },
  COMMAND_MISTYPED: { sentence: 'There is no command “{word}”.', action: 'Did you mean {suggestion}?' },
  COMMAND_NOT_FIRST: {
    sentence: 'The command {word} stands behind other words.',
    action: 'Put it first: {program} {word}, then its options.',
  },
  WORD_UNEXPECTED: {
    sentence: 'The word “{word}” means nothing behind {command}.',
    action: '{program} {command} --help lists what can be said. Put text with blanks in quotes.',
  },
  WORD_INVALID: {
    sentence: 'The word “{word}” means nothing behind {command}.',
    action: 'It takes {expected}.',
  },
  OPTION_UNKNOWN: {
    sentence: 'Option {option} is not known.',
    action: '{program} {command} --help lists the options.',
  },
  OPTION_MISTYPED: { sentence: 'Option {option} is not known.', action: 'Did you mean {suggestion}?' },
  OPTION_ELSEWHERE: {
    sentence: 'Option {option} does not belong to {command}.',
    action: 'It belongs to {owner}: {program} {owner} --help.',
  },
  OPTION_INVALID: {
    sentence: 'Option {option} does not accept {value}.',
    action: 'It takes {expected}.',
  },
  OPTION_WITHOUT_EFFECT: {
    sentence: 'The option {option} has no effect with {command}.',
    action: 'Leave it away, or see what the command takes with --help.',
  },
  OPTION_NEEDS: {
    sentence: 'Option {option} means something together with {needed} only.',
    action: 'Add {needed}, or leave {option} out.',
  },
  OPTIONS_EXCLUDE: {
    sentence: 'Options {option} and {other} exclude each other.',
    action: 'Leave one of them out.',
  },
  OPTION_MISSING: {
    sentence: 'The command {command} needs {option}.',
    action: '{program} {command} --help says what it takes.',
  },
  OPTIONS_SWALLOWED: {
    sentence: 'npm kept {options} for itself.',
    action: 'Put -- before the options: {line}',
  },
  HOST_NOT_RUNNING: {
    sentence: 'No Butterfly answers on the data folder {path}.',
    action:
      'Start it with {start}, or name its folder with --data-dir. If another user runs it, ask as that user.',
  },
  NO_RUN: {
    sentence: 'There is no such run under way.',
    action: '{program} status lists what runs.',
  },
  REPORT_UNWRITABLE: {
    sentence: 'The report cannot be written to {path}.',
    action: 'Choose another --json, in a folder that is there and takes files.',
  },
  BUNDLE_UNWRITABLE: {
    sentence: 'The support bundle cannot be written to {path}.',
    action: 'Choose another --out: a file that is not there yet, in a folder that takes files.',
  },
  TERMINAL_NEEDED: {
    sentence: 'A password is asked for at a terminal alone.',
    action: 'Run the command there yourself, without a pipe or a file for what you would type.',
  },
  COMMAND_WITHOUT_WINDOW: {
    sentence: 'The command {command} has no window.',
    action: 'Run it at a terminal: {program} {command}',
  },
  DEVICE_UNKNOWN: {
    sentence: 'There is no device {device} in the list: its last number is {last}.',
    action: 'Choose one of the numbers above with --device. 0 is the processor.',
  },
} as const satisfies Record<string, CatalogueEntry>;
