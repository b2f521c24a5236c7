import { callProgram } from '../src-shared/program-name.ts';
import { commandLineOrExit } from './commands/command-line.ts';
import { exitCodeOf } from './commands/exit-codes.ts';
import { programOf } from './commands/program.ts';
import { type Asked, isControl } from './commands/table.ts';
import { askRunningHost } from './entry/ask-running-host.ts';
import { outliveTerminal } from './entry/ending.ts';
import { tell } from './entry/tell.ts';

/**
 * The entry of commands that only ask a host which runs. It is read in a moment, unlike the whole host, and runs on any
 * Node that Butterfly is started with, so that scripts may ask every few seconds.
 */
callProgram(programOf(process.env));
const { asked } = commandLineOrExit(process.argv.slice(2));
outliveTerminal();
process.exit(await answered(asked));

async function answered(command: Asked): Promise<number> {
  if (!isControl(command)) throw new Error(`${command.name} is no question to a host`);
  try {
    return await askRunningHost(command);
  } catch (thrown) {
    tell(thrown);
    return exitCodeOf(thrown);
  }
}
