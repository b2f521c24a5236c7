import * as v from 'valibot';
import { awakeNow } from '../../src-node/awake-clock.ts';
import { within } from '../../src-node/waits.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { type Hex, hex } from '../../src-shared/units.ts';
import type { BlockRef } from './chain.ts';
import { headerSchema } from './header.ts';
import { watchLife } from './life.ts';
import { GAP_BLOCKS_MAX, GAP_REQUESTS_AT_ONCE, LIFE_LOOK_MS } from './limits.ts';
import type { Link } from './link.ts';
import { FINALIZED_HEADS, NEW_HEADS } from './node-socket.ts';
import type { Session } from './session.ts';
import { type Sign, silence } from './silence.ts';
import { hexText, parse } from './storage.ts';

/**
 * Heads and finalized blocks across reconnections. Finalized blocks are told in order and without gaps: what the
 * subscription skipped, or what passed while the socket was away, is asked for by number. A gap longer than
 * GAP_BLOCKS_MAX is told from its last GAP_BLOCKS_MAX blocks on: state before is pruned.
 */
export interface Follower {
  readonly head: BlockRef | null;
  readonly finalized: BlockRef | null;
  /** Unix milliseconds of the last new block, or last final one, of a chain that has gone silent; else null. */
  readonly silentSinceMs: number | null;
  /** Resolves when head and finalized block are known for the first time. */
  readonly started: Promise<void>;
  /** Waits until that block is final. @returns false when the limit passed or the signal aborted before. */
  reached(block: number, limitMs: number, signal: AbortSignal): Promise<boolean>;
  stop(): void;
}

export interface FollowEvents {
  head(block: BlockRef): void;
  finalized(block: BlockRef): void;
  /** As `Follower.silentSinceMs`, whenever that changes between null and not. */
  silence(sinceMs: number | null): void;
}

/** By what the silence of a chain is looked for. */
export interface Looks {
  /** A clock that never jumps and stands still while this machine sleeps. */
  nowMs(): number;
  /** @returns what ends it */
  every(pauseMs: number, look: () => void): () => void;
}

const looks: Looks = {
  nowMs: awakeNow,
  every(pauseMs, look) {
    const timer = setInterval(look, pauseMs);
    timer.unref();
    return () => clearInterval(timer);
  },
};

export function follow(
  link: Link,
  events: FollowEvents,
  signal: AbortSignal,
  { nowMs, every }: Looks = looks,
): Follower {
  let head: BlockRef | null = null;
  let finalized: BlockRef | null = null;
  let silentSinceMs: number | null = null;
  const signs = silence(nowMs);
  // One finalized block after another: a gap is filled before the next announcement is looked at.
  let queue = Promise.resolve();
  const started = Promise.withResolvers<void>();
  const waiting = new Set<() => void>();

  const hashOf = (session: Session, header: unknown): Hex =>
    hex(session.registry.createTypeUnsafe('Header', [header]).hash.toHex().slice(2));

  function tellHead(session: Session, raw: unknown): void {
    const { number } = parse(headerSchema, raw);
    // After a reconnection the other node may be behind; a reorganisation never goes below what is final.
    if (link.session !== session || (finalized && number < finalized.number)) return;
    const hash = hashOf(session, raw);
    // A new session begins with what the old one has told.
    if (hash === head?.hash) return;
    head = { number, hash, seenAtMs: Date.now() };
    seen('head', number);
    events.head(head);
  }

  function seen(sign: Sign, block: number): void {
    signs.seen(sign, block);
    tellSilence();
  }

  function tellSilence(): void {
    const silentMs = signs.silentForMs();
    if ((silentMs === null) === (silentSinceMs === null)) return;
    silentSinceMs = silentMs === null ? null : Date.now() - silentMs;
    events.silence(silentSinceMs);
  }

  async function tellFinalized(session: Session, raw: unknown): Promise<void> {
    const { number } = parse(headerSchema, raw);
    if (link.session !== session || (finalized && number <= finalized.number)) return;
    const seenAtMs = Date.now();
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
    seen('final', block.number);
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
    if (!session) return;
    signs.opened();
    void guard(session, () => subscribe(session));
  });
  const life = watchLife(
    link,
    signs,
    () => ({ head: head?.number ?? 0, final: finalized?.number ?? 0 }),
    nowMs,
    signal,
  );
  const unwatch = every(LIFE_LOOK_MS, () => {
    tellSilence();
    life.look();
  });

  return {
    get head() {
      return head;
    },
    get finalized() {
      return finalized;
    },
    get silentSinceMs() {
      return silentSinceMs;
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
      unwatch();
      unlink();
    },
  };
}

/** A node that sends what is no header, or cannot answer for a block it announced, is left for the next one. */
async function guard(session: Session, work: () => void | Promise<void>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    session.close(thrown instanceof AppError ? thrown : undefined);
  }
}

/** @throws {AppError} CHAIN_ANSWER_MALFORMED when the chain has no such block. */
export async function blockHash(session: Session, block: number, signal: AbortSignal): Promise<Hex> {
  const hash = await hashIfThere(session, block, signal);
  if (hash === null) throw new AppError('CHAIN_ANSWER_MALFORMED', { what: `no hash of block ${block}` });
  return hash;
}

/** Null where the node knows of no block of that height. */
export async function hashIfThere(session: Session, block: number, signal: AbortSignal): Promise<Hex | null> {
  const asked = await session.socket.request('chain_getBlockHash', [block], signal);
  const answer = parse(v.nullable(hexText), asked);
  return answer === null ? null : hex(answer.slice(2));
}

const span = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
