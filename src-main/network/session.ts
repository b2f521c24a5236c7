import { ApiPromise } from '@polkadot/api';
import type { ProviderInterface } from '@polkadot/rpc-provider/types';
import type { Registry } from '@polkadot/types/types';
import { within } from '../../src-node/waits.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { type Hex, hex } from '../../src-shared/units.ts';
import { CONNECT_LIMIT_MS } from './limits.ts';
import { forgetMetadata, withKeptMetadata } from './metadata-cache.ts';
import { type NodeSocket, openNodeSocket, RUNTIME_VERSIONS } from './node-socket.ts';

/**
 * One connection to one endpoint with the metadata of one runtime. It never reconnects and never upgrades itself: an
 * open ApiPromise reloads old-style metadata after an upgrade and never re-reads genesis after a reconnect, so a lost
 * socket or a new spec version ends the session and the link opens a fresh one.
 */
export interface Session {
  readonly endpoint: string;
  readonly socket: NodeSocket;
  readonly api: ApiPromise;
  readonly registry: Registry;
  readonly genesisHash: Hex;
  readonly specVersion: number;
  /** From question to answer of one request, when the session was opened. */
  readonly latencyMs: number;
  /** It ended because the chain has another runtime now: the node did nothing wrong. */
  readonly isOutdated: boolean;
  /** @param fault why the node is left; none where it did nothing wrong */
  close(fault?: AppError): void;
}

/**
 * @throws {AppError} CHAIN_UNREACHABLE when the endpoint does not come up in time, CHAIN_ENDPOINT_BUSY where it says so,
 * CANCELLED on abort.
 */
export async function openSession(endpoint: string, signal: AbortSignal): Promise<Session> {
  const openBy = performance.now() + CONNECT_LIMIT_MS;
  const socket = await openNodeSocket(endpoint, signal);
  try {
    const api = new ApiPromise({ provider: metadataProvider(socket, signal), noInitWarn: true });
    const leftMs = Math.max(1, openBy - performance.now());
    await within(Promise.race([api.isReadyOrError, lost(socket)]), endpoint, leftMs, signal);
    const specVersion = api.runtimeVersion.specVersion.toNumber();
    const askedAtMs = performance.now();
    let isOutdated = false;
    await onOtherVersion(socket, specVersion, () => {
      isOutdated = true;
      socket.close();
    });
    const session: Session = {
      endpoint,
      socket,
      api,
      registry: api.registry,
      genesisHash: hex(api.genesisHash.toHex().slice(2)),
      specVersion,
      latencyMs: performance.now() - askedAtMs,
      get isOutdated() {
        return isOutdated;
      },
      close: socket.close,
    };
    socket.allowBatches();
    return session;
  } catch (error) {
    socket.close();
    if (error instanceof AppError && error.code === 'CANCELLED') throw error;
    forgetMetadata(endpoint);
    throw socket.fault ?? new AppError('CHAIN_UNREACHABLE', { endpoint }, error);
  }
}

async function lost(socket: NodeSocket): Promise<never> {
  await socket.closed;
  throw new AppError('CHAIN_UNREACHABLE', { endpoint: socket.endpoint });
}

/** The node announces the current version at once, then every upgrade. */
async function onOtherVersion(socket: NodeSocket, specVersion: number, told: () => void): Promise<void> {
  await socket.subscribe(RUNTIME_VERSIONS, [], (version) => {
    const spec = (version as { readonly specVersion?: unknown } | null)?.specVersion;
    if (typeof spec === 'number' && spec !== specVersion) told();
  });
}

/**
 * What ApiPromise gets to see: requests only. Without subscriptions it starts no keep-alive timer and no metadata
 * reload of its own, both of which would throw outside of any of our promises once the socket is gone.
 */
function metadataProvider(socket: NodeSocket, signal: AbortSignal): ProviderInterface {
  const ask = withKeptMetadata(socket.endpoint, (method, params) => socket.request(method, params, signal));
  const unsupported = () => Promise.reject(new Error('no subscriptions here'));
  return {
    hasSubscriptions: false,
    isClonable: false,
    get isConnected() {
      return socket.isOpen;
    },
    clone() {
      throw new Error('a session is not cloned');
    },
    connect: () => Promise.resolve(),
    disconnect: () => Promise.resolve(socket.close()),
    on: () => () => undefined,
    // biome-ignore lint/suspicious/noExplicitAny: the signature is the library's
    send: <T = any>(method: string, params: unknown[]) => ask(method, params) as Promise<T>,
    subscribe: unsupported,
    unsubscribe: unsupported,
  };
}
