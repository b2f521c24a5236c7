import { DEVNET_SPECS } from '../../src-shared/contract/devnet.ts';
import { devnetPage } from './devnet-page.ts';
import { command, type SaidOf, type ValueOption } from './option.ts';
import { oneOf, path, plainText, port, wholeNumber } from './values.ts';

/** Blocks faster than this leave a client no time to read them; slower than a minute nobody waits for. */
const FASTEST_BLOCK_MS = 100;
const SLOWEST_BLOCK_MS = 60_000;

export const devnet = command({
  name: 'devnet',
  summary: 'Run a chain of your own, with funded keys for others to join it.',
  options: {
    port: {
      name: '--port',
      help: 'Answer on this port of 127.0.0.1 (default: 9944, or the one of the last start).',
      value: port,
    } as ValueOption<number>,
    blockMs: {
      name: '--block-ms',
      help: 'Milliseconds from block to block (default: 1000, or those of the last start).',
      value: wholeNumber('MS', FASTEST_BLOCK_MS, SLOWEST_BLOCK_MS),
    } as ValueOption<number>,
    seed: {
      name: '--seed',
      help: 'Text that all keys are made from, to get the same chain again (default: at random).',
      value: plainText('TEXT', 'some text'),
    } as ValueOption<string>,
    spec: {
      name: '--spec',
      help: 'Whose rules a new chain begins with (default: 393, or those that it has).',
      value: oneOf('SPEC', DEVNET_SPECS.map(String)),
    } as ValueOption<string>,
    folder: {
      name: '--folder',
      help: 'Keep keys, profile and chain there (default: devnet in the data folder).',
      value: path('FOLDER'),
    } as ValueOption<string>,
  },
  more: devnetPage,
});

export type DevnetOptions = SaidOf<typeof devnet>;
