import type { ChildClient } from '../../src-shared/contract/child.ts';
import type { SwarmContract } from '../../src-shared/contract/swarm.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import type { Chain } from '../network/chain.ts';
import { CHAIN_READ_LIMIT_MS, MEMBERS_EVERY_MS } from './limits.ts';

/** Tells `swarm` who is registered and who witnesses, whenever that may have changed. */
export interface Membership {
  /** Looks at the chain if the last look is old enough; at most one look at a time. */
  refresh(nowMs: number): void;
  setWitnesses(witnesses: readonly Ss58[]): void;
  /** Says it again, to a `swarm` that has just started. */
  repeat(): void;
}

export function membership(
  chain: Chain,
  swarm: ChildClient<SwarmContract>,
  witnessesAtFirst: readonly Ss58[],
  signal: AbortSignal,
): Membership {
  let witnesses = witnessesAtFirst;
  let hotkeys: readonly Ss58[] | null = null;
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  let looking = false;
  let told = '';

  async function tell(): Promise<void> {
    if (!hotkeys) return;
    const said = [...hotkeys, '', ...witnesses].join();
    if (said === told) return;
    await swarm.call('setMembers', { hotkeys: [...hotkeys], witnesses: [...witnesses] }, signal);
    told = said;
  }

  async function look(): Promise<void> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(CHAIN_READ_LIMIT_MS)]);
    hotkeys = (await chain.metagraph(null, limit)).map(({ hotkey }) => hotkey);
    await tell();
  }

  // A look that failed is repeated at the next block; the list we have stays good meanwhile.
  const quietly = (work: Promise<void>) => work.catch(() => undefined);
  return {
    refresh(nowMs) {
      if (looking || nowMs - lookedAtMs < MEMBERS_EVERY_MS) return;
      looking = true;
      lookedAtMs = nowMs;
      void quietly(look()).finally(() => {
        looking = false;
      });
    },
    setWitnesses(next) {
      witnesses = next;
      void quietly(tell());
    },
    repeat() {
      told = '';
      void quietly(tell());
    },
  };
}
