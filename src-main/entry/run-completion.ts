import type { CompletionOptions } from '../commands/completion.ts';
import { completionScript } from '../commands/completion-script.ts';
import { exitCodes } from '../commands/exit-codes.ts';
import { commands } from '../commands/table.ts';
import { print } from './terminal.ts';

/** Prints what a shell reads to complete our words. @returns the exit code */
export function completionAtTerminal({ shell }: CompletionOptions): number {
  if (!shell) throw new TypeError('the rules of the command demand it');
  print(completionScript(shell, Object.values(commands)).trimEnd());
  return exitCodes.done;
}
