import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { serveCalls } from '../../../bench/net/calls.ts';

/** One end of a connection in a place of its own. */
let came = 0;

const calls = {
  async listen(host: string): Promise<number> {
    const server = createServer((socket) => {
      socket.on('data', ({ length }) => {
        came += length;
      });
    });
    server.listen(0, host);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  },

  /** Hands so many bytes over, and does not wait until they have come. */
  async send(host: string, port: number, bytes: number): Promise<void> {
    const socket = connect(port, host);
    await once(socket, 'connect');
    socket.write(Buffer.alloc(bytes));
  },

  came: async (): Promise<number> => came,
};

export type FarEndCalls = typeof calls;

serveCalls(calls);
