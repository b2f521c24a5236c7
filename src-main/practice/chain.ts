import { join } from 'node:path';
import * as v from 'valibot';
import { type Notices, noticeOfChild } from '../../src-node/notices.ts';
import { withLimit } from '../../src-node/waits.ts';
import type { ReadyOf } from '../../src-shared/contract/child.ts';
import { devnetContract } from '../../src-shared/contract/devnet.ts';
import type { AppError } from '../../src-shared/errors/app-error.ts';
import { type ChainIdentity, chainGenesis, type GenesisKeys } from '../devnet/genesis.ts';
import { entryPath } from '../entry-path.ts';
import type { ExtraEnv } from '../supervisor/extra-env.ts';
import { type SupervisedChild, superviseChild } from '../supervisor/supervise.ts';
import { CHAIN_CALL_LIMIT_MS, REUNION_MS } from './limits.ts';

export interface PracticeChainOptions {
  /** The practice's own; the chain lies below. */
  readonly folder: string;
  readonly keys: GenesisKeys;
  readonly identity: ChainIdentity;
  readonly port: number;
  /** Pace of a chain that has none of its own yet. */
  readonly blockMs: number;
  readonly extraEnv: ExtraEnv;
  readonly notices: Notices;
  log(line: string): void;
  gaveUp(error: AppError): void;
}

export interface PracticeChain {
  readonly child: SupervisedChild<typeof devnetContract>;
  /** As it was when the chain began. */
  readonly ready: ReadyOf<typeof devnetContract>;
  /** From the next block on, over restarts too. */
  setBlockMs(blockMs: number, signal: AbortSignal): Promise<void>;
  /** Everybody is there. */
  goOn(signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts the practice's own chain, or goes on with the one in the folder. That one waits until `goOn`: its people were
 * away while it was, and a round must not pass while they find each other again.
 */
export async function startPracticeChain(
  { folder, keys, identity, port, blockMs, extraEnv, notices, log, gaveUp }: PracticeChainOptions,
  signal: AbortSignal,
): Promise<PracticeChain> {
  let restMs = REUNION_MS;
  const devnet = superviseChild({
    contract: devnetContract,
    name: 'devnet',
    entry: entryPath('devnet'),
    extraEnv,
    init: () =>
      v.parse(
        devnetContract.init,
        chainGenesis(keys, identity, { dataDir: join(folder, 'chain'), port, blockMs, restMs }),
      ),
    log,
    onNotice: noticeOfChild(notices),
    onState: (state) => state.kind === 'failed' && gaveUp(state.error),
  });
  try {
    const { ready } = await devnet.whenReady(signal);
    // A chain that comes back later, after a crash of its process, finds its people at work.
    restMs = 0;
    return {
      child: devnet,
      ready,
      setBlockMs: (wanted, asking) =>
        devnet.call('setBlockMs', { blockMs: wanted }, withLimit(asking, CHAIN_CALL_LIMIT_MS)),
      goOn: (asking) => devnet.call('goOn', undefined, withLimit(asking, CHAIN_CALL_LIMIT_MS)),
      stop: () => devnet.stop(),
    };
  } catch (error) {
    await devnet.stop();
    throw error;
  }
}
