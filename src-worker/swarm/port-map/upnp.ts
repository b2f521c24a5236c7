import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIP } from 'node:net';
import { withLimit } from '../../../src-node/waits.ts';
import { act, describe, element, type WanConnection } from './igd.ts';
import { LEASE_S, PORT_TRIES, ROUTER_LIMIT_MS } from './limits.ts';
import { type OpenPort, type RouterProtocol, RouterRefusal } from './router.ts';
import { SSDP_AT, type SsdpPlace, searchRouters } from './ssdp.ts';

/** UPnP's error codes that another question may get around. */
const CONFLICT = 718;
const ONLY_FOR_EVER = 725;
const NAME = 'Butterfly';

/** Ports by UPnP's Internet Gateway Device. @param at where routers are searched; left out: as UPnP says */
export const upnp = (at: SsdpPlace = SSDP_AT): RouterProtocol => ({
  async open(port, signal) {
    let refusal: RouterRefusal | null = null;
    for (const url of await searchRouters(at, signal)) {
      try {
        const router = await describe(url, signal);
        if (router) return await openAt(router, port, signal);
      } catch (thrown) {
        // Another one may do: some houses have two, of which one answers and opens nothing.
        if (thrown instanceof RouterRefusal) refusal = thrown;
      }
    }
    if (refusal) throw refusal;
    return null;
  },
});

async function openAt(router: WanConnection, port: number, signal: AbortSignal): Promise<OpenPort> {
  const client = await ownAddress(router.control, signal);
  const outer = await addMapping(router, { client, port }, signal);
  const said = await act(router, 'GetExternalIPAddress', {}, signal).catch(() => '');
  const host = element(said, 'NewExternalIPAddress') ?? '';
  const gone = { NewRemoteHost: '', NewExternalPort: outer, NewProtocol: 'TCP' };
  const close = (until: AbortSignal) => act(router, 'DeletePortMapping', gone, until).then(() => undefined);
  if (isIP(host) !== 4) {
    await close(signal).catch(() => {});
    throw new RouterRefusal(0);
  }
  return { by: 'upnp', host, port: outer, close };
}

/** @returns the outer port. @throws {RouterRefusal} */
async function addMapping(
  router: WanConnection,
  { client, port }: { readonly client: string; readonly port: number },
  signal: AbortSignal,
): Promise<number> {
  let [outer, leaseS] = [port, LEASE_S];
  for (let tries = 1; ; tries++) {
    const asked = {
      ...{ NewRemoteHost: '', NewExternalPort: outer, NewProtocol: 'TCP', NewInternalPort: port },
      ...{ NewInternalClient: client, NewEnabled: 1, NewPortMappingDescription: NAME },
      NewLeaseDuration: leaseS,
    };
    try {
      await act(router, 'AddPortMapping', asked, signal);
      return outer;
    } catch (thrown) {
      if (!(thrown instanceof RouterRefusal) || tries >= PORT_TRIES) throw thrown;
      if (thrown.number === ONLY_FOR_EVER) leaseS = 0;
      // The ports that IANA leaves to whoever wants them.
      else if (thrown.number === CONFLICT) outer = 49_152 + Math.floor(Math.random() * 16_384);
      else throw thrown;
    }
  }
}

/** The address of this computer on the way to the router. */
async function ownAddress({ hostname, port }: URL, signal: AbortSignal): Promise<string> {
  const socket = createSocket('udp4');
  try {
    socket.connect(Number(port) || 80, hostname);
    // An error of the socket ends this wait too.
    await once(socket, 'connect', { signal: withLimit(signal, ROUTER_LIMIT_MS) });
    return socket.address().address;
  } finally {
    socket.close();
  }
}
