import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import * as v from 'valibot';
import { address, count, digest } from '../contract/fields.ts';
import { canonicalJson } from '../profile/profile.ts';
import { publicKeyOf } from './ss58.ts';

/**
 * A hotkey's signed statement that it speaks through one peer key on one subnet of one chain. Its bytes are wrapped
 * as wallets wrap raw messages: they can never be read as a transaction, and any wallet can sign them.
 */
export const bindingSchema = v.object({
  hotkey: address,
  /** Ed25519 public key, hex. */
  peerKey: digest,
  netuid: v.pipe(count, v.maxValue(65_535)),
  genesisHash: digest,
  /** Unix seconds, both inclusive. */
  notBefore: count,
  notAfter: count,
  /** The highest one of a hotkey is the live one. */
  seq: count,
});

export type Binding = v.InferOutput<typeof bindingSchema>;

const signature = v.pipe(v.string(), v.regex(/^[0-9a-f]{128}$/));
const signedBindingSchema = v.object({ ...bindingSchema.entries, signature });
export type SignedBinding = v.InferOutput<typeof signedBindingSchema>;

export const MAX_BINDING_CHARS = 2_048;
const DOMAIN = 'dt1-peer-binding';
/** By the chain's time: peers do not see a block at once, and a binding from a newer one than ours must count. */
export const CLOCK_SKEW_S = 300;
/** By a wall clock, as long as no block told the time: people's clocks are hours off, and off by the wrong zone. */
export const WALL_CLOCK_SKEW_S = 24 * 3600;

/** sr25519 in the signing context "substrate": (message, signature of 64 bytes, public key of 32 bytes). */
export type VerifySr25519 = (message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array) => boolean;

/** The bytes that the hotkey signs. */
export function bindingBytes(binding: Binding): Uint8Array {
  const { hotkey, peerKey, netuid, genesisHash, notBefore, notAfter, seq } = binding;
  const fields = { hotkey, peerKey, netuid, genesisHash, notBefore, notAfter, seq };
  return utf8ToBytes(`<Bytes>${DOMAIN}\n${canonicalJson(fields)}</Bytes>`);
}

export function encodeBinding(binding: Binding, signatureBytes: Uint8Array): string {
  return canonicalJson({ ...binding, signature: bytesToHex(signatureBytes) });
}

/** @returns null for whatever is no binding; nothing is verified yet */
export function parseBinding(text: string): SignedBinding | null {
  if (text.length > MAX_BINDING_CHARS) return null;
  try {
    const parsed = v.safeParse(signedBindingSchema, JSON.parse(text));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}

/** Why a binding does not count here, or null when it does. */
export function bindingFault(
  binding: SignedBinding,
  here: {
    readonly netuid: number;
    readonly genesisHash: string;
    readonly nowS: number;
    readonly skewS: number;
  },
  verify: VerifySr25519,
): 'subnet' | 'chain' | 'time' | 'address' | 'signature' | null {
  if (binding.netuid !== here.netuid) return 'subnet';
  if (binding.genesisHash !== here.genesisHash) return 'chain';
  const { nowS, skewS } = here;
  if (nowS < binding.notBefore - skewS || nowS > binding.notAfter + skewS) return 'time';
  const publicKey = publicKeyOf(binding.hotkey);
  if (!publicKey) return 'address';
  try {
    return verify(bindingBytes(binding), hexToBytes(binding.signature), publicKey) ? null : 'signature';
  } catch {
    return 'signature';
  }
}
