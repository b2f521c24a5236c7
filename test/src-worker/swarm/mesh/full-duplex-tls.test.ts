import { type AddressInfo, createServer, connect as knock, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Libp2p, Stream } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import { afterEach, describe, expect, it } from 'vitest';
import { STREAM_WINDOW_BYTES } from '../../../../src-worker/swarm/limits.ts';
import { tcp } from '../../../../src-worker/swarm/mesh/kinds/tcp.ts';
import { createNode } from '../../../../src-worker/swarm/mesh/node.ts';
import { drained } from '../../../../src-worker/swarm/net/drained.ts';
import type { PeerLink } from '../../../../src-worker/swarm/net/link.ts';
import { streamLink } from '../../../../src-worker/swarm/net/stream-link.ts';

const PROTOCOL = '/test/1';
const PIECE_BYTES = 1_048_576;
/** Together far more than queues and windows on the way take. */
const STREAMS = 8;
/** Together more than twice what the kernels of both sides take besides. */
const MANY_STREAMS = 40;
/** What is taken at all is taken well within this. */
const STILL_MS = 500;

const nodes: Libp2p[] = [];
let between: Between | null = null;
afterEach(async () => {
  between?.end();
  await Promise.all(nodes.splice(0).map((node) => node.stop()));
});

async function started(number: number): Promise<Libp2p> {
  const node = await createNode({
    ...{ seed: new Uint8Array(32).fill(number), listen: { host: '127.0.0.1', port: 0 } },
    ...{ kinds: [tcp()], services: {} },
  });
  nodes.push(node);
  await node.start();
  return node;
}

/** A line between two nodes on which one direction can be stopped. */
class Between {
  readonly #server: Server;
  readonly #sockets: Socket[] = [];

  private constructor(server: Server) {
    this.#server = server;
  }

  static async to(port: number): Promise<Between> {
    const server = createServer();
    const line = new Between(server);
    server.on('connection', (near) => {
      const far = knock({ host: '127.0.0.1', port });
      line.#sockets.push(near, far);
      near.on('error', () => far.destroy());
      far.on('error', () => near.destroy());
      near.pipe(far);
      far.pipe(near);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return line;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Nothing more is taken of who dialled; what is for it goes on. */
  stopNear(): void {
    this.#sockets[0]!.unpipe();
    this.#sockets[0]!.pause();
  }

  end(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}

async function meet(count = STREAMS): Promise<{
  readonly near: Libp2p;
  readonly streams: Stream[];
  readonly taken: Stream[];
}> {
  const [near, far] = [await started(1), await started(2)];
  const taken: Stream[] = [];
  await far.handle(PROTOCOL, (stream) => void taken.push(stream), { maxInboundStreams: count });
  const port = Number(far.getMultiaddrs()[0]!.toString().split('/')[4]);
  between = await Between.to(port);
  const at = multiaddr(`/ip4/127.0.0.1/tcp/${between.port}/p2p/${far.peerId}`);
  const connection = await near.dial(at);
  const streams: Stream[] = [];
  for (let i = 0; i < count; i++) streams.push(await connection.newStream(PROTOCOL));
  return { near, streams, taken };
}

const pieces = Array.from({ length: 16 }, (_, i) => new Uint8Array(PIECE_BYTES).fill(i + 1));
const all = Buffer.concat(pieces);

const linkOf = (stream: Stream) => streamLink(stream, { sentBytes: 0, receivedBytes: 0 });

async function say(stream: Stream): Promise<void> {
  for (const piece of pieces) if (!stream.send(piece)) await drained(stream);
}

/** The first so many bytes that come. */
const heardBy = (stream: Stream, wanted: number) =>
  new Promise<Buffer>((resolve) => {
    const parts: Uint8Array[] = [];
    let bytes = 0;
    stream.addEventListener('message', ({ data }) => {
      parts.push(data.subarray());
      bytes += data.byteLength;
      if (bytes >= wanted) resolve(Buffer.concat(parts));
    });
  });

describe('TLS of both directions', () => {
  it('reads on while nothing of what it sends is taken', async () => {
    const { streams, taken } = await meet();
    // No more than a window: nobody can tell the sender to go on.
    const some = Buffer.concat(pieces.slice(0, 3));
    const heard = streams.map((stream) => heardBy(stream, some.length));
    between!.stopNear();
    for (const stream of streams)
      for (let sent = 0; sent < STREAM_WINDOW_BYTES; sent += PIECE_BYTES)
        stream.send(new Uint8Array(PIECE_BYTES));
    for (const stream of taken) stream.send(some);
    for (const bytes of await Promise.all(heard)) expect(bytes.equals(some)).toBe(true);
  });

  it('carries what is sent both ways at once, whole and in order', async () => {
    const { streams, taken } = await meet();
    const pair = [streams[0]!, taken[0]!] as const;
    const heard = pair.map((stream) => heardBy(stream, all.length));
    await Promise.all(pair.map(say));
    for (const bytes of await Promise.all(heard)) expect(bytes.equals(all)).toBe(true);
  });

  it('takes no more than it sends ahead once nobody takes that, also after it had to wait before', async () => {
    const { streams, taken } = await meet(MANY_STREAMS);
    const heard = heardBy(taken[0]!, all.length);
    const links = streams.map(linkOf);
    for (const piece of pieces) await links[0]!.send(piece);
    await heard;
    between!.stopNear();
    let takenBytes = 0;
    const sayOn = async (link: PeerLink) => {
      for (let left = STREAM_WINDOW_BYTES; left > 0; left -= PIECE_BYTES) {
        await link.send(new Uint8Array(PIECE_BYTES));
        takenBytes += PIECE_BYTES;
      }
    };
    const sayings = links.map((link) => sayOn(link).catch(() => {}));
    for (let before = -1; takenBytes !== before; ) {
      before = takenBytes;
      await pause(STILL_MS);
    }
    expect(takenBytes).toBeLessThan((MANY_STREAMS * STREAM_WINDOW_BYTES) / 2);
    between!.end();
    await Promise.all(sayings);
  });
});
