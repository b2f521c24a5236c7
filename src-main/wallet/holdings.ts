import { type Listeners, listeners } from '../../src-node/listeners.ts';
import { withLimit } from '../../src-node/waits.ts';
import type { AlphaRao, Rao, Ss58 } from '../../src-shared/units.ts';
import type { Chain, SubnetSnapshot } from '../network/chain.ts';
import { HOLDINGS_READ_LIMIT_MS } from './limits.ts';

/** What a coldkey holds, all of it in the state of one block. */
export interface Holdings {
  readonly block: number;
  readonly freeRao: Rao;
  /** On the hotkey that was asked for. */
  readonly stakeAlpha: AlphaRao;
  /** Rao for one alpha; null where the runtime offers no price. */
  readonly alphaPriceRao: Rao | null;
}

export interface Account {
  readonly coldkey: Ss58;
  readonly hotkey: Ss58;
}

export interface HoldingsWatch extends Pick<Listeners<{ changed: Holdings }>, 'on'> {
  /** null before the first reading. */
  readonly latest: Holdings | null;
  stop(): void;
}

/** Reads balance and stake of an account in the state of one finalized block. */
export async function readHoldings(
  chain: Pick<Chain, 'balance' | 'stake'>,
  { block, alphaPriceRao }: Pick<SubnetSnapshot, 'block' | 'alphaPriceRao'>,
  { coldkey, hotkey }: Account,
  signal: AbortSignal,
): Promise<Holdings> {
  const [freeRao, stakeAlpha] = await Promise.all([
    chain.balance(coldkey, block.hash, signal),
    chain.stake(hotkey, coldkey, block.hash, signal),
  ]);
  return { block: block.number, freeRao, stakeAlpha, alphaPriceRao };
}

/** Follows an account from block to block. While a reading is under way newer blocks wait. */
export function watchHoldings(
  chain: Pick<Chain, 'balance' | 'stake' | 'snapshot' | 'on'>,
  account: Account,
  onFault: (error: unknown) => void,
): HoldingsWatch {
  const stopping = new AbortController();
  const events = listeners<{ changed: Holdings }>();
  let latest: Holdings | null = null;
  let waiting: SubnetSnapshot | null = null;
  let reading = false;

  async function readOn(): Promise<void> {
    reading = true;
    for (let next = waiting; next && !stopping.signal.aborted; next = waiting) {
      waiting = null;
      try {
        const limit = withLimit(stopping.signal, HOLDINGS_READ_LIMIT_MS);
        latest = await readHoldings(chain, next, account, limit);
        events.emit('changed', latest);
      } catch (error) {
        // What was known stays: unknown is not zero.
        if (!stopping.signal.aborted) onFault(error);
      }
    }
    reading = false;
  }

  function look(snapshot: SubnetSnapshot): void {
    waiting = snapshot;
    if (!reading) void readOn();
  }

  const off = chain.on('snapshot', look);
  if (chain.snapshot) look(chain.snapshot);
  return {
    get latest() {
      return latest;
    },
    on: events.on,
    stop() {
      stopping.abort();
      off();
    },
  };
}
