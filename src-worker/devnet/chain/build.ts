import { BLOCK_HASH_COUNT, MAX_CALLS_PER_BLOCK, MAX_EXTRINSICS_PER_BLOCK } from '../limits.ts';
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

/** The next block on its parent, out of what waits. Whoever cannot be in it leaves the pool; nothing else changes. */
export function buildBlock({ runtime, transactions, history, parent, order, timeMs }: Building): Built {
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
  const taken = execute(runtime, executor, transactions);
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

function execute(runtime: Runtime, executor: Executor, transactions: Transactions): Extrinsic[] {
  const { store } = executor.context;
  const taken: Extrinsic[] = [];
  let calls = 0;
  for (const extrinsic of transactions.ready(MAX_EXTRINSICS_PER_BLOCK)) {
    try {
      checkMeans(runtime, extrinsic, store);
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) throw thrown;
      transactions.remove(extrinsic, 'invalid');
      continue;
    }
    calls += runtime.callCount(extrinsic.call);
    // What is too much for this block waits for the next one; alone it is never too much.
    if (calls > MAX_CALLS_PER_BLOCK && taken.length > 0) break;
    // Its forerunner may just have been refused, or its account have ended: then it waits.
    if (store.get(systemStorage.Account, extrinsic.signer).nonce !== extrinsic.nonce) continue;
    if (apply(executor, transactions, extrinsic, taken.length + 1)) taken.push(extrinsic);
  }
  return taken;
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
