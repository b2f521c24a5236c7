import { tryPort } from '../../src-node/try-port.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';

/**
 * Whether peers could be let in there; asked before anything is paid, for a run that nobody can reach earns nothing.
 * @throws {AppError} PEER_PORT_IN_USE, PEER_ADDRESS_UNUSABLE
 */
export async function checkPeerPort(listen: { readonly host: string; readonly port: number }): Promise<void> {
  const { host, port } = listen;
  try {
    await tryPort(host, port);
  } catch (thrown) {
    const { code = '' } = thrown as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') throw new AppError('PEER_PORT_IN_USE', { host, port }, thrown);
    throw new AppError('PEER_ADDRESS_UNUSABLE', { host, port, reason: code }, thrown);
  }
}
