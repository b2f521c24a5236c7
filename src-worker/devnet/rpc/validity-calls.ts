import type { Verified } from '../chain/admission.ts';
import type { Chain } from '../chain/chain.ts';
import { Refusal } from '../chain/refusal.ts';
import type { Value } from '../runtime/pallet.ts';
import { concat, fromHex } from '../scale/hex.ts';
import { Reader, ScaleError, uintBytes } from '../scale/wire.ts';

const NAME = 'TaggedTransactionQueue_validate_transaction';
const HASH_BYTES = 32;
const U64_MAX = (1n << 64n) - 1n;

/**
 * Whether a transaction could have stood in the block after the one asked about, by the same checks as the pool's. One
 * that is ahead of its account is good, and names what it waits for. @returns null for any other API
 * @throws {ScaleError} where no transaction can be read
 */
export function validityCall(
  chain: Chain,
  method: string,
  args: Uint8Array,
  block: number,
): Uint8Array | null {
  if (method !== NAME) return null;
  const codec = chain.states.runtimeAt(block).codecs.of('Result<ValidTransaction, TransactionValidityError>');
  return codec.enc(outcome(chain, transactionOf(args), block));
}

/** Arguments: where it came from (one byte), the transaction with its length before it, the block it was seen at. */
function transactionOf(args: Uint8Array): Uint8Array {
  const reader = new Reader(args);
  reader.u8();
  const from = reader.position;
  reader.bytes(reader.length());
  const to = reader.position;
  reader.bytes(HASH_BYTES);
  reader.end();
  return reader.cut(from, to);
}

function outcome(chain: Chain, bytes: Uint8Array, block: number): Value {
  try {
    return { type: 'Ok', value: validOf(chain.admission.verify(bytes, block), block) };
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    if (thrown.validity === null) throw new ScaleError(thrown.data ?? thrown.message);
    const invalid = { type: thrown.validity, value: undefined };
    return { type: 'Err', value: { type: 'Invalid', value: invalid } };
  }
}

function validOf({ extrinsic, nonce }: Verified, block: number): Value {
  const tag = (of: number) => concat(fromHex(extrinsic.signer), uintBytes(BigInt(of), 4));
  const { lastBlock } = extrinsic;
  return {
    priority: extrinsic.tipRao,
    requires: extrinsic.nonce > nonce ? [tag(extrinsic.nonce - 1)] : [],
    provides: [tag(extrinsic.nonce)],
    longevity: Number.isFinite(lastBlock) ? BigInt(lastBlock - block) : U64_MAX,
    propagate: true,
  };
}
