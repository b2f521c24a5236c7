import { devnet } from './devnet.ts';
import type { SaidOf } from './option.ts';
import { practice } from './practice.ts';
import { serve } from './serve.ts';

/** Every command, in the order in which the help text lists them. */
export const commands = { serve, practice, devnet } as const;

type Commands = typeof commands;
export type CommandName = keyof Commands;

/** What was asked for, read and checked. */
export type Asked = {
  readonly [N in CommandName]: { readonly name: N; readonly said: SaidOf<Commands[N]> };
}[CommandName];

export const DEFAULT_COMMAND = 'serve' satisfies CommandName;
export const isCommandName = (word: string): word is CommandName => Object.hasOwn(commands, word);
