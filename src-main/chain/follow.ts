import * as v from 'valibot';
import { type Hex, hex } from '../../src-shared/units.ts';
import type { BlockRef } from './chain.ts';
import { GAP_BLOCKS_MAX, GAP_REQUESTS_AT_ONCE, SILENCE_LIMIT_MS } from './limits.ts';
import type { Link } from './link.ts';
import { FINALIZED_HEADS, NEW_HEADS } from './node-socket.ts';
import type { Session } from './session.ts';
import { hexText, parse } from './storage.ts';

/**
 * Heads and finalized blocks across reconnections. Finalized blocks are told in order and without gaps: what the
 * subscription skipped, or what passed while the socket was away, is asked for by number. A gap longer than
 * GAP_BLOCKS_MAX is told from its last GAP_BLOCKS_MAX blocks on: state before is pruned.
 */
export interface Follower {
  readonly head: BlockRef | null;
  readonly finalized: BlockRef | null;
  stop(): void;
}

export interface FollowEvents {
  head(block: BlockRef): void;
  finalized(block: BlockRef): void;
}

const headerSchema = v.object({
  number: v.pipe(v.string(), v.regex(/^0x[0-9a-f]{1,13}$/), v.transform(Number)),
  parentHash: hexText,
});

export function follow(link: Link, events: FollowEvents, signal: AbortSignal): Follower {
  let head: BlockRef | null = null;
  let finalized: BlockRef | null = null;
  let seenAtMs = Date.now();
  // One finalized block after another: a gap is filled before the next announcement is looked at.
  let queue = Promise.resolve();

  const hashOf = (session: Session, header: unknown): Hex =>
    hex(session.registry.createTypeUnsafe('Header', [header]).hash.toHex().slice(2));

  function tellHead(session: Session, raw: unknown): void {
    const { number } = parse(headerSchema, raw);
    seenAtMs = Date.now();
    head = { number, hash: hashOf(session, raw), seenAtMs };
    events.head(head);
  }

  async function tellFinalized(session: Session, raw: unknown): Promise<void> {
    const { number } = parse(headerSchema, raw);
    if (finalized && number <= finalized.number) return;
    seenAtMs = Date.now();
    const from = finalized ? Math.max(finalized.number + 1, number - GAP_BLOCKS_MAX) : number;
    for (let first = from; first < number; first += GAP_REQUESTS_AT_ONCE) {
      const numbers = span(first, Math.min(number, first + GAP_REQUESTS_AT_ONCE));
      const hashes = await Promise.all(numbers.map((n) => blockHash(session, n, signal)));
      numbers.forEach((n, i) => {
        if (hashes[i]) advance({ number: n, hash: hashes[i], seenAtMs });
      });
    }
    advance({ number, hash: hashOf(session, raw), seenAtMs });
  }

  function advance(block: BlockRef): void {
    if (signal.aborted) return;
    finalized = block;
    events.finalized(block);
  }

  async function subscribe(session: Session): Promise<void> {
    await session.socket.subscribe(NEW_HEADS, [], (raw) => guard(session, () => tellHead(session, raw)));
    await session.socket.subscribe(FINALIZED_HEADS, [], (raw) => {
      queue = queue.then(() => guard(session, () => tellFinalized(session, raw)));
    });
  }

  const unlink = link.onSession((session) => {
    if (session) void guard(session, () => subscribe(session));
  });
  const watch = setInterval(() => void askForLife(), SILENCE_LIMIT_MS);
  watch.unref();

  /** A socket can stay open to a node that is gone (sleep, a changed network): one that does not answer is closed. */
  async function askForLife(): Promise<void> {
    const session = link.session;
    if (!session || Date.now() - seenAtMs < SILENCE_LIMIT_MS) return;
    await session.socket.request('chain_getFinalizedHead', [], signal).catch(() => session.close());
  }

  return {
    get head() {
      return head;
    },
    get finalized() {
      return finalized;
    },
    stop() {
      clearInterval(watch);
      unlink();
    },
  };
}

/** A node that sends what is no header, or cannot answer for a block it announced, is left for the next one. */
async function guard(session: Session, work: () => void | Promise<void>): Promise<void> {
  try {
    await work();
  } catch {
    session.close();
  }
}

/** @throws {AppError} CHAIN_ANSWER_MALFORMED when the chain has no such block. */
export async function blockHash(session: Session, block: number, signal: AbortSignal): Promise<Hex> {
  const answer = parse(hexText, await session.socket.request('chain_getBlockHash', [block], signal));
  return hex(answer.slice(2));
}

const span = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
