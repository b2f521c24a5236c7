import { withLimit } from '../../src-node/waits.ts';
import type { ChildClient } from '../../src-shared/contract/child.ts';
import type { SwarmContract } from '../../src-shared/contract/swarm.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import type { Chain } from '../network/chain.ts';
import { chainDirectory } from './chain-directory.ts';
import { CHAIN_READ_LIMIT_MS, MEMBERS_EVERY_MS, SWARM_CALL_LIMIT_MS } from './limits.ts';

/** Tells `swarm` who is registered, who witnesses and which round it is, whenever that may have changed. */
export interface Membership {
  /** Looks at the chain if the last look is old enough; at most one look at a time. */
  refresh(nowMs: number): void;
  setWitnesses(witnesses: readonly Ss58[]): void;
  /** The round in progress by the newest finalized block. */
  setRound(round: number): void;
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
  const directory = chainDirectory(chain, swarm, signal);
  let told = '';
  let round: number | null = null;
  let toldRound: number | null = null;

  async function tell(): Promise<void> {
    if (!hotkeys) return;
    const said = [...hotkeys, '', ...witnesses].join();
    if (said === told) return;
    await swarm.call(
      'setMembers',
      { hotkeys: [...hotkeys], witnesses: [...witnesses] },
      withLimit(signal, SWARM_CALL_LIMIT_MS),
    );
    told = said;
  }

  async function tellRound(): Promise<void> {
    if (round === null || round === toldRound) return;
    const said = round;
    await swarm.call('setRound', { round: said }, withLimit(signal, SWARM_CALL_LIMIT_MS));
    toldRound = said;
  }

  async function look(): Promise<void> {
    const limit = withLimit(signal, CHAIN_READ_LIMIT_MS);
    hotkeys = (await chain.metagraph(null, limit)).map(({ hotkey }) => hotkey);
    await tell();
    await directory.refresh(hotkeys, lookedAtMs);
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
    setRound(now) {
      round = now;
      void quietly(tellRound());
    },
    repeat() {
      told = '';
      toldRound = null;
      directory.repeat();
      void quietly(tell());
      void quietly(tellRound());
    },
  };
}
