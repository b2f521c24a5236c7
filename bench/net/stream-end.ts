import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { Libp2p } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import { addressKinds } from '../../src-worker/swarm/mesh/kinds/kinds.ts';
import { createNode } from '../../src-worker/swarm/mesh/node.ts';
import type { PeerLink } from '../../src-worker/swarm/net/link.ts';
import { streamLink } from '../../src-worker/swarm/net/stream-link.ts';
import { serveCalls } from './calls.ts';

/**
 * One end of a stream on this computer, plain TCP or as peers of the swarm have it. Who listens reads everything and
 * answers with one byte when all of it is there.
 */
const PROTOCOL = '/butterfly-bench/1';
const HOST = '127.0.0.1';
/** A chunk of fp16 with its header, as the swarm sends it. */
const WRITE_BYTES = 131_088;
const GOT_IT = Uint8Array.of(1);

let node: Libp2p | null = null;

async function openNode(seed: number): Promise<Libp2p> {
  node ??= await createNode({
    ...{ seed: new Uint8Array(32).fill(seed), listen: { host: HOST, port: 0 } },
    ...{ kinds: addressKinds, services: {} },
  });
  await node.start();
  return node;
}

const asLink = (stream: Parameters<typeof streamLink>[0]): PeerLink =>
  streamLink(stream, { sentBytes: 0, receivedBytes: 0 });

/** Reads so many bytes of a link, again and again. */
async function answerLink(link: PeerLink, bytes: number): Promise<void> {
  let left = bytes;
  for await (const piece of link.incoming) {
    left -= piece.length;
    if (left > 0) continue;
    await link.send(GOT_IT);
    left = bytes;
  }
}

function answerSocket(socket: Socket, bytes: number): void {
  let left = bytes;
  socket.on('data', (piece) => {
    left -= piece.length;
    if (left > 0) return;
    socket.write(GOT_IT);
    left = bytes;
  });
}

const write = new Uint8Array(WRITE_BYTES).fill(7);
const writesOf = (bytes: number): number => Math.ceil(bytes / WRITE_BYTES);

const calls = {
  /** @returns the port of a socket that reads what `sendRaw` sends */
  async listenRaw(bytes: number): Promise<number> {
    const server = createServer((socket) => answerSocket(socket, writesOf(bytes) * WRITE_BYTES));
    server.listen(0, HOST);
    await once(server, 'listening');
    return (server.address() as { port: number }).port;
  },

  /** @returns the address at which what `sendStream` sends is read */
  async listenStream(bytes: number): Promise<string> {
    const started = await openNode(1);
    await started.handle(PROTOCOL, (stream) => {
      void answerLink(asLink(stream), writesOf(bytes) * WRITE_BYTES).catch(() => {});
    });
    return started.getMultiaddrs()[0]!.toString();
  },

  /** @returns bytes a second, from the first write to the answer */
  async sendRaw(port: number, bytes: number): Promise<number> {
    const socket = connect(port, HOST);
    await once(socket, 'connect');
    const beganMs = performance.now();
    const answered = once(socket, 'data');
    for (let i = 0; i < writesOf(bytes); i++) if (!socket.write(write)) await once(socket, 'drain');
    await answered;
    const seconds = (performance.now() - beganMs) / 1_000;
    socket.destroy();
    return (writesOf(bytes) * WRITE_BYTES) / seconds;
  },

  /** @returns bytes a second, from the first write to the answer */
  async sendStream(address: string, bytes: number): Promise<number> {
    const connection = await (await openNode(2)).dial(multiaddr(address));
    const link = asLink(await connection.newStream(PROTOCOL));
    const answers = link.incoming[Symbol.asyncIterator]();
    const beganMs = performance.now();
    for (let i = 0; i < writesOf(bytes); i++) await link.send(write);
    await answers.next();
    const seconds = (performance.now() - beganMs) / 1_000;
    link.abort();
    return (writesOf(bytes) * WRITE_BYTES) / seconds;
  },
};

export type StreamEndCalls = typeof calls;

serveCalls(calls);
