import * as v from 'valibot';
import type { DecodedCall } from '../../src-shared/contract/signing.ts';
import { type Rao, rao, type Ss58 } from '../../src-shared/units.ts';
import { buildCall, readCall } from './calls/calls.ts';
import type { Extrinsic } from './calls/extrinsic.ts';
import type { AgreedCall, ChainCall } from './chain.ts';
import { encodeEra } from './era.ts';
import { MORTAL_PERIOD_BLOCKS } from './limits.ts';
import { NodeError } from './rpc-frame.ts';
import type { Session } from './session.ts';
import { anyUint, parse, smallUint } from './storage.ts';

/** A call as it would be signed now, to be looked over. Its bytes are what a person agrees to. */
export interface ReviewedCall extends AgreedCall {
  readonly netuid: number;
  readonly call: ChainCall;
  /** Read from the bytes alone. */
  readonly decoded: DecodedCall;
  /** What the network takes for it; null where the node does not say. */
  readonly feeRao: Rao | null;
}

/** @throws {AppError} CHAIN_CALL_UNAVAILABLE */
export async function reviewCall(
  session: Session,
  netuid: number,
  call: ChainCall,
  signer: Ss58,
  signal: AbortSignal,
): Promise<ReviewedCall> {
  const extrinsic = await buildCall(session, netuid, call, signal);
  const bytes = extrinsic.method.toU8a();
  const { name, words, lines } = readCall(session, bytes);
  const sentence = `${words.slice(0, 1).toUpperCase()}${words.slice(1)}.`;
  return {
    ...{ netuid, call, bytes, specVersion: session.specVersion },
    decoded: { name, sentence, lines },
    feeRao: await readFee(session, extrinsic, signer, signal),
  };
}

const infoSchema = v.object({ partialFee: anyUint });

/** By the length and weight of the very transaction, to the last rao, with a signature that is none. */
async function readFee(
  session: Session,
  extrinsic: Extrinsic,
  signer: Ss58,
  signal: AbortSignal,
): Promise<Rao | null> {
  const { genesisHash, runtimeVersion } = session.api;
  try {
    const nonce = parse(smallUint, await session.socket.request('system_accountNextIndex', [signer], signal));
    const era = encodeEra({ period: MORTAL_PERIOD_BLOCKS, birth: 0, last: MORTAL_PERIOD_BLOCKS - 1 });
    const unsigned = extrinsic.signFake(signer, {
      ...{ nonce, era, genesisHash, blockHash: genesisHash, runtimeVersion },
    } as never);
    const info = await session.socket.request('payment_queryInfo', [unsigned.toHex()], signal);
    return rao(parse(infoSchema, info).partialFee);
  } catch (thrown) {
    if (thrown instanceof NodeError) return null;
    throw thrown;
  }
}
