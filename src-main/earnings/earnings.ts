import { pause } from '../../src-node/waits.ts';
import type { EarningsView } from '../../src-shared/contract/page/wallet.ts';
import { dayStart } from '../../src-shared/earnings/periods.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import type { Hex, Ss58 } from '../../src-shared/units.ts';
import type { BlockRef } from '../network/chain.ts';
import type { ConnectedChain } from '../network/client.ts';
import { nextEpochBlock } from '../network/epoch-rule.ts';
import { earningsView } from './book.ts';
import { type BookingChain, bookingOf, type Stretch } from './book-block.ts';
import type { EarningsLedger } from './ledger.ts';
import { CURSOR_EVERY_BLOCKS, EPOCHS_SHOWN, REPLAY_BLOCKS_MAX, RETRY_MS } from './limits.ts';

export interface Earnings {
  /** What the page shows; read from the ledger, so it is the same after a restart. */
  view(): Promise<EarningsView>;
  /** Called after each booking and whenever the next epoch's block changes. @returns a function that ends it. */
  onChange(listener: () => void): () => void;
  stop(): Promise<void>;
}

export type EarningsChain = BookingChain &
  Pick<ConnectedChain, 'netuid' | 'finalized' | 'on' | 'subnet' | 'lastEpochBlock'>;

export interface EarningsOptions {
  readonly chain: EarningsChain;
  readonly hotkey: Ss58;
  readonly coldkey: Ss58;
  readonly ledger: EarningsLedger;
  readonly clock: { now(): number };
  /** Told once for each block that could not be booked and is tried again. */
  readonly onFault?: (error: unknown) => void;
  /** Told once for blocks that the chain no longer tells of: EARNINGS_GAP. */
  onGap(gap: AppError): void;
}

/** Follows finalized blocks and books every epoch that paid this hotkey, once, whatever happens in between. */
export async function startEarnings(options: EarningsOptions): Promise<Earnings> {
  const { chain, hotkey, ledger, clock, onGap } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const listeners = new Set<() => void>();
  let cursor = await ledger.scannedBlock(hotkey);
  let wanted = chain.finalized?.number ?? null;
  let nextEpoch: number | null = null;
  let failedBlock: number | null = null;
  let wake = Promise.withResolvers<void>();

  const changed = () => {
    for (const listener of listeners) listener();
  };

  async function lookAt(block: number, stretch: Stretch): Promise<void> {
    const newest = chain.finalized;
    const at = newest?.number === block ? newest.hash : await chain.blockHash(block, signal);
    const booked = await bookingOf(options, block, at, stretch, signal);
    if (booked || nextEpoch === null || block >= nextEpoch)
      nextEpoch = await dueAfter(chain, block, at, signal);
    // One that is looked at alone is noted now and then: a crash looks at it again.
    const isNoted = block % CURSOR_EVERY_BLOCKS === 0;
    if (booked || isNoted)
      await ledger.bookBlock(
        booked ?? { hotkey, block, epoch: null, moves: [], snapshot: null, account: null },
      );
    if (booked?.epoch || booked?.snapshot || booked?.moves.length) changed();
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      if (wanted === null || (cursor !== null && cursor >= wanted)) {
        await wake.promise;
        continue;
      }
      const block = Math.max((cursor ?? wanted - 1) + 1, wanted - REPLAY_BLOCKS_MAX);
      try {
        const isAfterGap = cursor !== null && block > cursor + 1;
        // The first block is noted at once: a ledger that is lost before the next one is read from here again.
        await lookAt(block, cursor === null ? 'first' : isAfterGap ? 'after-gap' : 'next');
        if (isAfterGap && cursor !== null)
          onGap(new AppError('EARNINGS_GAP', { fromBlock: cursor + 1, toBlock: block - 1 }));
        cursor = block;
      } catch (error) {
        if (signal.aborted) return;
        // A block is never skipped because the chain or the disk was away: the same one is tried again.
        if (failedBlock !== block) options.onFault?.(error);
        failedBlock = block;
        await pause(RETRY_MS, signal);
      }
    }
  }

  const off = chain.on('finalized', (block: BlockRef) => {
    wanted = block.number;
    wake.resolve();
    wake = Promise.withResolvers();
  });
  const running = run();

  return {
    async view() {
      const today = await ledger.epochsSince(hotkey, dayStart(clock.now()));
      return earningsView(today, await ledger.lastEpochs(hotkey, EPOCHS_SHOWN), nextEpoch);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async stop() {
      off();
      stopping.abort();
      wake.resolve();
      await running;
    },
  };
}

async function dueAfter(
  chain: EarningsChain,
  block: number,
  at: Hex,
  signal: AbortSignal,
): Promise<number | null> {
  const [{ tempo }, lastEpochBlock] = await Promise.all([
    chain.subnet(at, signal),
    chain.lastEpochBlock(at, signal),
  ]);
  return nextEpochBlock(block, { netuid: chain.netuid, tempo, lastEpochBlock });
}
