import type { Hex, Ss58 } from '../../src-shared/units.ts';
import type { Network } from '../network/client.ts';
import type { OwnTransactionRow } from '../store/rows.ts';
import { demandReadable, type OwnTransaction, ofRow } from './own-transaction.ts';

/**
 * What another process of this user has under way: a terminal beside a host, or a host beside a terminal. Each keeps a
 * journal of its own, and the same order could be sent by both.
 */
export interface Elsewhere {
  /** Of a coldkey on a chain. @throws {AppError} ORDER_UNREADABLE, or of the disk: what cannot be read may be anything */
  open(genesisHash: Hex, coldkey: Ss58): Promise<readonly OwnTransaction[]>;
  /**
   * The same. Whose era has ended is looked up here, and is open no more where the chain says what became of it: the
   * process that signed it may never run again.
   */
  openOn(
    network: Pick<Network, 'genesisHash' | 'finalized' | 'money'>,
    coldkey: Ss58,
    signal: AbortSignal,
  ): Promise<readonly OwnTransaction[]>;
}

/** @param read whose fate is open in the other journal */
export function watchElsewhere(read: () => Promise<readonly OwnTransactionRow[]>): Elsewhere {
  const ended = new Set<string>();

  async function open(genesisHash: Hex, coldkey: Ss58): Promise<readonly OwnTransaction[]> {
    const rows = (await read()).filter(
      (row) => row.genesisHash === genesisHash && row.coldkey === coldkey && !ended.has(row.id),
    );
    demandReadable(rows);
    return rows.map(ofRow).filter((one) => one !== null);
  }

  return {
    open,
    async openOn(network, coldkey, signal) {
      const { genesisHash, money } = network;
      for (const { id, signed, call } of await open(genesisHash, coldkey)) {
        if ((network.finalized?.number ?? 0) < signed.lastBlock) continue;
        const fate = await money.lookUp(signed, call, signal, () => undefined);
        if (fate.kind !== 'unknown' || fate.block !== null) ended.add(id);
      }
      return open(genesisHash, coldkey);
    },
  };
}
