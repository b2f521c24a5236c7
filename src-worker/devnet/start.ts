import * as v from 'valibot';
import { type DevnetInit, type DevnetOptions, devnetInitSchema } from '../../src-shared/contract/devnet.ts';
import { Chain } from './chain/chain.ts';
import { controlMethods } from './rpc/control.ts';
import { plainMethods } from './rpc/methods.ts';
import { listen } from './rpc/server.ts';

export interface Devnet {
  readonly url: string;
  readonly genesisHash: string;
  /** Seals one block now. @returns its number. */
  sealBlock(): number;
  stop(): Promise<void>;
}

/** Opens or begins a practice chain and serves it. Block 1 is there before the first client. */
export async function startDevnet(options: DevnetOptions, signal: AbortSignal): Promise<Devnet> {
  const init = v.parse(devnetInitSchema, options);
  signal.throwIfAborted();
  const chain = new Chain(init);
  const clock = new SealClock(chain, init.blockMs);
  const methods = { ...plainMethods(chain), ...controlMethods(chain, clock, init.controlToken) };
  const server = await listen(init.port, chain, methods).catch((thrown: unknown) => {
    chain.close();
    throw thrown;
  });
  clock.start();
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
  return { url: server.url, genesisHash: chain.genesisHash, sealBlock: () => chain.seal(), stop };
}

/** Seals at even distances; a block that is late does not hurry the next. */
class SealClock {
  readonly #chain: Chain;
  readonly #blockMs: DevnetInit['blockMs'];
  #timer: NodeJS.Timeout | undefined;
  #stalled = false;

  constructor(chain: Chain, blockMs: DevnetInit['blockMs']) {
    this.#chain = chain;
    this.#blockMs = blockMs;
  }

  start(): void {
    if (this.#blockMs === null) return;
    this.#timer = setInterval(() => {
      if (!this.#stalled) this.#chain.seal();
    }, this.#blockMs);
  }

  stall(stalled: boolean): void {
    this.#stalled = stalled;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
