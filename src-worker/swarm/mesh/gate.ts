import type { Connection } from '@libp2p/interface';
import type { Ss58 } from '../../../src-shared/units.ts';
import { HELLO_LIMIT_MS } from '../limits.ts';
import type { BoundPeer, Directory } from './directory.ts';
import type { Members } from './members.ts';

interface Visitor {
  readonly connection: Connection;
  readonly openedAtMs: number;
  /** Ends it if it stays a stranger's. */
  readonly limit: NodeJS.Timeout;
  readonly verdict: PromiseWithResolvers<void>;
  greeted: BoundPeer | null;
}

/** Every connection from its opening until it is bound to a registered hotkey, or closed. */
export class Gate {
  readonly #directory: Directory;
  readonly #members: Members;
  readonly #stopping: AbortSignal;
  readonly #visitors = new Map<string, Visitor>();

  constructor(init: {
    readonly directory: Directory;
    readonly members: Members;
    readonly stopping: AbortSignal;
  }) {
    this.#directory = init.directory;
    this.#members = init.members;
    this.#stopping = init.stopping;
  }

  opened(connection: Connection): void {
    this.#visitorOf(connection);
  }

  closed(connection: Connection): void {
    const visitor = this.#visitors.get(connection.id);
    if (!visitor) return;
    this.#visitors.delete(connection.id);
    clearTimeout(visitor.limit);
    visitor.verdict.resolve();
    if (visitor.greeted) this.#members.closed(visitor.greeted.hotkey, connection);
  }

  /** What the other side has proven to be. */
  greeted(known: BoundPeer, connection: Connection): void {
    if (connection.status !== 'open') return;
    this.#visitorOf(connection).greeted = known;
    this.#judge(known, connection);
  }

  /** The list of members changed: everybody is looked at again. */
  judgeAll(): void {
    for (const { greeted, connection } of [...this.#visitors.values()])
      if (greeted) this.#judge(greeted, connection);
  }

  /** Resolves when the connection was let in or will not be. */
  async verdict(connection: Connection): Promise<void> {
    if (this.hotkeyOf(connection) || connection.status !== 'open') return;
    await this.#visitorOf(connection).verdict.promise;
  }

  /** Whom an admitted connection belongs to. */
  hotkeyOf(connection: Connection): Ss58 | null {
    const hotkey = this.#visitors.get(connection.id)?.greeted?.hotkey;
    return hotkey && this.#members.holds(hotkey, connection) ? hotkey : null;
  }

  drop(connection: Connection, why: string): void {
    if (!this.#stopping.aborted)
      console.error(`connection ${connection.direction} ${connection.remoteAddr} ended: ${why}`);
    this.#visitors.get(connection.id)?.verdict.resolve();
    // A polite close would wait for streams that the other side keeps open.
    connection.abort(new Error(why));
  }

  /** A stream of a connection may be heard of before the connection itself. */
  #visitorOf(connection: Connection): Visitor {
    const known = this.#visitors.get(connection.id);
    if (known) return known;
    const limit = setTimeout(() => this.#turnAway(connection), HELLO_LIMIT_MS);
    limit.unref();
    const visitor: Visitor = {
      ...{ connection, openedAtMs: performance.now(), limit },
      ...{ verdict: Promise.withResolvers<void>(), greeted: null },
    };
    this.#visitors.set(connection.id, visitor);
    return visitor;
  }

  #turnAway(connection: Connection): void {
    // Until the chain was read nobody can be told from a stranger, so whoever greeted is kept waiting.
    const waits = this.#directory.members === null && this.#visitors.get(connection.id)?.greeted;
    if (!waits && !this.hotkeyOf(connection)) this.drop(connection, 'no registered hotkey in time');
  }

  #judge(known: BoundPeer, connection: Connection): void {
    const members = this.#directory.members;
    if (members?.has(known.hotkey)) this.#judgeMember(known, connection);
    else if (members) this.#judgeStranger(connection);
  }

  #judgeMember(known: BoundPeer, connection: Connection): void {
    const { hotkey } = known;
    this.#directory.learn(known.record);
    const livePeerId = this.#members.peerIdOf(hotkey);
    if (livePeerId !== null && livePeerId !== connection.remotePeer.toString()) {
      if (this.#isOutdated(known)) {
        this.drop(connection, 'an older binding');
        return;
      }
      for (const other of this.#members.connectionsOf(hotkey)) this.drop(other, 'a newer binding took over');
      this.#members.leave(hotkey);
    }
    if (connection.status !== 'open') return;
    this.#members.admit(hotkey, connection);
    this.#visitorOf(connection).verdict.resolve();
  }

  /** It may have registered a moment ago: the next list of members, or the hello limit, decides. */
  #judgeStranger(connection: Connection): void {
    const ageMs = performance.now() - this.#visitorOf(connection).openedAtMs;
    if (this.hotkeyOf(connection) || ageMs > HELLO_LIMIT_MS) this.drop(connection, 'not registered');
  }

  /** Whether a newer binding of that hotkey names another key. */
  #isOutdated({ hotkey, peerKey }: BoundPeer): boolean {
    return (this.#directory.get(hotkey)?.peerKey ?? peerKey) !== peerKey;
  }
}
