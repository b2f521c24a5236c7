import type { ConnectedChain } from '../network/client.ts';
import type { BatchedRows, BatchedTable } from '../store/rows.ts';
import type { SubnetStore } from '../store/subnet-store.ts';

/** A chain as far as what is kept of a subnet goes. */
export type RecordedChain = Pick<
  ConnectedChain,
  'snapshot' | 'on' | 'economy' | 'blockHash' | 'blockTimeMs' | 'metagraph'
>;

export interface RecorderOptions {
  readonly chain: RecordedChain;
  readonly store: SubnetStore;
  add<T extends BatchedTable>(table: T, row: BatchedRows[T]): void;
  log(line: string): void;
  nowMs(): number;
}
