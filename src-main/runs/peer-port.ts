import { tryPort } from '../../src-node/try-port.ts';
import { pause, withLimit } from '../../src-node/waits.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { PORT_AGAIN_MS, PORT_FREE_LIMIT_MS } from './limits.ts';

interface Listen {
  readonly host: string;
  readonly port: number;
}

/**
 * Whether peers can be let in there; asked before anything is paid, for a run that nobody can reach earns nothing.
 * What a start that was killed has left behind may have the port for some seconds still.
 * @throws {AppError} PEER_PORT_IN_USE, PEER_ADDRESS_UNUSABLE
 */
export async function checkPeerPort(listen: Listen, signal: AbortSignal): Promise<void> {
  const patience = withLimit(signal, PORT_FREE_LIMIT_MS);
  for (;;) {
    const fault = await faultAt(listen);
    if (!fault) return;
    if (fault.code !== 'PEER_PORT_IN_USE' || patience.aborted) throw fault;
    await pause(PORT_AGAIN_MS, patience);
  }
}

async function faultAt({ host, port }: Listen): Promise<AppError | null> {
  try {
    await tryPort(host, port);
    return null;
  } catch (thrown) {
    const { code = '' } = thrown as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') return new AppError('PEER_PORT_IN_USE', { host, port }, thrown);
    return new AppError('PEER_ADDRESS_UNUSABLE', { host, port, reason: code }, thrown);
  }
}
