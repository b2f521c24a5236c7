import type { Connection, Stream } from '@libp2p/interface';
import { withLimit } from '../../../src-node/waits.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { HELLO_LIMIT_MS, HELLO_MAX_BYTES } from '../limits.ts';
import { MessageReader, sendMessage, withLink } from '../net/ask.ts';
import { fromBytes, toBytes } from '../net/json.ts';
import type { PeerLink } from '../net/link.ts';
import { dialable, observedAddress } from './addresses.ts';
import type { Directory } from './directory.ts';
import type { Gate } from './gate.ts';
import { type Hello, helloSchema, type PeerRecord } from './hello.ts';
import { bareAddress } from './kinds/bare.ts';
import type { Members, MeshPeerEvent } from './members.ts';
import { newerThan, type OwnBinding, twinOf } from './twin.ts';

export interface GreetingInit {
  readonly own: OwnBinding;
  readonly directory: Directory;
  readonly members: Members;
  readonly gate: Gate;
  readonly listenHost: string;
  readonly stopping: AbortSignal;
  /** Where we say that we listen. */
  addresses(): readonly string[];
  /** Whether others may come to members through us. */
  isRelay(): boolean;
  /** A peer has said that of itself. */
  onRelay(hotkey: Ss58, offers: boolean): void;
  open(connection: Connection, signal: AbortSignal): Promise<PeerLink>;
  link(stream: Stream): PeerLink;
  /** Another start of our own hotkey speaks elsewhere. */
  onTwin(event: MeshPeerEvent): void;
  /** Records that a peer brought are in the directory. */
  onLearned(): void;
}

/** What both sides of a new connection say at once: who they are, and whom else they know. */
export class Greeting {
  readonly #init: GreetingInit;
  #binding: string;

  constructor(init: GreetingInit) {
    this.#init = init;
    this.#binding = init.own.binding;
  }

  get binding(): string {
    return this.#binding;
  }

  /** Presents another binding from now on. */
  renew(binding: string): void {
    this.#binding = binding;
  }

  /** Says hello on a connection and takes the answer. */
  async greet(connection: Connection): Promise<void> {
    const { own, gate, stopping } = this.#init;
    const signal = withLimit(stopping, HELLO_LIMIT_MS);
    const link = await this.#init.open(connection, signal);
    await withLink(link, signal, async () => {
      await sendMessage(link, this.#hello(own.hotkey));
      const answer = helloIn(await new MessageReader(link, 'peer').next(HELLO_MAX_BYTES));
      if (this.#accept(answer, connection) === own.hotkey)
        gate.drop(connection, 'our own hotkey from elsewhere');
    });
  }

  /** Takes the hello of whoever dialled us, and answers. */
  async answer(stream: Stream, connection: Connection): Promise<void> {
    const { own, directory, members, gate, stopping } = this.#init;
    const link = this.#init.link(stream);
    const signal = withLimit(stopping, HELLO_LIMIT_MS);
    let heard: Uint8Array | null = null;
    await withLink(link, signal, async () => {
      heard = await new MessageReader(link, 'peer').next(HELLO_MAX_BYTES);
      const said = helloIn(heard);
      const newer = newerThan(directory, said);
      // Who is not let in has to hear why; it leaves then, or the hello limit ends it.
      if (newer && members.peerIdOf(newer.hotkey) === newer.peerId)
        return sendMessage(link, this.#hello(own.hotkey, newer.record));
      const from = this.#accept(said, connection);
      await sendMessage(link, this.#hello(from));
    }).catch((thrown: unknown) => {
      // Beside a whole exchange it comes late, or not at all: nobody who is let in loses a connection by that, and the round.
      const isWrong = heard !== null && thrown instanceof AppError;
      if (isWrong || gate.hotkeyOf(connection) === null) gate.drop(connection, String(thrown));
    });
  }

  /** What we say of ourselves now. */
  own(): PeerRecord {
    return { binding: this.#binding, addresses: this.#init.addresses().map(bareAddress) };
  }

  #hello(to: Ss58, newer?: PeerRecord): Uint8Array {
    const hello: Hello = {
      ...this.own(),
      relay: this.#init.isRelay(),
      records: this.#init.directory.toShare(to),
      ...(newer && { newer }),
    };
    return toBytes(hello);
  }

  /** @returns the hotkey that spoke; our own where another start of it was told of */
  #accept(hello: Hello, connection: Connection): Ss58 {
    const { own, directory, gate, members, listenHost } = this.#init;
    const isTwin = directory.read(hello)?.peerKey === keyOf(connection) && this.#meetTwin(hello);
    if (isTwin || (hello.newer && this.#meetTwin(hello.newer))) return own.hotkey;
    const observed = observedAddress(connection.remoteAddr.toString(), hello.addresses);
    const addresses = dialable([...hello.addresses, ...observed], listenHost);
    const known = directory.meet({ binding: hello.binding, addresses }, keyOf(connection));
    if (!known) throw new AppError('PEER_BINDING_INVALID', { reason: 'peer' });
    gate.greeted(known, connection);
    this.#init.onRelay(known.hotkey, hello.relay);
    const brought = hello.records.map((r) => ({ ...r, addresses: dialable(r.addresses, listenHost) }));
    const isHere = (hotkey: Ss58) => members.has(hotkey);
    void directory.learnAll(brought, isHere).then(() => this.#init.onLearned());
    return known.hotkey;
  }

  /** The older start of the two tells its host each time; the newer one goes on as if it were alone. */
  #meetTwin(record: PeerRecord): boolean {
    const { own, directory, onTwin } = this.#init;
    const twin = twinOf(directory, { ...own, binding: this.#binding }, record);
    const { peerId, isNewer } = twin ?? {};
    if (peerId && isNewer)
      onTwin({ hotkey: own.hotkey, peerId, connected: true, address: record.addresses[0] ?? null });
    return twin !== null;
  }
}

/** @throws {AppError} PEER_MALFORMED */
function helloIn(said: Uint8Array | null): Hello {
  const hello = said ? fromBytes(helloSchema, said) : null;
  if (!hello) throw new AppError('PEER_MALFORMED', { peer: 'new', detail: 'hello' });
  return hello;
}

/** Hex of the Ed25519 key that the other side has proven to hold; null for a key of another kind. */
function keyOf({ remotePeer }: Connection): string | null {
  const key = remotePeer.publicKey;
  return key?.type === 'Ed25519' ? Buffer.from(key.raw).toString('hex') : null;
}
