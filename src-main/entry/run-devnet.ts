import { DEVNET_SPECS } from '../../src-shared/contract/devnet.ts';
import type { DevnetOptions } from '../commands/devnet.ts';
import { runDevnet } from '../devnet/standalone.ts';
import type { Ending } from './ending.ts';
import { wantsLog } from './tell.ts';
import { print, printError } from './terminal.ts';

/** A chain of one's own, until it is asked to end. @returns the exit code */
export async function devnetAtTerminal(said: DevnetOptions, ending: Ending): Promise<number> {
  const terminal = {
    print,
    log: (line: string) => wantsLog() && printError(line),
    typed: process.stdin,
  };
  const specVersion = DEVNET_SPECS.find((spec) => String(spec) === said.spec) ?? null;
  await runDevnet({ ...said, specVersion }, terminal, ending.signal);
  return 0;
}
