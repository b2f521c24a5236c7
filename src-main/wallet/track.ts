import { pause, withLimit } from '../../src-node/waits.ts';
import type { TxFate } from '../network/chain.ts';
import type { Network } from '../network/client.ts';
import type { Networks } from '../network/networks.ts';
import { MONEY_TX_LIMIT_MS, TRACK_AGAIN_MS } from './limits.ts';
import { networkOf, whileOpen } from './money-networks.ts';
import { stateOf } from './outcome.ts';
import type { OwnTransaction } from './own-transaction.ts';
import type { Transactions } from './transactions.ts';

/** Finds out what became of transactions, whichever process signed them. Nothing is ever sent here. */
export interface Tracker {
  /** Follows one whose fate is open until it is known; resolves then, or with the signal. */
  find(transaction: OwnTransaction): Promise<void>;
  /** Ends one by what the chain said of it. @returns whether its fate is known now */
  end(transaction: OwnTransaction, fate: TxFate, network: Network): Promise<boolean>;
}

export function openTracker(networks: Networks, transactions: Transactions, signal: AbortSignal): Tracker {
  async function end(transaction: OwnTransaction, fate: TxFate, network: Network): Promise<boolean> {
    const { id } = transaction;
    // A block whose events are gone says nothing later either; whatever else could not be read may be read later.
    if (fate.kind === 'unknown' && fate.block === null) return false;
    const state = await stateOf(transaction, fate, network.money, signal);
    if (signal.aborted) return false;
    transactions.change(id, state, false);
    return true;
  }

  async function lookOnce(transaction: OwnTransaction): Promise<boolean> {
    const { id, genesisHash, signed, call } = transaction;
    const network = await networkOf(networks, genesisHash, signal);
    const open = whileOpen(networks, network, signal);
    try {
      const fate = await network.money.lookUp(
        signed,
        call,
        withLimit(open.signal, MONEY_TX_LIMIT_MS),
        (searchedToBlock) => transactions.change(id, { kind: 'unknown', searchedToBlock }, true),
      );
      return await end(transaction, fate, network);
    } finally {
      open.end();
    }
  }

  return {
    end,
    async find(transaction) {
      while (!signal.aborted) {
        const isKnown = await lookOnce(transaction).catch(() => false);
        if (isKnown) return;
        await pause(TRACK_AGAIN_MS, signal);
      }
    },
  };
}
