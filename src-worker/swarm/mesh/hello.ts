import * as v from 'valibot';
import type { ChainClock } from '../../../src-node/chain-clock.ts';
import { multiaddr } from '../../../src-shared/contract/fields.ts';
import {
  bindingFault,
  CLOCK_SKEW_S,
  MAX_BINDING_CHARS,
  parseBinding,
  type SignedBinding,
  type VerifySr25519,
  WALL_CLOCK_SKEW_S,
} from '../../../src-shared/rounds/binding.ts';
import { MAX_ADDRESSES_PER_PEER, MAX_PEER_RECORDS } from '../limits.ts';

/** What a peer is known by: its binding, encoded, and where it says it listens. */
export const peerRecordSchema = v.object({
  binding: v.pipe(v.string(), v.maxLength(MAX_BINDING_CHARS)),
  addresses: v.pipe(v.array(multiaddr), v.maxLength(MAX_ADDRESSES_PER_PEER)),
});

/** Both sides of a new connection say this at once: who they are, and whom else they know. */
export const helloSchema = v.object({
  ...peerRecordSchema.entries,
  records: v.pipe(v.array(peerRecordSchema), v.maxLength(MAX_PEER_RECORDS)),
  /** Whether others may come to members through this peer. */
  relay: v.boolean(),
  /** To a peer that is not let in: the newer start of its own hotkey that is connected here. */
  newer: v.optional(peerRecordSchema),
});

export type PeerRecord = v.InferOutput<typeof peerRecordSchema>;
export type Hello = v.InferOutput<typeof helloSchema>;

/** Remembers what was verified: sr25519 takes milliseconds in JavaScript, and the same bindings come many times. */
export class BindingDoor {
  readonly #here: { readonly netuid: number; readonly genesisHash: string };
  readonly #verify: VerifySr25519;
  readonly #clock: ChainClock;
  readonly #seen = new Map<string, SignedBinding>();

  /** @param clock by which it is judged whether a binding counts now */
  constructor(
    here: { readonly netuid: number; readonly genesisHash: string },
    verify: VerifySr25519,
    clock: ChainClock,
  ) {
    this.#here = here;
    this.#verify = verify;
    this.#clock = clock;
  }

  /** @returns null when the text is no binding that counts here and now */
  verify(text: string): SignedBinding | null {
    const known = this.#seen.get(text);
    const binding = known ?? parseBinding(text);
    if (!binding) return null;
    const fault = bindingFault(binding, { ...this.#here, ...this.#now() }, known ? () => true : this.#verify);
    if (fault) return null;
    if (this.#seen.size >= MAX_SEEN) this.#seen.clear();
    this.#seen.set(text, binding);
    return binding;
  }

  /** The chain's time in ms since 1970; until a block told it there is only the wall clock. */
  nowMs(): number {
    return this.#clock.nowMs() ?? Date.now();
  }

  /** For a wall clock that is wrong nobody should be refused. */
  #now(): { readonly nowS: number; readonly skewS: number } {
    const isChain = this.#clock.nowMs() !== null;
    return { nowS: Math.floor(this.nowMs() / 1_000), skewS: isChain ? CLOCK_SKEW_S : WALL_CLOCK_SKEW_S };
  }
}

const MAX_SEEN = 1_024;
