import type { Extrinsic } from '../chain/extrinsic.ts';
import { feeOf, totalFee } from '../runtime/fees.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Codecs } from '../scale/codecs.ts';
import { Reader, ScaleError } from '../scale/wire.ts';

type Decode = (bytes: Uint8Array, codecs: Codecs) => Extrinsic;

/**
 * TransactionPaymentApi: the fee of an extrinsic that need not be signed yet (clients send a fake signature), without
 * its tip. @returns null for any other API.
 */
export function feeCall(
  runtime: Runtime,
  method: string,
  args: Uint8Array,
  decode: Decode,
): Uint8Array | null {
  if (method !== 'TransactionPaymentApi_query_info' && method !== 'TransactionPaymentApi_query_fee_details')
    return null;
  const { call, lengthBytes } = readArguments(runtime, args, decode);
  const pays = runtime.pays(call);
  const refTime = runtime.refTime(call);
  const fee = feeOf(refTime, lengthBytes, pays);
  if (method === 'TransactionPaymentApi_query_fee_details') {
    const inclusion = { base_fee: fee.base, len_fee: fee.length, adjusted_weight_fee: fee.weight };
    return runtime.codecs.of('FeeDetails').enc({ inclusion_fee: pays ? inclusion : null, tip: 0n });
  }
  const weight = { ref_time: refTime, proof_size: 0n };
  return runtime.codecs
    .of('RuntimeDispatchInfo')
    .enc({ weight, class: { type: 'Normal' }, partial_fee: totalFee(fee) });
}

/** The extrinsic with its length prefix, then its length as u32. */
function readArguments(runtime: Runtime, args: Uint8Array, decode: Decode) {
  const reader = new Reader(args);
  const body = reader.compact();
  const end = reader.position + Number(body);
  if (end + 4 !== args.length) throw new ScaleError('length does not match');
  const { call } = decode(reader.cut(0, end), runtime.codecs);
  reader.bytes(Number(body));
  return { call, lengthBytes: reader.u32() };
}
