import { join } from 'node:path';
import * as v from 'valibot';
import { type Notices, noticeOfChild } from '../../src-node/notices.ts';
import type { ReadyOf } from '../../src-shared/contract/child.ts';
import { devnetContract } from '../../src-shared/contract/devnet.ts';
import type { AppError } from '../../src-shared/errors/app-error.ts';
import { type ChainIdentity, chainGenesis, type GenesisKeys } from '../devnet/genesis.ts';
import { entryPath } from '../entry-path.ts';
import { type SupervisedChild, superviseChild } from '../supervisor/supervise.ts';

export interface PracticeChainOptions {
  /** The practice's own; the chain lies below. */
  readonly folder: string;
  readonly keys: GenesisKeys;
  readonly identity: ChainIdentity;
  readonly port: number;
  /** Pace of a chain that has none of its own yet. */
  readonly blockMs: number;
  readonly notices: Notices;
  log(line: string): void;
  gaveUp(error: AppError): void;
}

export interface PracticeChain {
  readonly child: SupervisedChild<typeof devnetContract>;
  /** As it was when the chain began. */
  readonly ready: ReadyOf<typeof devnetContract>;
  stop(): Promise<void>;
}

/** Starts the practice's own chain, or goes on with the one in the folder. */
export async function startPracticeChain(
  { folder, keys, identity, port, blockMs, notices, log, gaveUp }: PracticeChainOptions,
  signal: AbortSignal,
): Promise<PracticeChain> {
  const devnet = superviseChild({
    contract: devnetContract,
    name: 'devnet',
    entry: entryPath('devnet'),
    init: () =>
      v.parse(
        devnetContract.init,
        chainGenesis(keys, identity, { dataDir: join(folder, 'chain'), port, blockMs }),
      ),
    log,
    onNotice: noticeOfChild(notices),
    onState: (state) => state.kind === 'failed' && gaveUp(state.error),
  });
  try {
    const { ready } = await devnet.whenReady(signal);
    return { child: devnet, ready, stop: () => devnet.stop() };
  } catch (error) {
    await devnet.stop();
    throw error;
  }
}
