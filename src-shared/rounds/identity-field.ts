import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { isNearby, type StoreAddress } from '../stores/store-address.ts';
import { packStoreAddress, unpackStoreAddress } from '../stores/store-bytes.ts';
import { type Hex, hex } from '../units.ts';

/**
 * The field of a hotkey's commitment that says which run it works for, which peer key speaks for it, and where its states
 * can be read, so that peers are found and bound from the chain alone. Layout: version (1), run tag (8), Ed25519 public
 * key (32); in version 2 the packed address of a store behind it (2..87).
 */
export interface IdentityField {
  /** First 8 bytes of the profile hash. */
  readonly tag: Hex;
  /** Ed25519 public key of the libp2p identity. */
  readonly peerKey: Hex;
  /** Where everybody may read its states; null where it names none. */
  readonly store: StoreAddress | null;
}

/** Without a store. */
export const IDENTITY_FIELD_BYTES = 41;
/** What one field of a commitment holds. */
export const IDENTITY_FIELD_BYTES_MOST = 128;
const WITHOUT_STORE = 1;
const WITH_STORE = 2;

/** Whether a store can be told in a commitment: one that others can reach, and that is short enough. */
export const fitsIdentityField = (store: StoreAddress): boolean =>
  !isNearby(store) && IDENTITY_FIELD_BYTES + packStoreAddress(store).length <= IDENTITY_FIELD_BYTES_MOST;

/** @throws {RangeError} when a part does not fit the layout: a defect of the caller. */
export function encodeIdentityField({
  tag,
  peerKey,
  store = null,
}: Omit<IdentityField, 'store'> & Partial<Pick<IdentityField, 'store'>>): Uint8Array {
  if (tag.length !== 16 || peerKey.length !== 64) throw new RangeError('tag has 8 bytes, peer key 32');
  const bound = [...hexToBytes(tag), ...hexToBytes(peerKey)];
  if (!store) return Uint8Array.of(WITHOUT_STORE, ...bound);
  if (!fitsIdentityField(store)) throw new RangeError('the address of the store does not fit');
  return Uint8Array.of(WITH_STORE, ...bound, ...packStoreAddress(store));
}

/**
 * Reads a field of somebody's commitment; null when it is no identity field of a known version. A store that is none,
 * or that leads into the reader's own network, unbinds nobody: it is as if none were named.
 */
export function parseIdentityField(field: Uint8Array): IdentityField | null {
  if (field[0] === WITHOUT_STORE && field.length !== IDENTITY_FIELD_BYTES) return null;
  if (field[0] !== WITHOUT_STORE && !hasStore(field)) return null;
  const store = hasStore(field) ? unpackStoreAddress(field.subarray(IDENTITY_FIELD_BYTES)) : null;
  return {
    tag: hex(bytesToHex(field.subarray(1, 9))),
    peerKey: hex(bytesToHex(field.subarray(9, IDENTITY_FIELD_BYTES))),
    store: store && !isNearby(store) ? store : null,
  };
}

const hasStore = ({ 0: version, length }: Uint8Array): boolean =>
  version === WITH_STORE && length > IDENTITY_FIELD_BYTES && length <= IDENTITY_FIELD_BYTES_MOST;

/** This run's identity among the fields of a commitment; null when there is none or more than one. */
export function identityIn(fields: readonly Uint8Array[], tag: Hex): IdentityField | null {
  const found = fields.map(parseIdentityField).filter((identity) => identity?.tag === tag);
  return found.length === 1 ? (found[0] ?? null) : null;
}
