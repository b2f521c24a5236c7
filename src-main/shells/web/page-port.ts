import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sha256 } from '../../../src-node/sha256.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { PAGE_PORT_FIRST, PAGE_PORTS, PAGE_PORTS_TRIED } from '../limits.ts';

/** The port that a data folder's page has when nobody says otherwise: always the same for the same folder. */
export function portOfFolder(dataDir: string): number {
  const { buffer, byteOffset } = sha256(dataDir);
  return PAGE_PORT_FIRST + (new DataView(buffer, byteOffset).getUint32(0) % PAGE_PORTS);
}

/** The ports to try, the best first: the one of last time, the folder's own, those behind it, any. */
export function portsToTry(dataDir: string, last: number | null): number[] {
  const own = portOfFolder(dataDir) - PAGE_PORT_FIRST;
  const row = Array.from(
    { length: PAGE_PORTS_TRIED },
    (_, step) => PAGE_PORT_FIRST + ((own + step) % PAGE_PORTS),
  );
  return [...new Set([...(last !== null && isPagePort(last) ? [last] : []), ...row, 0])];
}

/** Ports that browsers open no page at, because other services have them. */
const BARRED = new Set([
  ...[1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6679, 6697, 10_080],
  ...[6665, 6666, 6667, 6668, 6669],
]);

/** Ports for what belongs to a page: those behind its own, then any. */
export const nextPorts = (pagePort: number): number[] => [
  ...Array.from({ length: PAGE_PORTS_TRIED }, (_, step) => pagePort + 1 + step).filter(
    (port) => port >= 1024 && port <= 65_535 && !BARRED.has(port),
  ),
  0,
];

/** Whether a port is one of those that we choose from; others were somebody's wish for one start. */
const isPagePort = (port: number): boolean => port >= PAGE_PORT_FIRST && port < PAGE_PORT_FIRST + PAGE_PORTS;

/**
 * Listens on 127.0.0.1 at the first port that is free. @returns the port
 * @throws {AppError} PORT_IN_USE or OPTION_INVALID (a port that this user may not take), for the last one tried
 */
export async function listenAtOneOf(http: Server, ports: readonly number[]): Promise<number> {
  let failure: unknown;
  for (const port of ports) {
    try {
      await listen(http, port);
      return (http.address() as AddressInfo).port;
    } catch (thrown) {
      failure = thrown;
    }
  }
  throw failure;
}

function listen(http: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => reject(portError(port, error));
    http.once('error', failed);
    http.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      http.off('error', failed);
      resolve();
    });
  });
}

const portError = (port: number, error: NodeJS.ErrnoException): AppError =>
  error.code === 'EADDRINUSE'
    ? new AppError('PORT_IN_USE', { port }, error)
    : new AppError(
        'OPTION_INVALID',
        { option: '--port', value: port, expected: 'a port that this user may take' },
        error,
      );
