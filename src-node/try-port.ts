import { createServer } from 'node:net';

/** Listens there and lets go at once: whoever starts a listener for it later knows now what the system says to it. */
export async function tryPort(host: string, port: number): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  await new Promise<void>((resolve) => server.close(() => resolve()));
}
