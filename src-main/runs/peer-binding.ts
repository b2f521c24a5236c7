import { ChainClock } from '../../src-node/chain-clock.ts';
import { pause, withLimit } from '../../src-node/waits.ts';
import type { ChildClient } from '../../src-shared/contract/child.ts';
import type { SwarmContract } from '../../src-shared/contract/swarm.ts';
import type { ConnectedChain } from '../network/client.ts';
import type { BindingFields } from '../vault/vault.ts';
import { BINDING_EARLIER_S, BINDING_LIFE_S, CHAIN_TIME_EVERY_MS, RUN_READ_LIMIT_MS } from './limits.ts';

export type BindingChain = Pick<ConnectedChain, 'genesisHash' | 'finalized' | 'blockTimeMs'>;

export interface PeerBindingInit {
  readonly chain: BindingChain;
  readonly netuid: number;
  /** Signs with the hotkey. @returns the encoded binding */
  readonly sign: (fields: BindingFields) => string;
  /** Whether a newer one may be signed: not while another start of the hotkey, a newer one, has the word. */
  readonly mayRenew: () => boolean;
  readonly log: (line: string) => void;
}

/**
 * The hotkey's statement of its peer key, and the time by which peers judge such statements: both go by the chain,
 * for a wall clock that is wrong or set back must part nobody. Renewed before half of its life has passed.
 */
export class PeerBinding {
  readonly #init: PeerBindingInit;
  readonly #clock = new ChainClock();
  #signedAtMs = 0;
  #lastSeq = 0;
  #last: string | null = null;

  constructor(init: PeerBindingInit) {
    this.#init = init;
  }

  /** What a starting `swarm` gets: a fresh binding, and the chain's time where a block could be read. */
  async atStart(signal: AbortSignal): Promise<{ binding: string; chainTimeMs: number | null }> {
    await this.#readTime(signal).catch((error: unknown) => this.#init.log(`time of the chain: ${error}`));
    const binding = this.#last !== null && !this.#init.mayRenew() ? this.#last : this.#sign();
    return { binding, chainTimeMs: this.#chainTimeMs() };
  }

  /** Keeps a running `swarm` up to date until the signal aborts. A restarted one begins with `atStart`. */
  async keep(swarm: Pick<ChildClient<SwarmContract>, 'call'>, signal: AbortSignal): Promise<void> {
    for (;;) {
      await pause(CHAIN_TIME_EVERY_MS, signal);
      if (signal.aborted) return;
      await this.refresh(swarm, signal).catch((error: unknown) => {
        if (!signal.aborted) this.#init.log(`binding and time of the chain: ${error}`);
      });
    }
  }

  /** Tells `swarm` the chain's time, and a new binding where the old one has reached half of its life. */
  async refresh(swarm: Pick<ChildClient<SwarmContract>, 'call'>, signal: AbortSignal): Promise<void> {
    const limit = withLimit(signal, RUN_READ_LIMIT_MS);
    await this.#readTime(limit);
    const unixMs = this.#chainTimeMs();
    if (unixMs !== null) await swarm.call('setChainTime', { unixMs }, limit);
    // Also the other way round: one signed by a wall clock that was years ahead, before a block told the time.
    if (Math.abs(this.#nowMs() - this.#signedAtMs) < (BINDING_LIFE_S * 1_000) / 2) return;
    if (this.#init.mayRenew()) await this.renew(swarm, limit);
  }

  /** Presents a binding that is newer than every other of this hotkey: this start takes the word. */
  async renew(swarm: Pick<ChildClient<SwarmContract>, 'call'>, signal: AbortSignal): Promise<void> {
    const limit = withLimit(signal, RUN_READ_LIMIT_MS);
    await swarm.call('renewBinding', { binding: this.#sign() }, limit);
  }

  async #readTime(signal: AbortSignal): Promise<void> {
    const { chain } = this.#init;
    const limit = withLimit(signal, RUN_READ_LIMIT_MS);
    const unixMs = chain.finalized && (await chain.blockTimeMs(chain.finalized.hash, limit));
    if (unixMs) this.#clock.set(unixMs);
  }

  #sign(): string {
    const { chain, netuid, sign } = this.#init;
    const nowMs = this.#nowMs();
    const notBefore = Math.floor(nowMs / 1_000) - BINDING_EARLIER_S;
    // Milliseconds as sequence number: the newest start of a hotkey wins, wherever it was.
    const seq = Math.max(Math.floor(nowMs), this.#lastSeq + 1);
    const fields = {
      netuid,
      genesisHash: chain.genesisHash,
      notBefore,
      notAfter: notBefore + BINDING_LIFE_S,
      seq,
    };
    const binding = sign(fields);
    [this.#signedAtMs, this.#lastSeq, this.#last] = [nowMs, seq, binding];
    return binding;
  }

  #chainTimeMs(): number | null {
    const nowMs = this.#clock.nowMs();
    return nowMs === null ? null : Math.floor(nowMs);
  }

  /** A chain that keeps no time leaves us the wall clock. */
  #nowMs(): number {
    return this.#clock.nowMs() ?? Date.now();
  }
}
