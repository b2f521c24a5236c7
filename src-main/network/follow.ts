import * as v from 'valibot';
import { within } from '../../src-node/waits.ts';
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
  /** Resolves when head and finalized block are known for the first time. */
  readonly started: Promise<void>;
  /** Waits until that block is final. @returns false when the limit passed or the signal aborted before. */
  reached(block: number, limitMs: number, signal: AbortSignal): Promise<boolean>;
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
  const started = Promise.withResolvers<void>();
  const waiting = new Set<() => void>();

  const hashOf = (session: Session, header: unknown): Hex =>
    hex(session.registry.createTypeUnsafe('Header', [header]).hash.toHex().slice(2));

  function tellHead(session: Session, raw: unknown): void {
    const { number } = parse(headerSchema, raw);
    seenAtMs = Date.now();
    // After a reconnection the other node may be behind; a reorganisation never goes below what is final.
    if (finalized && number < finalized.number) return;
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
    for (const look of waiting) look();
  }

  async function subscribe(session: Session): Promise<void> {
    const { socket } = session;
    await socket.subscribe(NEW_HEADS, [], (raw) => guard(session, () => tellHead(session, raw)));
    const finalize = (raw: unknown) => {
      queue = queue.then(() => guard(session, () => tellFinalized(session, raw)));
      return queue;
    };
    await socket.subscribe(FINALIZED_HEADS, [], finalize);
    // A node may announce nothing before its next block; what stands already is asked for.
    tellHead(session, await socket.request('chain_getHeader', [], signal));
    const hash = await socket.request('chain_getFinalizedHead', [], signal);
    await finalize(await socket.request('chain_getHeader', [hash], signal));
    // A block that could not be read has closed this session: the next one begins anew.
    if (finalized) started.resolve();
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
    started: started.promise,
    async reached(block, limitMs, wait) {
      const there = Promise.withResolvers<void>();
      const look = () => {
        if (finalized && finalized.number >= block) there.resolve();
      };
      waiting.add(look);
      look();
      try {
        await within(there.promise, `block ${block}`, limitMs, wait);
        return true;
      } catch {
        return false;
      } finally {
        waiting.delete(look);
      }
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
