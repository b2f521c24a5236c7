import type { Libp2p } from '@libp2p/interface';
import { parse } from 'valibot';
import { multiaddr } from '../../../../src-shared/contract/fields.ts';
import { MessageReader, sendMessage, withLink } from '../../net/ask.ts';
import { streamLink } from '../../net/stream-link.ts';
import { bareAddress } from '../kinds/bare.ts';
import { PATH_MESSAGE_BYTES_MAX } from './limits.ts';
import type { Probes } from './probes.ts';

/** What passes here is a few bytes of a probe, and counted nowhere. */
const uncounted = () => ({ sentBytes: 0, receivedBytes: 0 });

/** Tells everybody who connects from where it is seen, as STUN does. Nobody else learns that. */
export async function serveSeen(node: Libp2p, protocol: string, signal: AbortSignal): Promise<void> {
  await node.handle(
    protocol,
    (stream, { remoteAddr }) => {
      const link = streamLink(stream, uncounted());
      const seen = new TextEncoder().encode(bareAddress(remoteAddr.toString()));
      void withLink(link, signal, () => sendMessage(link, seen)).catch(() => {});
    },
    { maxInboundStreams: 1 },
  );
}

export interface Seen {
  readonly address: string;
  /** Closes the connection, which keeps the router's mapping alive until then. */
  close(): void;
}

/**
 * How a port of ours is seen from a peer, over a connection that goes out from that port.
 * @throws {Error} when that peer is not reached or does not say
 */
export async function seenFrom(
  probes: Probes,
  at: { readonly address: string; readonly protocol: string; readonly localPort: number },
  signal: AbortSignal,
): Promise<Seen> {
  const { localPort } = at;
  const connection = await probes.open(at.address, { localPort, signal });
  try {
    const link = streamLink(await connection.newStream(at.protocol, { signal }), uncounted());
    const said = await withLink(link, signal, () =>
      new MessageReader(link, 'peer').next(PATH_MESSAGE_BYTES_MAX),
    );
    const address = parse(multiaddr, new TextDecoder().decode(said ?? new Uint8Array(0)));
    return { address, close: () => connection.abort(new Error('seen')) };
  } catch (thrown) {
    connection.abort(new Error('not seen'));
    throw thrown;
  }
}
