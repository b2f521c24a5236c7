import { commandLineOrExit } from '../commands/command-line.ts';
import { exitCodes } from '../commands/exit-codes.ts';
import type { HostConfig } from '../host.ts';
import { type HostCommand, hostCommand, hostConfig } from './begin-work.ts';
import { tell } from './tell.ts';

export interface Windowed {
  readonly command: HostCommand;
  readonly config: Pick<HostConfig, 'dataDir' | 'adversary'>;
}

/** What is to be shown in a window, or an exit with a sentence: nothing else is there yet to tell it. */
export function windowedOrExit(words: readonly string[]): Windowed {
  const { asked } = commandLineOrExit(words, 'pass');
  try {
    const command = hostCommand(asked);
    return { command, config: hostConfig(command) };
  } catch (thrown) {
    tell(thrown);
    process.exit(exitCodes.misunderstood);
  }
}
