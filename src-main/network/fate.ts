import * as v from 'valibot';
import { pause } from '../../src-node/waits.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { type Hex, hex } from '../../src-shared/units.ts';
import type { CallEffect, TxFate } from './chain.ts';
import { blockHash, type Follower } from './follow.ts';
import { hexNumber } from './header.ts';
import { FATE_RETRY_MS, FATE_STALL_LIMIT_MS } from './limits.ts';
import type { Link } from './link.ts';
import { readDispatch, type SeenEvent } from './reads/events.ts';
import { NodeError } from './rpc-frame.ts';
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
  const seen = await readDispatch(session, block.hash, index, signal).catch(ifForgotten);
  // Included, but its events are pruned: success and failure can no longer be told apart.
  if (seen === undefined) return { kind: 'unknown', hash, block: block.number };
  if (seen.fault !== null) return { kind: 'refused', hash, ...seen.fault, block: block.number };
  const effect = signed.effectOf(seen.events);
  return { kind: 'finalized', hash, block: block.number, blockHash: block.hash, effect };
}

/** A node that has thrown the state of an old block away says so; any other failure may be none at the next try. */
function ifForgotten(thrown: unknown): undefined {
  if (thrown instanceof NodeError && /discarded|pruned/i.test(thrown.message)) return undefined;
  throw thrown;
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
 * what is not found by then can never be included. A block counts as searched only on a node that itself has it as
 * final: one that lags behind may have another block of that height yet, or none.
 * @param told the newest block that was searched; null before the first
 * @returns unknown, of no block, when finality stood still for FATE_STALL_LIMIT_MS, no endpoint answered that long, or
 * on abort: it can be looked for again
 */
export async function lookUp(
  link: Link,
  follower: Pick<Follower, 'reached'>,
  signed: Sent,
  signal: AbortSignal,
  told: (searchedToBlock: number | null) => void = () => undefined,
): Promise<TxFate> {
  told(null);
  const hasFinal = finalOn();
  for (let number = signed.era.birth + 1; number <= signed.era.last; number++) {
    if (!(await follower.reached(number, FATE_STALL_LIMIT_MS, signal))) return unknown(signed);
    const fate = await untilAnswered(
      () =>
        link.read(async (session) => {
          await hasFinal(session, number, signal);
          return fateInNumber(session, signed, number, signal);
        }, signal),
      signal,
    );
    if (fate !== null) return fate ?? unknown(signed);
    told(number);
  }
  return { kind: 'expired', hash: signed.hash };
}

const unknown = ({ hash }: Sent): TxFate => ({ kind: 'unknown', hash, block: null });

/** Demands of a session that its own node has that block as final. @throws {AppError} CHAIN_ANSWER_MALFORMED */
function finalOn(): (session: Session, number: number, signal: AbortSignal) => Promise<void> {
  let asked: Session | null = null;
  let final = -1;
  return async (session, number, signal) => {
    if (session !== asked || final < number) {
      final = await finalNumber(session, signal);
      asked = session;
    }
    if (final < number)
      throw new AppError('CHAIN_ANSWER_MALFORMED', { what: `block ${number} is not final` });
  };
}

async function finalNumber({ socket }: Session, signal: AbortSignal): Promise<number> {
  const hash = parse(hexText, await socket.request('chain_getFinalizedHead', [], signal));
  const header = await socket.request('chain_getHeader', [hash], signal);
  return parse(v.object({ number: hexNumber }), header).number;
}

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
