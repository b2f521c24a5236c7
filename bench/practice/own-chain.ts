import { join } from 'node:path';
import { type SaidProcess, startCommand } from './said-process.ts';

/** A chain's start on a busy machine, its keys made. */
const CHAIN_LIMIT_MS = 120_000;

/** A chain of its own, with those who join it from the command line, each in a data folder of its own. */
export interface OwnChain {
  /** The profile that the chain wrote for others. */
  readonly profilePath: string;
  readonly validator: string;
  readonly miners: readonly string[];
  dataDirOf(name: string): string;
  join(name: string, profilePath: string): SaidProcess;
  /** Everybody, the chain included. */
  readonly running: readonly SaidProcess[];
  /** Ends all of them, the chain last. */
  stop(): Promise<void>;
}

const VALIDATOR = 'validator';

/** @param folder where the chain and all who join it keep theirs */
export async function startOwnChain(folder: string): Promise<OwnChain> {
  const net = join(folder, 'net');
  const running: SaidProcess[] = [];
  const begin = (args: readonly string[]) => {
    const one = startCommand(args);
    running.push(one);
    return one;
  };
  const stop = async () => {
    for (const one of running.toReversed()) await one.stop();
  };
  const dataDirOf = (name: string): string => join(folder, `${name}-run`);
  try {
    const devnet = begin(['devnet', '--folder', net, '--port', '0']);
    const [line = ''] = await devnet.said(/answers at ws:/, 1, CHAIN_LIMIT_MS);
    const url = /ws:\/\/[\d.:]+\d/.exec(line)?.[0] ?? '';
    await devnet.said(/Press Ctrl\+C/, 1, CHAIN_LIMIT_MS);
    const meeting = `127.0.0.1:${Number(new URL(url).port) + 1}`;
    return {
      profilePath: join(net, 'profile.json'),
      validator: VALIDATOR,
      miners: ['miner-1', 'miner-2', 'miner-3'],
      ...{ running, dataDirOf, stop },
      join: (name, profilePath) =>
        begin([
          ...['join', '--headless', '--network', `own=${url}`, '--profile', profilePath],
          ...['--keys', join(net, name), '--data-dir', dataDirOf(name)],
          ...(name === VALIDATOR
            ? ['--role', 'validator', '--listen', meeting]
            : ['--role', 'miner', '--listen', '127.0.0.1:0', '--register-limit', '1']),
        ]),
    };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}
