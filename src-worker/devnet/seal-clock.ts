import type { Notices } from '../../src-node/notices.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import type { ErrorCode } from '../../src-shared/errors/catalogue.ts';
import type { Chain } from './chain/chain.ts';
import { SEAL_RETRY_MS } from './limits.ts';

/**
 * From when the next distance counts, by the monotonic clock: from when this block was due, so that nothing drifts, or
 * from now where it is far too late (a suspended machine): blocks that were missed are not made up for.
 * @param dueMs when the block that is sealed now was due
 */
export function anchorMs(dueMs: number, nowMs: number, blockMs: number): number {
  return nowMs - dueMs < blockMs / 2 ? dueMs : nowMs;
}

/** Seals a chain's blocks. Where one cannot be built or kept it says so, waits, and tries again. */
export class SealClock {
  readonly #chain: Chain;
  readonly #notices: Notices;
  #timer: NodeJS.Timeout | undefined;
  /** When the last block was due. */
  #lastDueMs = 0;
  #isRunning = false;
  #isStalled = false;
  /** By the monotonic clock: until then no block is made that nobody asks for. */
  #restsUntilMs = 0;
  #told: ErrorCode | null = null;

  constructor(chain: Chain, notices: Notices) {
    this.#chain = chain;
    this.#notices = notices;
  }

  /** @param restMs waits at most so long for `goOn` or a transaction before the first block */
  start(restMs = 0): void {
    this.#isRunning = true;
    this.#lastDueMs = performance.now();
    this.#restsUntilMs = this.#lastDueMs + restMs;
    this.#wait();
  }

  /** Ends the rest. */
  goOn(): void {
    this.#restsUntilMs = 0;
  }

  /** Stops the sealing of blocks, and with it finality, until it is lifted. */
  stall(isStalled: boolean): void {
    this.#isStalled = isStalled;
  }

  /** The next block comes this long after the last one. @throws {AppError} NOT_NOW for a chain sealed on request */
  setBlockMs(blockMs: number): void {
    if (this.#chain.blockMs === null)
      throw new AppError('NOT_NOW', { what: 'a block time', state: 'sealed on request' });
    this.#chain.setBlockMs(blockMs);
    this.#wait();
  }

  stop(): void {
    this.#isRunning = false;
    clearTimeout(this.#timer);
  }

  /** Waits for the next block by the pace that holds now, or for room. */
  #wait(): void {
    clearTimeout(this.#timer);
    const { blockMs } = this.#chain;
    if (!this.#isRunning || blockMs === null) return;
    const nowMs = performance.now();
    const waitMs = this.#told === null ? this.#lastDueMs + blockMs - nowMs : SEAL_RETRY_MS;
    this.#timer = setTimeout(() => this.#tick(), Math.max(0, waitMs));
  }

  #tick(): void {
    const blockMs = this.#chain.blockMs ?? 0;
    this.#lastDueMs = anchorMs(this.#lastDueMs + blockMs, performance.now(), blockMs);
    if (!this.#isStalled && !this.#isResting()) this.#seal();
    this.#wait();
  }

  /** A transaction ends it for good: whoever sent it waits for a block, and then for finality. */
  #isResting(): boolean {
    if (this.#chain.transactions.size > 0) this.goOn();
    return performance.now() < this.#restsUntilMs;
  }

  #seal(): void {
    try {
      this.#chain.seal();
    } catch (thrown) {
      this.#tell(thrown);
      return;
    }
    if (this.#told !== null) this.#notices.clearNotice(this.#told);
    this.#told = null;
  }

  /** Once for each kind of fault, however long it lasts. */
  #tell(thrown: unknown): void {
    const block = this.#chain.headNumber + 1;
    const error =
      thrown instanceof AppError ? thrown : new AppError('DEVNET_BLOCK_FAILED', { block }, thrown);
    if (error.code === this.#told) return;
    // A full disk explains itself; anything else is a fault that has to be found.
    console.error(`block ${block} waits:`, thrown instanceof AppError ? thrown.message : thrown);
    if (this.#told !== null) this.#notices.clearNotice(this.#told);
    this.#told = error.code;
    this.#notices.notice(error);
  }
}
