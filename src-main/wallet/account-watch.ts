import { type Listeners, listeners } from '../../src-node/listeners.ts';
import { withLimit } from '../../src-node/waits.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import type { BlockRef } from '../network/chain.ts';
import type { Network } from '../network/client.ts';
import type { Portfolio } from '../network/reads/portfolio.ts';
import { LOOKED_EVERY_MS, NAMES_KEPT_MS, PORTFOLIO_READ_LIMIT_MS, UNSEEN_EVERY_MS } from './limits.ts';

export type AccountNetwork = Pick<Network, 'finalized' | 'on' | 'portfolio' | 'subnetNames' | 'blockTimeMs'>;

/** An account in the state of one block, as the chain tells it. */
export interface AccountReading extends Portfolio {
  readonly block: number;
  readonly atMs: number;
  readonly subnetNames: ReadonlyMap<number, string>;
  /** When those were all read. */
  readonly namedAtMs: number;
}

interface AccountWatchEvents {
  read: AccountReading;
  /** The newest reading failed; what was known stays. */
  failed: unknown;
}

export interface AccountWatch extends Pick<Listeners<AccountWatchEvents>, 'on'> {
  /** Somebody looks, or nobody does any more: then it is read for the daily total alone. */
  setLooked(isLooked: boolean): void;
  /** Something changed: the next final block is read, whoever looks. */
  look(): void;
  stop(): void;
}

/** Reads one account once, in the state of one final block. */
export async function readAccount(
  network: AccountNetwork,
  coldkey: Ss58,
  at: BlockRef,
  before: AccountReading | null,
  signal: AbortSignal,
): Promise<AccountReading> {
  const limit = withLimit(signal, PORTFOLIO_READ_LIMIT_MS);
  const [portfolio, timeMs] = await Promise.all([
    network.portfolio(coldkey, before?.positions ?? [], at.hash, limit),
    network.blockTimeMs(at.hash, limit),
  ]);
  const names = await readNames(network, portfolio, at, before, limit);
  return { ...portfolio, ...names, block: at.number, atMs: timeMs ?? at.seenAtMs };
}

async function readNames(
  network: AccountNetwork,
  { positions }: Portfolio,
  at: BlockRef,
  before: AccountReading | null,
  signal: AbortSignal,
): Promise<Pick<AccountReading, 'subnetNames' | 'namedAtMs'>> {
  const held = new Set(positions.map(({ netuid }) => netuid));
  const isOld = before === null || Math.abs(at.seenAtMs - before.namedAtMs) > NAMES_KEPT_MS;
  if (isOld) {
    const subnetNames = await network.subnetNames([...held], at.hash, signal);
    return { subnetNames, namedAtMs: at.seenAtMs };
  }
  const { subnetNames, namedAtMs } = before;
  const isNew = [...held].filter((netuid) => !before.positions.some((one) => one.netuid === netuid));
  if (isNew.length === 0) return { subnetNames, namedAtMs };
  return {
    subnetNames: new Map([...subnetNames, ...(await network.subnetNames(isNew, at.hash, signal))]),
    namedAtMs,
  };
}

/**
 * Follows all that a coldkey holds. It is read at once, then in final blocks: often while somebody looks, seldom while
 * nobody does. While a reading is under way newer blocks wait.
 */
export function watchAccount(network: AccountNetwork, coldkey: Ss58): AccountWatch {
  const events = listeners<AccountWatchEvents>();
  const stopping = new AbortController();
  let latest: AccountReading | null = null;
  let readAtMs: number | null = null;
  let isLooked = false;
  let isWanted = true;
  let waiting: BlockRef | null = null;
  let reading = false;

  function isDue(block: BlockRef): boolean {
    if (isWanted || readAtMs === null) return true;
    // A clock that was set back makes no account wait.
    const sinceMs = Math.abs(block.seenAtMs - readAtMs);
    return sinceMs >= (isLooked ? LOOKED_EVERY_MS : UNSEEN_EVERY_MS);
  }

  async function readOn(): Promise<void> {
    reading = true;
    for (let next = waiting; next && !stopping.signal.aborted; next = waiting) {
      waiting = null;
      if (!isDue(next)) continue;
      isWanted = false;
      readAtMs = next.seenAtMs;
      try {
        latest = await readAccount(network, coldkey, next, latest, stopping.signal);
        if (!stopping.signal.aborted) events.emit('read', latest);
      } catch (error) {
        if (stopping.signal.aborted) return;
        // Unknown is not zero: what was known stays, and the next block is tried.
        isWanted = true;
        events.emit('failed', error);
      }
    }
    reading = false;
  }

  function onBlock(block: BlockRef): void {
    waiting = block;
    if (!reading) void readOn();
  }

  const off = network.on('finalized', onBlock);
  if (network.finalized) onBlock(network.finalized);
  return {
    on: events.on,
    setLooked(now) {
      isLooked = now;
      const { finalized } = network;
      if (now && finalized && finalized.number !== latest?.block) onBlock(finalized);
    },
    look() {
      isWanted = true;
    },
    stop() {
      stopping.abort();
      off();
    },
  };
}
