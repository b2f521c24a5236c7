import { sha256 } from '@noble/hashes/sha2.js';
import { hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { beaconKeyOf, pulseOf } from '../../../src-node/timelock.ts';
import { QUICKNET, roundAt } from '../../../src-shared/chain/timelock.ts';
import { KEPT_ROUNDS, MAX_PULSES_DROPPED, MAX_PULSES_PER_BLOCK } from '../limits.ts';
import type { Shape } from '../scale/types.ts';
import { item } from './item.ts';
import type { Context, Pallet } from './pallet.ts';
import type { Store } from './store.ts';

/**
 * The beacon that opens time-locked weights. On the real chain workers bring quicknet's pulses; this one has no
 * network and makes them itself, with a secret from its own seed and by its own time. Period and genesis are
 * quicknet's, the public key is not: clients that read `BeaconConfig` can be opened, those with a built-in key cannot.
 */
export interface Pulse {
  readonly round: bigint;
  readonly randomness: Uint8Array;
  readonly signature: Uint8Array;
}

interface BeaconConfig {
  readonly public_key: Uint8Array;
  /** Seconds between rounds, and of the first since 1970. */
  readonly period: number;
  readonly genesis_time: number;
  readonly hash: Uint8Array;
  readonly group_hash: Uint8Array;
  readonly scheme_id: Uint8Array;
  readonly metadata: { readonly beacon_id: Uint8Array };
}

const QUICKNET_CONFIG: BeaconConfig = {
  public_key: hexToBytes(QUICKNET.publicKey),
  period: QUICKNET.periodS,
  genesis_time: QUICKNET.genesisS,
  hash: hexToBytes(QUICKNET.chainHash),
  group_hash: hexToBytes('f477d5c89f21a17c863a7f937c6a6d15859414d2be09cd448d4279af331c5d3e'),
  scheme_id: utf8ToBytes('bls-unchained-g1-rfc9380'),
  metadata: { beacon_id: utf8ToBytes('quicknet') },
};

export const drandStorage = {
  BeaconConfig: item<[], BeaconConfig>([], 'BeaconConfiguration', QUICKNET_CONFIG),
  Pulses: item<[bigint], Pulse | null>([['u64', 'Blake2128Concat']], 'Pulse', null),
  LastStoredRound: item<[], bigint>([], 'u64', 0n),
  OldestStoredRound: item<[], bigint>([], 'u64', 0n),
};

export const drandShapes: Readonly<Record<string, Shape>> = {
  BeaconConfiguration: {
    path: 'pallet_drand::types::BeaconConfiguration',
    fields: {
      public_key: 'BoundedVec<u8> as OpaquePublicKey',
      period: 'u32',
      genesis_time: 'u32',
      hash: 'BoundedVec<u8> as BoundedHash',
      group_hash: 'BoundedVec<u8> as BoundedHash',
      scheme_id: 'BoundedVec<u8> as BoundedHash',
      metadata: 'BeaconMetadata as Metadata',
    },
  },
  BeaconMetadata: {
    path: 'pallet_drand::types::Metadata',
    fields: { beacon_id: 'BoundedVec<u8> as BoundedHash' },
  },
  Pulse: {
    path: 'pallet_drand::types::Pulse',
    fields: {
      round: 'u64 as RoundNumber',
      randomness: 'BoundedVec<u8> as BoundedVec<u8, ConstU32<32>>',
      signature: 'BoundedVec<u8> as BoundedVec<u8, ConstU32<144>>',
    },
  },
};

/** The public key, where clients look for it. The hash stays quicknet's: it names the scheme, nobody asks it here. */
export function setBeacon(store: Store, secret: bigint): void {
  store.put(drandStorage.BeaconConfig, { ...QUICKNET_CONFIG, public_key: beaconKeyOf(secret) });
}

/**
 * Signs the newest round, and those of `awaited` that have come meanwhile. A signature costs 6 ms, and blocks may lie
 * many rounds apart: rounds between that nobody waits for have no pulse.
 */
export function storePulses(context: Context, nowMs: number, awaited: readonly bigint[]): void {
  const { store, emit, rules } = context;
  const newest = BigInt(roundAt(nowMs));
  const first = newest > KEPT_ROUNDS ? newest - KEPT_ROUNDS : 1n;
  const isDue = (round: bigint) =>
    round >= first && round <= newest && !store.has(drandStorage.Pulses, round);
  const due = [...new Set([newest, ...awaited])].filter(isDue).slice(0, MAX_PULSES_PER_BLOCK);
  if (due.length === 0) return;
  const rounds = due.sort((a, b) => (a < b ? -1 : 1));
  for (const round of rounds) {
    const signature = pulseOf(rules.beaconSecret, round);
    store.put(drandStorage.Pulses, { round, randomness: sha256(signature), signature }, round);
  }
  store.put(drandStorage.LastStoredRound, newest);
  dropBefore(store, first, rounds[0] ?? newest);
  emit('Drand', 'NewPulse', { rounds });
}

/** Walks up to the oldest round kept, some rounds a block: where few have a pulse there is little to find. */
function dropBefore(store: Store, first: bigint, stored: bigint): void {
  let oldest = store.get(drandStorage.OldestStoredRound);
  if (oldest === 0n || stored < oldest) oldest = stored;
  for (let dropped = 0; oldest < first && dropped < MAX_PULSES_DROPPED; dropped++, oldest++)
    store.remove(drandStorage.Pulses, oldest);
  store.put(drandStorage.OldestStoredRound, oldest);
}

export const drand: Pallet = {
  name: 'Drand',
  index: 26,
  crate: 'pallet_drand',
  storage: drandStorage,
  calls: {},
  events: {
    BeaconConfigChanged: 0,
    NewPulse: [1, { rounds: 'Vec<u64> as Vec<RoundNumber>' }],
    SetOldestStoredRound: [2, ['u64']],
  },
  errors: {
    NoneValue: 0,
    StorageOverflow: 1,
    DrandConnectionFailure: 2,
    UnverifiedPulse: 3,
    InvalidRoundNumber: 4,
    PulseVerificationError: 5,
  },
  constants: {},
};
