import * as v from 'valibot';
import { multiaddr } from '../../../src-shared/contract/fields.ts';
import {
  bindingFault,
  MAX_BINDING_CHARS,
  parseBinding,
  type SignedBinding,
  type VerifySr25519,
} from '../../../src-shared/rounds/binding.ts';
import { MAX_ADDRESSES_PER_PEER, MAX_PEER_RECORDS } from '../limits.ts';

/** What a peer is known by: its binding, encoded, and where it says it listens. */
const recordSchema = v.object({
  binding: v.pipe(v.string(), v.maxLength(MAX_BINDING_CHARS)),
  addresses: v.pipe(v.array(multiaddr), v.maxLength(MAX_ADDRESSES_PER_PEER)),
});

/** Both sides of a new connection say this at once: who they are, and whom else they know. */
export const helloSchema = v.object({
  ...recordSchema.entries,
  records: v.pipe(v.array(recordSchema), v.maxLength(MAX_PEER_RECORDS)),
});

export type PeerRecord = v.InferOutput<typeof recordSchema>;
export type Hello = v.InferOutput<typeof helloSchema>;

/** Remembers what was verified: sr25519 takes milliseconds in JavaScript, and the same bindings come many times. */
export class BindingDoor {
  readonly #here: { readonly netuid: number; readonly genesisHash: string };
  readonly #verify: VerifySr25519;
  readonly #seen = new Map<string, SignedBinding>();

  constructor(here: { readonly netuid: number; readonly genesisHash: string }, verify: VerifySr25519) {
    this.#here = here;
    this.#verify = verify;
  }

  isVerified(text: string): boolean {
    return this.#seen.has(text);
  }

  /** @returns null when the text is no binding that counts here and now */
  verify(text: string): SignedBinding | null {
    const nowS = Math.floor(Date.now() / 1_000);
    const known = this.#seen.get(text);
    const binding = known ?? parseBinding(text);
    if (!binding) return null;
    const fault = bindingFault(binding, { ...this.#here, nowS }, known ? () => true : this.#verify);
    if (fault) return null;
    if (this.#seen.size >= MAX_SEEN) this.#seen.clear();
    this.#seen.set(text, binding);
    return binding;
  }
}

const MAX_SEEN = 1_024;
