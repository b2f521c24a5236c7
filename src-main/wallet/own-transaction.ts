import * as v from 'valibot';
import { type OwnerCall, ownerCalls } from '../../src-shared/chain/calls.ts';
import { digest } from '../../src-shared/contract/fields.ts';
import type {
  AccountId,
  Intent,
  TransactionState,
  TransactionView,
} from '../../src-shared/contract/page/money.ts';
import { checkedAddress, identitySchema, intentSchema } from '../../src-shared/contract/page/order.ts';
import { AppError, isErrorCode } from '../../src-shared/errors/app-error.ts';
import type { ErrorCode } from '../../src-shared/errors/catalogue.ts';
import { type AlphaRao, alphaRao, type Hex, type Rao, rao } from '../../src-shared/units.ts';
import { decodeWire, encodeWire } from '../../src-shared/wire.ts';
import type { ChainCall, SignedTransaction } from '../network/chain.ts';
import type { OwnTransactionRow } from '../store/rows.ts';
import { TRANSACTION_CHARS_MAX, UNREADABLE_BARS_MS } from './limits.ts';

/** A transaction that was signed here, with all that its fate is looked up by. */
export interface OwnTransaction {
  readonly id: string;
  readonly account: AccountId;
  readonly genesisHash: Hex;
  readonly netuid: number;
  readonly intent: Intent;
  readonly call: ChainCall;
  readonly atMs: number;
  readonly signed: SignedTransaction;
  readonly state: TransactionState;
  /** Its fate is not known yet, and can still be. */
  readonly isOpen: boolean;
}

export const viewOf = ({ id, intent, atMs, state, signed }: OwnTransaction): TransactionView => ({
  ...{ id, intent, atMs, state },
  hash: signed.hash,
});

export const rowOf = ({
  id,
  genesisHash,
  account,
  atMs,
  isOpen,
  ...rest
}: OwnTransaction): OwnTransactionRow => ({
  ...{ id, genesisHash, coldkey: account.coldkey, atMs, isOpen },
  body: encodeWire({ network: account.network, ...rest }),
});

/** @returns null for a row that is none: of another version, or damaged */
export function ofRow({
  id,
  genesisHash,
  coldkey,
  atMs,
  isOpen,
  body,
}: OwnTransactionRow): OwnTransaction | null {
  try {
    const { network, ...rest } = v.parse(bodySchema, decodeWire(body, TRANSACTION_CHARS_MAX));
    return { id, genesisHash, atMs, isOpen, account: { network, coldkey }, ...rest };
  } catch {
    return null;
  }
}

/**
 * An open order that cannot be read may be the very one that is wanted now.
 * @param rows all of one coldkey on one chain
 * @throws {AppError} ORDER_UNREADABLE
 */
export function demandReadable(rows: readonly OwnTransactionRow[]): void {
  const bars = rows.some(
    (row) => row.isOpen && row.atMs > Date.now() - UNREADABLE_BARS_MS && ofRow(row) === null,
  );
  if (bars) throw new AppError('ORDER_UNREADABLE');
}

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const amountRao: v.GenericSchema<unknown, Rao> = v.pipe(v.bigint(), v.minValue(0n), v.transform(rao));
const amountAlpha: v.GenericSchema<unknown, AlphaRao> = v.pipe(
  v.bigint(),
  v.minValue(0n),
  v.transform(alphaRao),
);
const order = { hotkey: checkedAddress, limitPriceRao: amountRao };
const allowPartial = v.boolean();

const { entries: identityEntries } = identitySchema;

/** The calls that the money desk makes. */
const callSchema: v.GenericSchema<unknown, ChainCall> = v.variant('kind', [
  v.object({ kind: v.literal('addStakeLimit'), ...order, allowPartial, amountRao }),
  v.object({ kind: v.literal('removeStakeLimit'), ...order, allowPartial, amountAlpha }),
  v.object({ kind: v.literal('removeStakeFullLimit'), ...order }),
  v.object({ kind: v.literal('transfer'), to: checkedAddress, amountRao }),
  v.object({ kind: v.literal('transferAll'), to: checkedAddress, keepAlive: v.boolean() }),
  v.object({
    ...{ kind: v.literal('moveStake'), fromHotkey: checkedAddress, toHotkey: checkedAddress, amountAlpha },
  }),
  v.object({
    ...{ kind: v.literal('transferStake'), toColdkey: checkedAddress, hotkey: checkedAddress, amountAlpha },
  }),
  v.object({ kind: v.literal('burnedRegister'), hotkey: checkedAddress, limitRao: amountRao }),
  v.object({ kind: v.literal('setSubnetIdentity'), ...identityEntries }),
  v.object({
    kind: v.literal('setHyperparameter'),
    call: v.custom<OwnerCall>((call) => typeof call === 'string' && Object.hasOwn(ownerCalls, call)),
    value: v.union([v.bigint(), v.boolean()]),
  }),
  v.object({ kind: v.literal('startCall') }),
  v.object({ kind: v.literal('registerNetwork'), hotkey: checkedAddress }),
]);

const errorSchema = v.object({
  code: v.custom<ErrorCode>((code) => isErrorCode(code)),
  params: v.record(v.string(), v.union([v.string(), v.number(), v.bigint()])),
});

const outcomeSchema = v.object({
  balanceRao: v.nullable(v.bigint()),
  taoRao: v.nullable(amountRao),
  alpha: v.nullable(amountAlpha),
  uid: v.nullable(count),
  netuid: v.exactOptional(count),
});

const stateSchema: v.GenericSchema<unknown, TransactionState> = v.variant('kind', [
  v.object({ kind: v.picklist(['review', 'signed', 'sent', 'expired']) }),
  v.object({ kind: v.literal('in-block'), block: count }),
  v.object({ kind: v.literal('done'), block: count, outcome: outcomeSchema }),
  v.object({
    ...{ kind: v.literal('refused'), block: v.nullable(count), error: errorSchema },
    retryBlock: v.exactOptional(count),
  }),
  v.object({
    ...{ kind: v.literal('unknown'), searchedToBlock: v.nullable(count), block: v.exactOptional(count) },
  }),
]);

const bodySchema = v.object({
  network: v.string(),
  netuid: count,
  intent: intentSchema,
  call: callSchema,
  signed: v.object({
    encoded: v.pipe(v.string(), v.regex(/^0x(?:[0-9a-f]{2})+$/)),
    hash: digest,
    birthBlock: count,
    lastBlock: count,
  }),
  state: stateSchema,
});
