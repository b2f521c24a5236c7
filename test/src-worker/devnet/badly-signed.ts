import { compactBytes } from '../../../src-worker/devnet/scale/wire.ts';
import { alice } from './genesis.ts';

/** A transaction of good shape whose signature is rubbish: as dear to check as a good one. */
export function badlySigned(nonce: number): string {
  const remark = Uint8Array.of(0, 0, 0);
  const signature = new Uint8Array(alice.sign(Uint8Array.of(nonce)));
  const body = Buffer.concat([
    Uint8Array.of(0x84, 0),
    alice.publicKey,
    Uint8Array.of(1),
    signature,
    Uint8Array.of(0),
    compactBytes(BigInt(nonce)),
    Uint8Array.of(0, 0),
    remark,
  ]);
  return `0x${Buffer.concat([compactBytes(BigInt(body.length)), body]).toString('hex')}`;
}
