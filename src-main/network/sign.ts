import { within } from '../../src-node/waits.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { type Hex, hex } from '../../src-shared/units.ts';
import type { Extrinsic } from './calls/extrinsic.ts';
import type { Signer } from './chain.ts';
import { type Era, encodeEra } from './era.ts';
import { checkExtensions } from './extensions.ts';
import { PAYLOAD_BYTES_MAX, SIGN_LIMIT_MS } from './limits.ts';
import type { Session } from './session.ts';

export interface Signed {
  /** With 0x, as the node takes it. */
  readonly encoded: string;
  readonly hash: Hex;
  readonly era: Era;
  readonly nonce: number;
}

const SR25519 = 1;

/** Signs the extrinsic in place. The signer gets the whole payload, so that it can see which call it signs. */
export async function signExtrinsic(
  session: Session,
  extrinsic: Extrinsic,
  signer: Signer,
  terms: { readonly era: Era; readonly birthHash: Hex; readonly nonce: number },
  signal: AbortSignal,
): Promise<Signed> {
  checkExtensions(session);
  const { era, birthHash, nonce } = terms;
  const { runtimeVersion } = session.api;
  const values = {
    method: extrinsic.method.toHex(),
    era: encodeEra(era),
    nonce,
    tip: 0,
    mode: 0,
    metadataHash: null,
    specVersion: runtimeVersion.specVersion,
    transactionVersion: runtimeVersion.transactionVersion,
    genesisHash: `0x${session.genesisHash}`,
    blockHash: `0x${birthHash}`,
  };
  const payload = session.registry
    .createTypeUnsafe('ExtrinsicPayload', [values, { version: 4 }])
    .toU8a({ method: true });
  if (payload.length > PAYLOAD_BYTES_MAX)
    throw new AppError('CHAIN_CALL_UNAVAILABLE', { call: 'a payload this long' });
  const signature = await within(signer.sign(payload), 'vault', SIGN_LIMIT_MS, signal);
  extrinsic.addSignature(signer.address, Uint8Array.of(SR25519, ...signature), values as never);
  return { encoded: extrinsic.toHex(), hash: hex(extrinsic.hash.toHex().slice(2)), era, nonce };
}
