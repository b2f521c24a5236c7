import { yamux } from '@chainsafe/libp2p-yamux';
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys';
import type { Libp2p } from '@libp2p/interface';
import { tcp } from '@libp2p/tcp';
import { tls } from '@libp2p/tls';
import { createLibp2p } from 'libp2p';
import { DIAL_LIMIT_MS, INBOUND_PER_SECOND, MAX_CONNECTIONS, STREAM_WINDOW_BYTES } from '../limits.ts';

/** A busy machine answers a ping late; only a peer that is really gone may lose its connection over it. */
const PING_LIMIT_MS = 15_000;

/** libp2p over TCP, TLS 1.3 and yamux; nothing of its discovery or routing. Does not listen yet. */
export async function createNode(at: {
  readonly seed: Uint8Array;
  readonly host: string;
  readonly port: number;
}): Promise<Libp2p> {
  const family = at.host.includes(':') ? 'ip6' : 'ip4';
  return createLibp2p({
    start: false,
    privateKey: await generateKeyPairFromSeed('Ed25519', at.seed),
    addresses: { listen: [`/${family}/${at.host}/tcp/${at.port}`] },
    transports: [tcp()],
    connectionEncrypters: [tls()],
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
    connectionGater: { denyDialMultiaddr: () => false },
  });
}
