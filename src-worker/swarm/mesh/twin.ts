import { publicKeyFromRaw } from '@libp2p/crypto/keys';
import type { PeerId } from '@libp2p/interface';
import { peerIdFromPublicKey } from '@libp2p/peer-id';
import type { Hex, Ss58 } from '../../../src-shared/units.ts';
import type { Directory } from './directory.ts';
import type { PeerRecord } from './hello.ts';

/** Another start of a hotkey, under a peer key of its own. Of two the one with the newer binding has the word. */
export interface Twin {
  readonly peerId: string;
  readonly isNewer: boolean;
}

export interface OwnBinding {
  readonly hotkey: Ss58;
  readonly peerKey: Hex;
  readonly binding: string;
}

/** Whom a record speaks of, if it is another start of our own hotkey; null for everybody else. */
export function twinOf(directory: Directory, own: OwnBinding, record: PeerRecord): Twin | null {
  const other = directory.read(record);
  if (other?.hotkey !== own.hotkey || other.peerKey === own.peerKey) return null;
  const ours = directory.read({ binding: own.binding, addresses: [] });
  return { peerId: peerIdOf(other.peerKey).toString(), isNewer: other.seq > (ours?.seq ?? 0) };
}

/** What a peer at the door has to hear: a newer start of its hotkey, of which we know and which may be connected. */
export function newerThan(
  directory: Directory,
  record: PeerRecord,
): { readonly hotkey: Ss58; readonly peerId: string; readonly record: PeerRecord } | null {
  const here = directory.read(record);
  const known = here && directory.get(here.hotkey);
  if (!known || known.seq <= here.seq || known.peerKey === here.peerKey) return null;
  return { hotkey: known.hotkey, peerId: peerIdOf(known.peerKey).toString(), record: known.record };
}

export const peerIdOf = (peerKey: string): PeerId =>
  peerIdFromPublicKey(publicKeyFromRaw(Buffer.from(peerKey, 'hex')));
