import * as v from 'valibot';
import type { Notices } from '../../src-node/notices.ts';
import { type DevnetOptions, devnetInitSchema } from '../../src-shared/contract/devnet.ts';
import { Chain, type Machine } from './chain/chain.ts';
import type { BlockRange } from './chain/recovery.ts';
import { controlMethods } from './rpc/control.ts';
import { plainMethods } from './rpc/methods.ts';
import { listen } from './rpc/server.ts';
import { Weather } from './rpc/weather.ts';
import { SealClock } from './seal-clock.ts';

export interface Devnet {
  readonly url: string;
  readonly genesisHash: string;
  /** Whether the chain was there before this start. */
  readonly hasBegun: boolean;
  /** Time between blocks now; null where they are sealed on request. */
  readonly blockMs: number | null;
  /** Blocks that were on disk once and are gone for good. */
  readonly lost: BlockRange | null;
  /** Seals one block now. @returns its number. @throws {AppError} DISK_FULL; then nothing has happened */
  sealBlock(): number;
  /** From the next block on, over restarts too. @throws {AppError} NOT_NOW for a chain sealed on request */
  setBlockMs(blockMs: number): void;
  /** Ends the rest that the chain was opened with. */
  goOn(): void;
  stop(): Promise<void>;
}

/** Whom the chain tells what. */
export interface DevnetListener extends Notices {
  paceChanged(blockMs: number): void;
}

const nobody: DevnetListener = { notice: () => {}, clearNotice: () => {}, paceChanged: () => {} };

/** Opens or begins a practice chain and serves it. Block 1 is there before the first client. */
export async function startDevnet(
  options: DevnetOptions,
  signal: AbortSignal,
  listener: DevnetListener = nobody,
  machine: Partial<Machine> = {},
): Promise<Devnet> {
  const init = v.parse(devnetInitSchema, options);
  signal.throwIfAborted();
  const chain = new Chain(init, machine);
  const clock = new SealClock(chain, listener);
  const setBlockMs = (blockMs: number) => {
    clock.setBlockMs(blockMs);
    listener.paceChanged(blockMs);
  };
  const weather = new Weather();
  const control = controlMethods(
    chain,
    { stall: (stalled) => clock.stall(stalled), setBlockMs },
    weather,
    init.controlToken,
  );
  const server = await listen(init.port, chain, { ...plainMethods(chain), ...control }, weather).catch(
    (thrown: unknown) => {
      chain.close();
      throw thrown;
    },
  );
  for (const notice of chain.notices) listener.notice(notice);
  clock.start(chain.hasBegun ? init.restMs : 0);
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= (async () => {
      clock.stop();
      await server.close();
      chain.close();
    })();
    return stopped;
  };
  signal.addEventListener('abort', () => void stop(), { once: true });
  return {
    url: server.url,
    genesisHash: chain.genesisHash,
    hasBegun: chain.hasBegun,
    get blockMs() {
      return chain.blockMs;
    },
    lost: chain.lost,
    sealBlock: () => chain.seal(),
    setBlockMs,
    goOn: () => clock.goOn(),
    stop,
  };
}
