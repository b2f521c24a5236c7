import { withLimit } from '../../src-node/waits.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import type { SubmitStage, TxFate } from '../network/chain.ts';
import type { Network } from '../network/client.ts';
import type { Networks } from '../network/networks.ts';
import type { ReviewedCall } from '../network/review.ts';
import type { Elsewhere } from './elsewhere.ts';
import type { Holder } from './holders.ts';
import { MONEY_TX_LIMIT_MS } from './limits.ts';
import { whileOpen } from './money-networks.ts';
import type { OwnTransaction } from './own-transaction.ts';
import type { FrozenQuote } from './quotes/quote.ts';
import { refusalOf } from './refusals.ts';
import type { Tracker } from './track.ts';
import type { Transactions } from './transactions.ts';
import { underWay } from './under-way.ts';

export interface CarriedOut {
  readonly id: string;
  readonly frozen: FrozenQuote & { readonly reviewed: ReviewedCall };
  readonly holder: Holder;
  readonly network: Network;
}

export interface CarryOutParts {
  readonly networks: Networks;
  readonly transactions: Transactions;
  readonly tracker: Tracker;
  readonly elsewhere: Pick<Elsewhere, 'open'>;
  log(line: string): void;
  /** Of the desk: what is handed over is followed until then. */
  readonly life: AbortSignal;
}

/**
 * Signs what was agreed to and hands it over, once. Its bytes lie on disk before any node has them, so that a host that
 * dies at whatever moment finds the fate later.
 * @param signal ends it as long as nothing was handed over
 * @returns once it was handed over; what becomes of it is told by `followed`
 * @throws {AppError} what speaks against it while no node can have it
 */
export async function carryOut(
  { id, frozen, holder, network }: CarriedOut,
  { networks, transactions, tracker, elsewhere, log, life }: CarryOutParts,
  signal: AbortSignal,
): Promise<{ readonly followed: Promise<void> }> {
  const { reviewed, order } = frozen;
  const { account, intent } = order;
  const { netuid, call, bytes } = reviewed;
  const { genesisHash } = network;
  const handedOver = Promise.withResolvers<void>();
  const open = whileOpen(networks, network, life);
  const cancelled = new AbortController();
  const cancel = () => cancelled.abort();
  const approve = () => ({ call: bytes, genesisHash });
  let approval = approve();
  let transaction: OwnTransaction | null = null;
  let isAnswered = false;
  let isHandedOver = false;

  async function told(stage: SubmitStage): Promise<void> {
    switch (stage.kind) {
      case 'signed': {
        const { kind: _, ...signed } = stage;
        const state = { kind: 'signed' } as const;
        const atMs = transaction?.atMs ?? Date.now();
        const made = { id, account, genesisHash, netuid, intent, call, atMs, signed, state, isOpen: true };
        await transactions.keep(made);
        transaction = made;
        await demandAlone();
        return;
      }
      case 'unsent':
        // No node can have the first one, and of two with one nonce at most one is ever included.
        approval = approve();
        return;
      case 'sent':
      case 'in-block':
      case 'lost':
        signal.removeEventListener('abort', cancel);
        isHandedOver = true;
        transactions.change(id, stateOfStage(stage), true);
        handedOver.resolve();
    }
  }

  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  const fate = network.money
    .submit(
      reviewed,
      holder.signer(() => approval),
      frozen.subnet ?? { name: null, ownerColdkey: null },
      withLimit(AbortSignal.any([open.signal, cancelled.signal]), MONEY_TX_LIMIT_MS),
      { told, ...lifeOf(frozen, network) },
    )
    .finally(() => signal.removeEventListener('abort', cancel));

  /** Whoever dies or stops meanwhile leaves it open, to be looked for at the next start. */
  async function follow(): Promise<void> {
    const left = await end().finally(() => open.end());
    if (left) await tracker.find(left);
  }

  /** @returns what is to be looked for from now on; null where its fate is known, or nothing was signed */
  async function end(): Promise<OwnTransaction | null> {
    try {
      const found = await fate;
      return transaction && !(await tracker.end(transaction, found, network)) ? transaction : null;
    } catch (thrown) {
      if (!transaction || !isHandedOver) throw thrown;
      // Whatever went wrong here says nothing of what a node has.
      log(`order ${id}: ${thrown}`);
      return transaction;
    }
  }

  const followed = follow();
  followed.catch((error: unknown) => log(`order ${id}: ${error}`));
  try {
    await Promise.race([handedOver.promise, fate.then((found) => demandNotRefused(found))]);
  } catch (thrown) {
    // Nothing was sent: what was signed is told as refused, and no block can hold it.
    const error = thrown instanceof AppError ? thrown : new AppError('INTERNAL', {}, thrown);
    if (transaction && !isAnswered && !isHandedOver)
      transactions.change(id, { kind: 'refused', block: null, error }, false);
    throw error;
  }
  return { followed };

  /** Each process writes first and looks then: of two that sign the same at once, at least one sees the other. */
  async function demandAlone(): Promise<void> {
    const doubled = underWay(intent, await elsewhere.open(genesisHash, account.coldkey));
    if (doubled) throw new AppError(doubled.code, doubled.params);
  }

  function demandNotRefused(found: TxFate): void {
    if (found.kind !== 'refused' || found.block !== null) return;
    isAnswered = true;
    const { code, params } = refusalOf(intent, found);
    throw new AppError(code, params);
  }
}

/** Counted from now: it may have waited for its yes. */
const lifeOf = ({ weighed }: FrozenQuote, { money }: Network): { readonly lastBlock?: number } =>
  weighed.lifeBlocks === null ? {} : { lastBlock: money.newest().number + weighed.lifeBlocks };

function stateOfStage(stage: Extract<SubmitStage, { kind: 'sent' | 'in-block' | 'lost' }>) {
  switch (stage.kind) {
    case 'sent':
      return { kind: 'sent' } as const;
    case 'in-block':
      return { kind: 'in-block', block: stage.block } as const;
    case 'lost':
      return { kind: 'unknown', searchedToBlock: stage.searchedToBlock } as const;
  }
}
