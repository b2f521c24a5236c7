import type { Logger, MultiaddrConnection } from '@libp2p/interface';
import { AbstractMultiaddrConnection } from '@libp2p/utils';
import type { Multiaddr } from '@multiformats/multiaddr';
import type { PeerLink } from '../../net/link.ts';

interface RelayedInit {
  /** A stream to the relay, which passes its bytes on. */
  readonly link: Pick<PeerLink, 'send' | 'close' | 'abort'>;
  /** What comes over it from here on. */
  readonly incoming: AsyncIterable<Uint8Array>;
  readonly remoteAddr: Multiaddr;
  readonly direction: 'inbound' | 'outbound';
  readonly log: Logger;
}

/** A stream through a relay as the bare connection that libp2p encrypts: the relay reads nothing of what passes. */
export const relayedConnection = (init: RelayedInit): MultiaddrConnection => new RelayedConnection(init);

class RelayedConnection extends AbstractMultiaddrConnection {
  readonly #link: RelayedInit['link'];
  #resumed: PromiseWithResolvers<void> | null = null;

  constructor({ link, incoming, ...init }: RelayedInit) {
    super(init);
    this.#link = link;
    void this.#read(incoming);
  }

  sendData(list: Parameters<AbstractMultiaddrConnection['sendData']>[0]): {
    sentBytes: number;
    canSendMore: boolean;
  } {
    const bytes = list.subarray();
    this.#link.send(bytes).then(
      () => this.safeDispatchEvent('drain'),
      (thrown: Error) => this.abort(thrown),
    );
    // The link says later whether it takes more.
    return { sentBytes: bytes.length, canSendMore: false };
  }

  sendClose(): Promise<void> {
    return this.#link.close();
  }

  sendReset(): void {
    this.#link.abort();
  }

  sendPause(): void {
    this.#resumed ??= Promise.withResolvers();
  }

  sendResume(): void {
    this.#resumed?.resolve();
    this.#resumed = null;
  }

  async #read(incoming: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      for await (const bytes of incoming) {
        await this.#resumed?.promise;
        this.onData(bytes);
      }
      this.onTransportClosed();
    } catch (thrown) {
      this.abort(thrown as Error);
    }
  }
}
