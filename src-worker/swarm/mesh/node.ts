import { yamux } from '@chainsafe/libp2p-yamux';
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys';
import type { Libp2p } from '@libp2p/interface';
import { createLibp2p } from 'libp2p';
import { DIAL_LIMIT_MS, INBOUND_PER_SECOND, MAX_CONNECTIONS, STREAM_WINDOW_BYTES } from '../limits.ts';
import { fullDuplexTls } from './full-duplex-tls.ts';
import type { AddressKind, Listen } from './kinds/kind.ts';
import type { Services } from './sources/source.ts';

/** A busy machine answers a ping late; only a peer that is really gone may lose its connection over it. */
const PING_LIMIT_MS = 15_000;

/** libp2p over the kinds' transports, TLS 1.3 and yamux, and what sources have it run. Does not listen yet. */
export async function createNode(at: {
  readonly seed: Uint8Array;
  readonly listen: Listen;
  readonly kinds: readonly AddressKind[];
  readonly services: Services;
}): Promise<Libp2p> {
  return createLibp2p({
    start: false,
    privateKey: await generateKeyPairFromSeed('Ed25519', at.seed),
    addresses: { listen: at.kinds.flatMap((kind) => kind.listenOn(at.listen)) },
    transports: at.kinds.flatMap((kind) => kind.transports()),
    connectionEncrypters: [fullDuplexTls()],
    streamMuxers: [
      yamux({
        streamOptions: {
          initialStreamWindowSize: STREAM_WINDOW_BYTES,
          maxStreamWindowSize: STREAM_WINDOW_BYTES,
        },
      }),
    ],
    connectionManager: {
      maxConnections: MAX_CONNECTIONS,
      inboundConnectionThreshold: INBOUND_PER_SECOND,
      maxIncomingPendingConnections: INBOUND_PER_SECOND,
      dialTimeout: DIAL_LIMIT_MS,
      reconnectRetries: 0,
    },
    connectionMonitor: { pingTimeout: { minTimeout: PING_LIMIT_MS, maxTimeout: 2 * PING_LIMIT_MS } },
    services: at.services,
    connectionGater: { denyDialMultiaddr: () => false },
  });
}
