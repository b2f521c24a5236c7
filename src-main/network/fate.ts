import * as v from 'valibot';
import { pause } from '../../src-node/waits.ts';
import { type Hex, hex } from '../../src-shared/units.ts';
import type { CallEffect, TxFate } from './chain.ts';
import { blockHash, type Follower } from './follow.ts';
import { hexNumber } from './header.ts';
import { FATE_RETRY_MS, FATE_STALL_LIMIT_MS } from './limits.ts';
import type { Link } from './link.ts';
import { readDispatch, type SeenEvent } from './reads/events.ts';
import type { Session } from './session.ts';
import type { Signed } from './sign.ts';
import { hexText, parse } from './storage.ts';

/** A signed transaction, and how its events are read. */
export interface Sent extends Signed {
  effectOf(events: readonly SeenEvent[]): CallEffect | null;
}

const blockSchema = v.object({ block: v.object({ extrinsics: v.array(hexText) }) });

/**
 * What a finalized block says of the transaction.
 * @returns null when it is not in that block
 */
export async function fateIn(
  session: Session,
  signed: Sent,
  block: { readonly number: number; readonly hash: Hex },
  signal: AbortSignal,
): Promise<TxFate | null> {
  const answer = await session.socket.request('chain_getBlock', [`0x${block.hash}`], signal);
  const index = parse(blockSchema, answer).block.extrinsics.indexOf(signed.encoded);
  if (index < 0) return null;
  const { hash } = signed;
  const seen = await readDispatch(session, block.hash, index, signal);
  // Included, but its events are pruned: success and failure can no longer be told apart.
  if (seen === undefined) return { kind: 'unknown', hash };
  if (seen.fault !== null) return { kind: 'refused', hash, ...seen.fault, block: block.number };
  const effect = signed.effectOf(seen.events);
  return { kind: 'finalized', hash, block: block.number, blockHash: block.hash, effect };
}

export async function fateAt(
  session: Session,
  signed: Sent,
  blockHashText: string,
  signal: AbortSignal,
): Promise<TxFate | null> {
  const header = await session.socket.request('chain_getHeader', [blockHashText], signal);
  const { number } = parse(v.object({ number: hexNumber }), header);
  return fateIn(session, signed, { number, hash: hex(parse(hexText, blockHashText).slice(2)) }, signal);
}

/**
 * Looks for the transaction in one finalized block after the other until its era has ended. Nothing is sent again:
 * what is not found by then can never be included.
 * @param told the newest block that was searched; null before the first
 * @returns unknown when finality stood still for FATE_STALL_LIMIT_MS, no endpoint answered that long, or on abort
 */
export async function lookUp(
  link: Link,
  follower: Pick<Follower, 'reached'>,
  signed: Sent,
  signal: AbortSignal,
  told: (searchedToBlock: number | null) => void = () => undefined,
): Promise<TxFate> {
  told(null);
  for (let number = signed.era.birth + 1; number <= signed.era.last; number++) {
    if (!(await follower.reached(number, FATE_STALL_LIMIT_MS, signal))) return unknown(signed);
    const fate = await untilAnswered(
      () => link.read((session) => fateInNumber(session, signed, number, signal), signal),
      signal,
    );
    if (fate !== null) return fate ?? unknown(signed);
    told(number);
  }
  return { kind: 'expired', hash: signed.hash };
}

const unknown = ({ hash }: Sent): TxFate => ({ kind: 'unknown', hash });

/** A block that is final can be read again and again. @returns undefined after FATE_STALL_LIMIT_MS or on abort. */
async function untilAnswered<T>(read: () => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const deadlineMs = performance.now() + FATE_STALL_LIMIT_MS;
  while (!signal.aborted && performance.now() < deadlineMs) {
    try {
      return await read();
    } catch {
      await pause(FATE_RETRY_MS, signal);
    }
  }
  return undefined;
}

async function fateInNumber(
  session: Session,
  signed: Sent,
  number: number,
  signal: AbortSignal,
): Promise<TxFate | null> {
  return fateIn(session, signed, { number, hash: await blockHash(session, number, signal) }, signal);
}
