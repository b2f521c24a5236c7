import { expect, it } from 'vitest';
import type { Network } from '../../../src-main/network/client.ts';
import type { Networks } from '../../../src-main/network/networks.ts';
import type { OwnTransaction } from '../../../src-main/wallet/own-transaction.ts';
import { openTracker } from '../../../src-main/wallet/track.ts';
import type { Transactions } from '../../../src-main/wallet/transactions.ts';
import { hex } from '../../../src-shared/units.ts';

it('a search that only failed leaves it open, however late it is; one that found its block ends it', async () => {
  const changes: unknown[] = [];
  const transactions = {
    change: (...change: unknown[]) => void changes.push(change),
  } as unknown as Transactions;
  const network = { connected: true, finalized: { number: 5_000 } } as unknown as Network;
  const transaction = { id: 'one', signed: { lastBlock: 64 } } as unknown as OwnTransaction;
  const tracker = openTracker({} as Networks, transactions, new AbortController().signal);
  const hash = hex('00'.repeat(32));
  expect(await tracker.end(transaction, { kind: 'unknown', hash, block: null }, network)).toBe(false);
  expect(changes).toEqual([]);
  expect(await tracker.end(transaction, { kind: 'unknown', hash, block: 7 }, network)).toBe(true);
  expect(changes).toEqual([['one', { kind: 'unknown', searchedToBlock: 7, block: 7 }, false]]);
});
