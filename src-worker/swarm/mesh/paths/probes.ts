import type { Connection } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import type { Internals, RawDial } from './internals.ts';

/**
 * Connections that only find something out: whether somebody answers there with that peer's key, or how we are seen from
 * there. They are greeted by nobody, so no protocol takes them for a way to a member.
 */
export class Probes {
  readonly #internals: () => Internals;
  readonly #dialling = new Set<string>();

  constructor(internals: () => Internals) {
    this.#internals = internals;
  }

  /** Whether a connection that has just opened is one. */
  isProbe({ remoteAddr }: Connection): boolean {
    return this.#dialling.has(remoteAddr.toString());
  }

  /**
   * @param address with the peer id that has to answer
   * @throws {Error} when nobody answers, or somebody else does
   */
  async open(address: string, how: RawDial): Promise<Connection> {
    const to = multiaddr(address);
    this.#dialling.add(to.toString());
    try {
      return await this.#internals().transportManager.dial(to, how);
    } finally {
      this.#dialling.delete(to.toString());
    }
  }
}
