import type { Hex, Ss58 } from '../../../src-shared/units.ts';

/** What peers talk about; each is a protocol of its own under /dt/<run>/. */
export type Protocol =
  | 'control'
  | 'reduce'
  | 'results'
  | 'list'
  | 'work'
  | 'challenge'
  | 'state'
  | 'receipts'
  | 'audit'
  | 'contribution'
  | 'scores'
  | 'dial-back'
  | 'relay'
  | 'relayed'
  | 'punch';

/** A stream of bytes to one peer. Message borders are the reader's affair. */
export interface PeerLink {
  /** Resolves when more may be sent; rejects when the stream is gone. The bytes must not change afterwards. */
  send(bytes: Uint8Array): Promise<void>;
  /** Bytes as they come, in pieces of any size. Ends when the peer closed, throws when the stream broke. Read once. */
  readonly incoming: AsyncIterable<Uint8Array>;
  /** No more will be sent; what is on its way still arrives. */
  close(): Promise<void>;
  /** Ends both directions now. */
  abort(): void;
}

/** Bound peers by hotkey: who is behind a link has been verified before anything here sees it. */
export interface Network {
  readonly self: Ss58;
  /** Connected and bound peers. */
  peers(): readonly Ss58[];
  isConnected(hotkey: Ss58): boolean;
  /** Ed25519 key bound to a hotkey, also after that peer has gone; null when none was ever seen. */
  peerKey(hotkey: Ss58): Hex | null;
  /** The statement that binds it, as the hotkey signed it; null like its key. */
  bindingOf(hotkey: Ss58): string | null;
  /** @throws {AppError} PEER_UNREACHABLE */
  open(hotkey: Ss58, protocol: Protocol, signal: AbortSignal): Promise<PeerLink>;
  handle(protocol: Protocol, serve: (link: PeerLink, from: Ss58) => Promise<void>): void;
  /** @returns a function that unsubscribes. */
  onPeer(listener: (hotkey: Ss58, connected: boolean) => void): () => void;
}
