import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { onTestFinished } from 'vitest';

/** A proxy that passes nothing on, and keeps the first line of whatever it was asked. */
export interface DeadProxy {
  readonly url: string;
  readonly asked: readonly string[];
  /** The environment of a user whose network has this proxy, as programs variously read it. */
  readonly env: NodeJS.ProcessEnv;
}

export async function deadProxy(): Promise<DeadProxy> {
  const asked: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (bytes) => {
      asked.push(bytes.toString('latin1').split('\r\n', 1)[0] ?? '');
      // Closed without a word, some clients ask it again for ever.
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'].flatMap((name) => [name, name.toLowerCase()]);
  return {
    url,
    asked,
    // Since version 24 Node takes these for its own requests where it is told to.
    env: { ...Object.fromEntries(names.map((name) => [name, url])), NODE_USE_ENV_PROXY: '1' },
  };
}
