import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { type ConnectionOptions, connect, TLSSocket, type TLSSocketOptions } from 'node:tls';
import {
  type ConnectionEncrypter,
  InvalidCryptoExchangeError,
  type MessageStream,
  type PrivateKey,
  type SecureConnectionOptions,
  type SecuredConnection,
  type StreamCloseEvent,
  type StreamMessageEvent,
  type StreamMuxerFactory,
} from '@libp2p/interface';
import { type TLSComponents, tls } from '@libp2p/tls';
import { generateCertificate, toMessageStream, verifyPeerCertificate } from '@libp2p/tls/utils';
import { SOCKET_AHEAD_BYTES } from '../limits.ts';
import { drained } from '../net/drained.ts';

/** What a peer offers that speaks TLS and settles the muxer afterwards. */
const LATER = 'libp2p';

/**
 * TLS 1.3 as libp2p's specification has it, with certificates by `@libp2p/tls`. That one's own connections read nothing
 * while what they send waits for the line, so two peers that both send much hold each other up; these read on.
 */
export const fullDuplexTls =
  () =>
  (components: TLSComponents): ConnectionEncrypter =>
    new FullDuplexTls(components);

class FullDuplexTls implements ConnectionEncrypter {
  readonly protocol: string;
  readonly #key: PrivateKey;
  readonly #muxers: () => Map<string, StreamMuxerFactory>;

  constructor(components: TLSComponents) {
    this.protocol = tls()(components).protocol;
    this.#key = components.privateKey;
    this.#muxers = () => components.upgrader.getStreamMuxers();
  }

  secureInbound(connection: MessageStream, options?: SecureConnectionOptions): Promise<SecuredConnection> {
    return this.#secure(
      connection,
      options,
      (socket, terms) => new TLSSocket(socket, { ...terms, isServer: true }),
    );
  }

  secureOutbound(connection: MessageStream, options?: SecureConnectionOptions): Promise<SecuredConnection> {
    return this.#secure(connection, options, (socket, terms) => connect({ ...terms, socket }));
  }

  async #secure(
    connection: MessageStream,
    options: SecureConnectionOptions | undefined,
    open: (socket: Duplex, terms: TLSSocketOptions) => TLSSocket,
  ): Promise<SecuredConnection> {
    const muxers = options?.skipStreamMuxerNegotiation === true ? [] : [...this.#muxers().keys()];
    const terms = await this.#terms(muxers, options);
    const secured = open(duplexOf(connection), terms);
    const over = new AbortController();
    secured.on('error', (error) => {
      over.abort(error);
      connection.abort(error);
    });
    secured.on('close', () => over.abort(new InvalidCryptoExchangeError('closed before it was secure')));
    try {
      const signal = options?.signal ? AbortSignal.any([over.signal, options.signal]) : over.signal;
      await once(secured, 'secure', { signal });
      const remotePeer = await verifyPeerCertificate(secured.getPeerCertificate().raw, options?.remotePeer);
      signal.throwIfAborted();
      const streamMuxer = this.#muxers().get(secured.alpnProtocol || LATER);
      return {
        remotePeer,
        connection: toMessageStream(connection, secured),
        ...(streamMuxer && { streamMuxer }),
      };
    } catch (thrown) {
      secured.destroy();
      throw over.signal.aborted ? over.signal.reason : thrown;
    }
  }

  async #terms(
    muxers: readonly string[],
    options?: SecureConnectionOptions,
  ): Promise<TLSSocketOptions & ConnectionOptions> {
    return {
      ...(await generateCertificate(this.#key, options)),
      minVersion: 'TLSv1.3',
      maxVersion: 'TLSv1.3',
      ...{ highWaterMark: SOCKET_AHEAD_BYTES },
      // Both sign their certificates themselves: whose they are is checked by what stands in them.
      ...{ requestCert: true, rejectUnauthorized: false },
      ALPNProtocols: [...muxers, LATER],
      ALPNCallback: ({ protocols }) =>
        protocols.find((name) => muxers.includes(name)) ?? protocols.find((name) => name === LATER),
    };
  }
}

/** A connection as Node's streams are. Each direction waits for its own side alone. */
function duplexOf(connection: MessageStream): Duplex {
  const write = async (pieces: readonly Uint8Array[]) => {
    const isFree = pieces.map((bytes) => connection.send(bytes)).every(Boolean);
    if (!isFree) await drained(connection);
  };
  const said = (sending: Promise<void>, done: (error?: Error) => void) =>
    void sending.then(() => done(), done);
  // What comes before it is read waits in the connection.
  connection.pause();
  const duplex = new Duplex({
    write: (chunk: Uint8Array, _encoding, done) => said(write([chunk]), done),
    writev: (chunks, done) => said(write(chunks.map(({ chunk }) => chunk)), done),
    read: () => connection.resume(),
    final: (done) => said(connection.close(), done),
  });
  connection.addEventListener('message', ({ data }: StreamMessageEvent) => {
    const pieces = data instanceof Uint8Array ? [data] : [...data];
    if (!pieces.map((piece) => duplex.push(piece)).every(Boolean)) connection.pause();
  });
  connection.addEventListener('close', ({ error }: StreamCloseEvent) => void duplex.destroy(error));
  return duplex;
}
