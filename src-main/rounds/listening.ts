import type { ChildClient } from '../../src-shared/contract/child.ts';
import type { SwarmContract } from '../../src-shared/contract/swarm.ts';
import { type Clock, readClock } from '../../src-shared/rounds/clock.ts';
import type { Chain } from '../network/chain.ts';
import type { ChainPace } from './chain-pace.ts';
import type { Driver } from './driver.ts';
import { TICK_EVERY_MS } from './limits.ts';
import type { Membership } from './membership.ts';
import { readStartBlock } from './start-block.ts';

export interface ListenRequest {
  readonly chain: Chain;
  readonly swarm: ChildClient<SwarmContract>;
  readonly clock: Clock;
  readonly driver: Driver;
  readonly members: Membership;
  readonly pace: ChainPace;
  elapsedMs(): number;
  readonly signal: AbortSignal;
}

/** Tells the machine what chain and `swarm` say, from the newest finalized block on. @returns how to stop */
export function listen(request: ListenRequest): () => void {
  const { chain, swarm, clock, driver, members, pace, elapsedMs, signal } = request;
  let asksStart = false;

  async function learnStart(): Promise<void> {
    if (driver.state.start !== null || asksStart) return;
    asksStart = true;
    const block = await readStartBlock(chain, clock, signal);
    asksStart = false;
    if (block !== null) driver.take({ kind: 'start', block });
  }

  function onFinalized(block: number): void {
    pace.note(block, elapsedMs());
    driver.track(learnStart());
    members.refresh(elapsedMs());
    const { start } = driver.state;
    const round = start === null ? -1 : readClock(clock, start, block).round;
    if (round >= 0) members.setRound(round);
    driver.take({ kind: 'finalized', block, atMs: elapsedMs() });
  }

  const unsubscribe = [
    chain.on('finalized', ({ number }) => onFinalized(number)),
    swarm.on('ready', (ready) => driver.take({ kind: 'ready', ready })),
    swarm.on('roster', ({ roster, rosterDigest }) => driver.take({ kind: 'roster', roster, rosterDigest })),
    swarm.on('result', (said) => driver.take({ kind: 'result', ...said })),
    swarm.on('peer', (peer) => driver.take({ kind: 'peer', ...peer })),
  ];
  const ticking = setInterval(
    () => driver.take({ kind: 'tick', nowMs: elapsedMs(), headBlock: chain.head?.number ?? null }),
    TICK_EVERY_MS,
  );
  ticking.unref();
  if (chain.finalized) onFinalized(chain.finalized.number);
  return () => {
    clearInterval(ticking);
    for (const off of unsubscribe) off();
  };
}
