import {
  BLOCK_HASH_COUNT,
  MAX_BLOCK_BYTES,
  MAX_CALLS_PER_BLOCK,
  MAX_EXTRINSICS_PER_BLOCK,
} from '../limits.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { systemStorage } from '../runtime/system.ts';
import { checkMeans } from './admission.ts';
import { Executor } from './executor.ts';
import { type Extrinsic, timestampInherent } from './extrinsic.ts';
import { type Block, extrinsicsRoot, type Header, headerHash, stateRoot } from './header.ts';
import type { Change, History } from './history.ts';
import type { Order } from './orders.ts';
import { Overlay } from './overlay.ts';
import { Refusal } from './refusal.ts';
import type { Transactions } from './transactions.ts';

/** A block that nobody has heard of yet. */
export interface Built {
  readonly block: Block;
  readonly changes: readonly Change[];
  readonly taken: readonly Extrinsic[];
}

interface Building {
  readonly runtime: Runtime;
  readonly transactions: Transactions;
  readonly history: History;
  readonly parent: Block;
  readonly order: Order;
  readonly timeMs: number;
}

/**
 * The next block on its parent, out of what waits. Whoever cannot be in it leaves the pool; nothing else changes. Where
 * what was taken makes a block that cannot be finished (a fault of ours), it leaves the pool too, and the block is built
 * without: no transaction may stop the chain.
 */
export function buildBlock(building: Building): Built {
  const taken: Extrinsic[] = [];
  try {
    return build(building, taken, true);
  } catch (thrown) {
    if (taken.length === 0) throw thrown;
    console.error(`a block with ${taken.length} transactions cannot be finished`, thrown);
    for (const extrinsic of taken) building.transactions.remove(extrinsic, 'invalid');
    return build(building, [], false);
  }
}

/** @param taken filled with what the block holds, also where it cannot be finished */
function build(building: Building, taken: Extrinsic[], takes: boolean): Built {
  const { runtime, transactions, history, parent, order, timeMs } = building;
  const number = parent.header.number + 1;
  const overlay = new Overlay(
    (key) => history.at(key, number - 1),
    (prefix) => history.keys(prefix, number - 1),
  );
  const executor = new Executor(runtime, overlay, number);
  executor.initialize(parent.hash, number - BLOCK_HASH_COUNT);
  for (const each of order.funding) executor.fund(each);
  for (const netuid of order.dissolved) executor.dissolve(netuid);
  if (order.upgrade) executor.upgrade(order.upgrade);
  executor.setTime(timeMs);
  if (takes) execute(runtime, executor, transactions, taken);
  executor.finish();
  const changes = overlay.changes();
  const extrinsics = [timestampInherent(timeMs, runtime.codecs), ...taken.map(({ bytes }) => bytes)];
  const header: Header = {
    parentHash: parent.hash,
    number,
    stateRoot: stateRoot(parent.header.stateRoot, changes),
    extrinsicsRoot: extrinsicsRoot(extrinsics),
    ...(order.upgrade ? { bringsRuntime: true } : {}),
  };
  return { block: { hash: headerHash(header), header, extrinsics }, changes, taken };
}

function execute(runtime: Runtime, executor: Executor, transactions: Transactions, taken: Extrinsic[]): void {
  const { store } = executor.context;
  let calls = 0;
  let bytes = 0;
  for (const extrinsic of transactions.ready(MAX_EXTRINSICS_PER_BLOCK)) {
    try {
      checkMeans(runtime, extrinsic, store);
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) throw thrown;
      transactions.remove(extrinsic, 'invalid');
      continue;
    }
    calls += runtime.callCount(extrinsic.call);
    bytes += extrinsic.bytes.length;
    // What is too much for this block waits for the next one; alone it is never too much.
    if (calls > MAX_CALLS_PER_BLOCK || bytes > MAX_BLOCK_BYTES) break;
    // Its forerunner may just have been refused, or its account have ended: then it waits.
    if (store.get(systemStorage.Account, extrinsic.signer).nonce !== extrinsic.nonce) continue;
    if (apply(executor, transactions, extrinsic, taken.length + 1)) taken.push(extrinsic);
  }
}

/** One that the rules cannot even refuse (a fault of ours) leaves nothing behind: it must not stop the chain. */
function apply(executor: Executor, transactions: Transactions, extrinsic: Extrinsic, index: number): boolean {
  try {
    executor.apply(extrinsic, index);
    return true;
  } catch (thrown) {
    console.error(`transaction ${extrinsic.hash} of ${extrinsic.signer} cannot be executed`, thrown);
    transactions.remove(extrinsic, 'invalid');
    return false;
  }
}
