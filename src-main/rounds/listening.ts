import { withLimit } from '../../src-node/waits.ts';
import type { ChildClient } from '../../src-shared/contract/child.ts';
import type { SwarmContract } from '../../src-shared/contract/swarm.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import { type Clock, readClock } from '../../src-shared/rounds/clock.ts';
import type { Chain } from '../network/chain.ts';
import type { ChainPace } from './chain-pace.ts';
import type { Driver } from './driver.ts';
import { SWARM_CALL_LIMIT_MS, TICK_EVERY_MS } from './limits.ts';
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
  /** What a person should know of others. */
  told(error: CodedError): void;
}

/** Tells the machine what chain and `swarm` say, from the newest finalized block on. @returns how to stop */
export function listen(request: ListenRequest): () => void {
  const { chain, swarm, clock, driver, members, pace, elapsedMs, signal, told } = request;
  let asksStart = false;
  let frauds: 'unknown' | 'asked' | 'known' = 'unknown';

  async function learnStart(): Promise<void> {
    if (driver.state.start !== null || asksStart) return;
    asksStart = true;
    const block = await readStartBlock(chain, clock, signal);
    asksStart = false;
    if (block !== null) driver.take({ kind: 'start', block });
  }

  /** Who was proven to have lied before this start; asked again at the next block where `swarm` did not answer. */
  async function learnFrauds(): Promise<void> {
    if (frauds !== 'unknown') return;
    frauds = 'asked';
    const asked = swarm.call('frauds', undefined, withLimit(signal, SWARM_CALL_LIMIT_MS));
    const known = await asked.catch(() => null);
    frauds = known ? 'known' : 'unknown';
    for (const { accused, round } of known ?? []) driver.take({ kind: 'fraud', hotkey: accused, round });
  }

  function onFinalized(block: number): void {
    pace.note(block, elapsedMs());
    driver.track(learnStart());
    driver.track(learnFrauds());
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
    swarm.on('rosterProposal', ({ roster }) => driver.take({ kind: 'proposal', roster })),
    swarm.on('resultsProposal', (vote) => driver.take({ kind: 'resultsProposal', vote })),
    swarm.on('resultsList', (name) => driver.take({ kind: 'resultsList', name })),
    swarm.on('contradiction', (said) => told({ code: 'WITNESS_CONTRADICTS', params: said })),
    swarm.on('fraud', ({ accused, round }) => driver.take({ kind: 'fraud', hotkey: accused, round })),
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
