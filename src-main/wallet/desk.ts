import { randomUUID } from 'node:crypto';
import { listeners } from '../../src-node/listeners.ts';
import { orAbort } from '../../src-node/waits.ts';
import type {
  AccountId,
  MoneyOrder,
  MoneyQuote,
  TransactionView,
} from '../../src-shared/contract/page/money.ts';
import type { KnownName, ReviewTask } from '../../src-shared/contract/signing.ts';
import { AppError, type CodedError, toCodedError } from '../../src-shared/errors/app-error.ts';
import type { Hex, Ss58 } from '../../src-shared/units.ts';
import type { ExpectedSubnet } from '../network/expected-subnet.ts';
import { knownNetwork } from '../network/known.ts';
import type { NetworkShare, Networks } from '../network/networks.ts';
import type { ReviewedCall } from '../network/review.ts';
import type { OwnTransactionRow } from '../store/rows.ts';
import type { TransactionStore } from '../store/store.ts';
import { carryOut } from './carry-out.ts';
import { watchElsewhere } from './elsewhere.ts';
import { type Holder, type Holders, holderFault } from './holders.ts';
import { QUOTES_KEPT } from './limits.ts';
import { lookAfter } from './look-after.ts';
import { askedAt, askedNow, demandAskedAt, moneyNetwork, shareOf } from './money-networks.ts';
import { viewOf } from './own-transaction.ts';
import { type FrozenQuote, quoteOrder } from './quotes/quote.ts';
import { reviewTask } from './review-task.ts';
import { openTracker } from './track.ts';
import { openTransactions } from './transactions.ts';
import { underWay } from './under-way.ts';

/** What was typed in the signing window. */
export interface TypedSecrets {
  /** UTF-8, exactly as it was typed; null where the coldkey lies open. It is zeroed once it was used. */
  readonly password: Uint8Array | null;
  /** The text that `typedConsent` of the task asks for; null where it asks for none. */
  readonly typed: string | null;
}

export interface ChangedTransaction {
  readonly account: AccountId;
  readonly transaction: TransactionView;
}

/**
 * Where money is moved: an intent becomes a quote, a quote one order that waits for a person's yes, and that a
 * transaction which is followed to its fate, over restarts too. Nothing is ever sent twice.
 */
export interface MoneyDesk {
  /** @throws {AppError} of the network; what speaks against the order itself is the quote's `problem` */
  quote(order: MoneyOrder, signal: AbortSignal): Promise<MoneyQuote>;
  /**
   * Puts the frozen call of a quote into the signing window. One that waits there and that nobody has begun to sign
   * gives way, unless it is shown already. What has to be typed is typed there, whoever asks.
   * @returns the id of the task
   * @throws {AppError} QUOTE_EXPIRED, NOT_NOW while one is shown or being signed, REVIEW_OUTDATED where its network is
   * asked at another node by now, NETWORK_NOT_OPEN, or the quote's problem
   */
  ask(quoteId: string): Promise<string>;
  /** A person has it before their eyes: it gives way to no other any more. */
  shown(id: string): void;
  /** Takes back an order that nobody has begun to sign; one that is gone is no fault. */
  withdraw(id: string): void;
  readonly pending: ReviewTask | null;
  onPending(listener: () => void): () => void;
  /**
   * Signs the one order that waits, and resolves once it was handed over. A wrong password leaves the order where it
   * is.
   * @throws {AppError} QUOTE_EXPIRED, CONSENT_NOT_TYPED, NOT_NOW, REVIEW_OUTDATED, KEY_PASSWORD_WRONG,
   * KEY_PASSWORD_WAIT, of the key file, or of the chain before anything was sent
   */
  approve(id: string, secrets: TypedSecrets, signal: AbortSignal): Promise<void>;
  /** The person's no. */
  deny(id: string): void;
  /** Newest first. */
  transactions(account: AccountId): readonly TransactionView[];
  onTransaction(listener: (changed: ChangedTransaction) => void): () => void;
  stop(): Promise<void>;
}

export interface MoneyDeskOptions {
  readonly networks: Networks;
  readonly holders: Holders;
  readonly store: TransactionStore;
  /** Whose fate is open in the journal of another process of this user; none where there is no other. */
  openElsewhere?(): Promise<readonly OwnTransactionRow[]>;
  /** Of a network that the settings name; null for one of somebody's own. */
  endpointOf(network: string): string | null;
  /** Since when the settings name this endpoint for that network; null where they do not. */
  endpointSince?(network: string, endpoint: string): number | null;
  /** Of the runs that work on a network; null where there are none. */
  markOf(network: string): string | null;
  /** What the profile of a run says that a subnet is; null where none does. */
  expectedOf(network: string, netuid: number): ExpectedSubnet | null;
  nameOf(address: Ss58): KnownName | null;
  /** Addresses that the user trusts: another one that looks like them is warned of. */
  knownAddresses(): readonly Ss58[];
  log(line: string): void;
}

interface Waiting {
  readonly frozen: FrozenQuote & { readonly reviewed: ReviewedCall };
  readonly holder: Holder;
  readonly task: ReviewTask;
}

export async function openMoneyDesk(options: MoneyDeskOptions): Promise<MoneyDesk> {
  const { networks, holders, endpointOf, log } = options;
  const chosenSince = options.endpointSince ?? (() => null);
  const stopping = new AbortController();
  const life = stopping.signal;
  const events = listeners<{ pending: undefined }>();
  const transactions = await openTransactions(options.store, log);
  const tracker = openTracker(networks, transactions, life);
  const elsewhere = watchElsewhere(options.openElsewhere ?? (async () => []));
  const quotes = new Map<string, FrozenQuote>();
  let waiting: Waiting | null = null;
  let shownId: string | null = null;
  let expiry: NodeJS.Timeout | undefined;

  const share = (name: string, signal: AbortSignal): Promise<NetworkShare> =>
    shareOf(networks, name, endpointOf, signal);

  const isReal = (genesis: Hex) => knownNetwork(genesis) !== null;
  for (const open of transactions.open())
    lookAfter(open, { tracker, isReal, open: share }, life).catch((error: unknown) =>
      log(`order ${open.id}: ${error}`),
    );

  function become(next: Waiting | null): void {
    clearTimeout(expiry);
    waiting = next;
    if (next?.task.state === 'waiting')
      expiry = setTimeout(() => drop(next.task.id), Math.max(0, next.task.expiresAtMs - Date.now()));
    expiry?.unref();
    events.emit('pending', undefined);
  }

  const tell = (changes: Partial<ReviewTask>): void =>
    waiting ? become({ ...waiting, task: { ...waiting.task, ...changes } }) : undefined;

  function drop(id: string): void {
    if (waiting?.task.id === id && waiting.task.state === 'waiting') become(null);
  }

  function keepQuote(frozen: FrozenQuote): void {
    quotes.set(frozen.quote.id, frozen);
    for (const id of [...quotes.keys()].slice(0, -QUOTES_KEPT)) quotes.delete(id);
  }

  /** The order that waits under this name, if it may be signed now. */
  function demandWaiting(id: string): Waiting {
    if (waiting?.task.id !== id || waiting.task.expiresAtMs <= Date.now())
      throw new AppError('QUOTE_EXPIRED');
    if (waiting.task.state !== 'waiting')
      throw new AppError('NOT_NOW', { what: 'Signing', state: waiting.task.state });
    return waiting;
  }

  async function sign(one: Waiting, { password }: TypedSecrets, signal: AbortSignal): Promise<void> {
    const { frozen, holder, task } = one;
    const { network: name } = frozen.order.account;
    tell({ state: 'unlocking', problem: null });
    await holder.open(password, signal);
    if (signal.aborted) throw new AppError('CANCELLED');
    const shared = await share(name, signal);
    let release: () => Promise<void> = shared.release;
    try {
      if (shared.network.genesisHash !== task.network.genesis) throw new AppError('REVIEW_OUTDATED');
      demandAskedAt(frozen.asked, askedAt(shared.network));
      tell({ state: 'signing' });
      const carried = { id: task.id, frozen, holder, network: shared.network };
      const parts = { networks, transactions, tracker, elsewhere, log, life };
      const { followed } = await carryOut(carried, parts, signal);
      // A chain of one's own ends with its run, and comes back elsewhere: its client is kept open by nobody else.
      if (knownNetwork(shared.network.genesisHash)) {
        release = async () => undefined;
        void followed.finally(shared.release).catch(() => undefined);
      }
    } finally {
      await release();
    }
  }

  return {
    async quote(order, wait) {
      const signal = AbortSignal.any([wait, life]);
      const { account } = order;
      const { network, release } = await orAbort(share(account.network, signal), signal);
      try {
        const { genesisHash } = network;
        const netuid = 'netuid' in order.intent ? order.intent.netuid : null;
        const frozen = await quoteOrder(
          order,
          {
            id: randomUUID(),
            network,
            shown: moneyNetwork(account.network, genesisHash, options.markOf(account.network)),
            expected: netuid === null ? null : options.expectedOf(account.network, netuid),
            earlier: [
              ...(await elsewhere.openOn(network, account.coldkey, signal)),
              ...transactions.onChain(genesisHash, account.coldkey),
            ],
            known: options.knownAddresses(),
            holderFault: holderFault(holders.of(account.coldkey, account.network), order, genesisHash),
          },
          signal,
        );
        keepQuote(frozen);
        return frozen.quote;
      } finally {
        await release();
      }
    },
    async ask(quoteId) {
      const asked = quotes.get(quoteId);
      const others = asked ? await elsewhere.open(asked.network.genesis, asked.order.account.coldkey) : [];
      const frozen = quotes.get(quoteId);
      if (!frozen || frozen.quote.expiresAtMs <= Date.now()) throw new AppError('QUOTE_EXPIRED');
      if (waiting && waiting.task.state !== 'waiting')
        throw new AppError('NOT_NOW', { what: 'Another order', state: waiting.task.state });
      if (waiting && waiting.task.id === shownId)
        throw new AppError('NOT_NOW', { what: 'Another order', state: 'shown' });
      const { quote, reviewed, order, network } = frozen;
      const earlier = [...others, ...transactions.onChain(network.genesis, order.account.coldkey)];
      const problem = quote.problem ?? underWay(order.intent, earlier);
      if (problem) throw new AppError(problem.code, problem.params);
      if (!reviewed) throw new AppError('QUOTE_EXPIRED');
      demandAskedAt(frozen.asked, askedNow(networks, order.account.network, endpointOf));
      const holder = holders.of(order.account.coldkey, order.account.network);
      const id = randomUUID();
      const whole = { ...frozen, reviewed };
      const task = reviewTask(id, whole, { network, holder, nameOf: options.nameOf, chosenSince });
      quotes.delete(quoteId);
      become({ frozen: whole, holder, task });
      return id;
    },
    shown(id) {
      shownId = id;
    },
    withdraw: drop,
    get pending() {
      return waiting?.task ?? null;
    },
    onPending: (listener) => events.on('pending', listener),
    async approve(id, secrets, wait) {
      const signal = AbortSignal.any([wait, life]);
      let one: Waiting | null = null;
      try {
        one = demandWaiting(id);
        demandConsent(one.task.typedConsent, secrets.typed);
        await sign(one, secrets, signal);
        become(null);
      } catch (thrown) {
        if (one && waiting?.task.id === id) afterFault(thrown);
        throw thrown;
      } finally {
        secrets.password?.fill(0);
        one?.holder.lock();
      }
    },
    deny: drop,
    transactions: (account) => transactions.of(account).map(viewOf),
    onTransaction: (listener) =>
      transactions.on('changed', (changed) =>
        listener({ account: changed.account, transaction: viewOf(changed) }),
      ),
    async stop() {
      stopping.abort();
      clearTimeout(expiry);
      waiting = null;
      holders.lock();
      await transactions.settled();
    },
  };

  /** What a person can mend leaves the order where it is; one that the chain has answered is over. */
  function afterFault(thrown: unknown): void {
    const problem = toCodedError(thrown);
    const isSigned = waiting && transactions.has(waiting.task.id);
    if (isSigned || OVER.has(problem.code)) become(null);
    else tell({ state: 'waiting', problem: problem.code === 'CANCELLED' ? null : problem });
  }
}

/** Faults of an order as it was looked over: it is to be looked over anew. */
const OVER: ReadonlySet<CodedError['code']> = new Set([
  'REVIEW_OUTDATED',
  'QUOTE_EXPIRED',
  'CHAIN_IDENTITY_MISMATCH',
  'SUBNET_ABSENT',
  'SPENDING_NEEDS_WALLET',
  'REGISTRATION_PRICE_ROSE',
]);

/** @throws {AppError} CONSENT_NOT_TYPED */
function demandConsent(expected: string | null, typed: string | null): void {
  if (expected !== null && typed?.trim() !== expected) throw new AppError('CONSENT_NOT_TYPED', { expected });
}
