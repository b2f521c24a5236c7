import { withLimit } from '../../src-node/waits.ts';
import type { ChildClient } from '../../src-shared/contract/child.ts';
import type { SwarmContract } from '../../src-shared/contract/swarm.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import type { Axon, Chain } from '../network/chain.ts';
import {
  CHAIN_DIRECTORY_AGAIN_MS,
  CHAIN_DIRECTORY_EVERY_MS,
  CHAIN_READ_LIMIT_MS,
  SWARM_CALL_LIMIT_MS,
} from './limits.ts';

/** Tells `swarm` where the chain says that hotkeys answer. */
export interface ChainDirectory {
  /** Reads it where the last reading is old enough. @throws {AppError} what kept it from being read or told */
  refresh(hotkeys: readonly Ss58[], nowMs: number): Promise<void>;
  /** To a `swarm` that has just started: it is read anew at the next refresh. */
  repeat(): void;
}

export function chainDirectory(
  chain: Pick<Chain, 'axons'>,
  swarm: Pick<ChildClient<SwarmContract>, 'call'>,
  signal: AbortSignal,
): ChainDirectory {
  let dueAtMs = Number.NEGATIVE_INFINITY;
  return {
    async refresh(hotkeys, nowMs) {
      if (nowMs < dueAtMs) return;
      dueAtMs = nowMs + CHAIN_DIRECTORY_AGAIN_MS;
      const axons = await chain.axons(hotkeys, null, withLimit(signal, CHAIN_READ_LIMIT_MS));
      const entries = [...axons].map(([hotkey, axon]) => ({ hotkey, address: addressOf(axon) }));
      await swarm.call('setDirectory', { entries }, withLimit(signal, SWARM_CALL_LIMIT_MS));
      dueAtMs = nowMs + CHAIN_DIRECTORY_EVERY_MS;
    },
    repeat() {
      dueAtMs = Number.NEGATIVE_INFINITY;
    },
  };
}

const addressOf = ({ ip, port }: Axon): string => `/${ip.includes(':') ? 'ip6' : 'ip4'}/${ip}/tcp/${port}`;
