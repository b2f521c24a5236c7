import type { Extrinsic } from '../chain/extrinsic.ts';
import { type Fee, feeOf, lengthFee, totalFee, weightFee } from '../runtime/fees.ts';
import type { Call } from '../runtime/pallet.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Codecs } from '../scale/codecs.ts';
import { Reader, ScaleError } from '../scale/wire.ts';

type Decode = (bytes: Uint8Array, codecs: Codecs) => Extrinsic;

/** A call and the length in bytes of the transaction that it stands in. */
interface Charged {
  readonly call: Call;
  readonly lengthBytes: number;
}

/**
 * The fee of a call, or of an extrinsic that need not be signed yet (clients send a fake signature), without its tip.
 * @returns null for any other API
 */
export function feeCall(
  runtime: Runtime,
  method: string,
  args: Uint8Array,
  decode: Decode,
): Uint8Array | null {
  switch (method) {
    case 'TransactionPaymentApi_query_info':
      return encodeInfo(runtime, extrinsicIn(runtime, args, decode));
    case 'TransactionPaymentApi_query_fee_details':
      return encodeDetails(runtime, extrinsicIn(runtime, args, decode));
    case 'TransactionPaymentCallApi_query_call_info':
      return encodeInfo(runtime, callIn(runtime, args));
    case 'TransactionPaymentCallApi_query_call_fee_details':
      return encodeDetails(runtime, callIn(runtime, args));
    case 'TransactionPaymentApi_query_weight_to_fee':
    case 'TransactionPaymentCallApi_query_weight_to_fee':
      return runtime.codecs.of('u64').enc(weightFee(valueIn(runtime, 'Weight', args).ref_time));
    case 'TransactionPaymentApi_query_length_to_fee':
    case 'TransactionPaymentCallApi_query_length_to_fee':
      return runtime.codecs.of('u64').enc(lengthFee(valueIn(runtime, 'u32', args)));
    default:
      return null;
  }
}

/** The same as the old JSON-RPC method writes it. @throws {ScaleError} */
export function paymentInfo(runtime: Runtime, bytes: Uint8Array, decode: Decode): unknown {
  const charged = { call: decode(bytes, runtime.codecs).call, lengthBytes: bytes.length };
  const weight = { ref_time: Number(runtime.refTime(charged.call)), proof_size: 0 };
  return { weight, class: 'normal', partialFee: totalFee(feeIn(runtime, charged)).toString() };
}

const feeIn = (runtime: Runtime, { call, lengthBytes }: Charged): Fee =>
  feeOf(runtime.refTime(call), lengthBytes, runtime.pays(call));

const encodeInfo = (runtime: Runtime, charged: Charged): Uint8Array =>
  runtime.codecs.of('RuntimeDispatchInfo').enc({
    weight: { ref_time: runtime.refTime(charged.call), proof_size: 0n },
    class: { type: 'Normal' },
    partial_fee: totalFee(feeIn(runtime, charged)),
  });

function encodeDetails(runtime: Runtime, charged: Charged): Uint8Array {
  const { base, length, weight } = feeIn(runtime, charged);
  const inclusion = { base_fee: base, len_fee: length, adjusted_weight_fee: weight };
  const isFree = !runtime.pays(charged.call);
  return runtime.codecs.of('FeeDetails').enc({ inclusion_fee: isFree ? null : inclusion, tip: 0n });
}

/** The extrinsic with its length prefix, then its length as u32. */
function extrinsicIn(runtime: Runtime, args: Uint8Array, decode: Decode): Charged {
  const reader = new Reader(args);
  const body = reader.compact();
  const end = reader.position + Number(body);
  if (end + 4 !== args.length) throw new ScaleError('length does not match');
  const { call } = decode(reader.cut(0, end), runtime.codecs);
  reader.bytes(Number(body));
  return { call, lengthBytes: reader.u32() };
}

/** The call, then the length of the extrinsic as u32. */
function callIn(runtime: Runtime, args: Uint8Array): Charged {
  const reader = new Reader(args);
  const call: Call = runtime.codecs.of('RuntimeCall').dec(reader);
  const lengthBytes = reader.u32();
  reader.end();
  return { call, lengthBytes };
}

function valueIn(runtime: Runtime, type: string, args: Uint8Array) {
  const reader = new Reader(args);
  const value = runtime.codecs.of(type).dec(reader);
  reader.end();
  return value;
}
