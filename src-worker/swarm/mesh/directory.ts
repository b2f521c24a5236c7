import type { SignedBinding } from '../../../src-shared/rounds/binding.ts';
import { type Hex, hex, type Ss58 } from '../../../src-shared/units.ts';
import { MAX_ADDRESSES_PER_PEER, MAX_KNOWN_RECORDS, MAX_PEER_RECORDS, MAX_STRANGERS } from '../limits.ts';
import type { BindingDoor, PeerRecord } from './hello.ts';

export interface BoundPeer {
  readonly hotkey: Ss58;
  readonly peerKey: Hex;
  readonly seq: number;
  readonly record: PeerRecord;
}

/** Verified records by hotkey, the highest sequence number of each; once members are known, of members only. */
export class Directory {
  readonly #door: BindingDoor;
  readonly #known = new Map<Ss58, BoundPeer>();
  readonly #strangers = new Map<Ss58, PeerRecord>();
  #members: ReadonlySet<string> | null = null;

  constructor(door: BindingDoor) {
    this.#door = door;
  }

  get members(): ReadonlySet<string> | null {
    return this.#members;
  }

  setMembers(hotkeys: readonly string[]): void {
    this.#members = new Set(hotkeys);
    for (const [hotkey, { record }] of this.#known) {
      if (this.#members.has(hotkey)) continue;
      this.#known.delete(hotkey);
      this.#remember(hotkey, record);
    }
    for (const [hotkey, record] of this.#strangers) {
      if (!this.#members.has(hotkey)) continue;
      this.#strangers.delete(hotkey);
      this.learn(record);
    }
  }

  /** What a record states, if it counts here and now; nothing is remembered. */
  read(record: PeerRecord): SignedBinding | null {
    return this.#door.verify(record.binding);
  }

  /** @returns what is now known of that hotkey, or null when the record does not count */
  learn(record: PeerRecord): BoundPeer | null {
    const binding = this.#door.verify(record.binding);
    if (!binding) return null;
    if (this.#members?.has(binding.hotkey) === false) {
      this.#remember(binding.hotkey, record);
      return null;
    }
    const known = this.#known.get(binding.hotkey);
    if (known && known.seq > binding.seq) return known;
    // The same statement again: a second-hand list of addresses must not replace what the peer itself said.
    if (known?.record.binding === record.binding && record.addresses.length === 0) return known;
    if (!known && this.#known.size >= MAX_KNOWN_RECORDS) return null;
    const { hotkey, peerKey, seq } = binding;
    const learned: BoundPeer = { hotkey, peerKey: hex(peerKey), seq, record };
    this.#known.set(hotkey, learned);
    return learned;
  }

  /**
   * As `learn`, for a peer that stands at the door: one that is not registered (yet) is read but not remembered.
   * @param provenKey the key that this peer has shown to hold
   * @returns null when the record does not count, speaks for another key, or a newer one names another
   */
  meet(record: PeerRecord, provenKey: string | null): BoundPeer | null {
    const binding = this.#door.verify(record.binding);
    if (!binding || binding.peerKey !== provenKey) return null;
    const { hotkey, peerKey, seq } = binding;
    if (this.#members?.has(hotkey) === false) return { hotkey, peerKey: hex(peerKey), seq, record };
    const known = this.#known.get(hotkey);
    if (!known || known.seq <= seq) return this.learn(record);
    if (known.peerKey !== peerKey) return null;
    // An older statement of the same key, as after a restart: it still says where that peer listens now.
    const moved = { ...known, record: { ...known.record, addresses: record.addresses } };
    this.#known.set(hotkey, moved);
    return moved;
  }

  /**
   * Records that others brought, checked one per turn of the event loop.
   * @param isHere of whom we hear first-hand where they listen: what others say of it is older
   */
  async learnAll(records: readonly PeerRecord[], isHere: (hotkey: Ss58) => boolean): Promise<void> {
    for (const record of records) {
      const known = this.all().find((peer) => peer.record.binding === record.binding);
      if (known && !isHere(known.hotkey)) this.#add(known, record.addresses);
      if (known) continue;
      this.learn(record);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  get(hotkey: Ss58): BoundPeer | null {
    return this.#known.get(hotkey) ?? null;
  }

  all(): readonly BoundPeer[] {
    return [...this.#known.values()];
  }

  toShare(except: Ss58): PeerRecord[] {
    const others = this.all().filter((peer) => peer.hotkey !== except && peer.record.addresses.length > 0);
    return others.slice(-MAX_PEER_RECORDS).map((peer) => peer.record);
  }

  // One that registers a moment after it first knocked is dialled as soon as the chain shows it.
  #remember(hotkey: Ss58, record: PeerRecord): void {
    this.#strangers.delete(hotkey);
    if (this.#strangers.size < MAX_STRANGERS) this.#strangers.set(hotkey, record);
  }

  /** One that came behind a router is reached elsewhere than at first; which of two lists is newer nobody says. */
  #add(known: BoundPeer, brought: readonly string[]): void {
    const addresses = [...new Set([...brought, ...known.record.addresses])].slice(0, MAX_ADDRESSES_PER_PEER);
    this.#known.set(known.hotkey, { ...known, record: { ...known.record, addresses } });
  }
}
