import { withLimit } from '../../../src-node/waits.ts';
import { ROUTER_LIMIT_MS } from './limits.ts';
import { readLimited } from './read-limited.ts';
import { RouterRefusal } from './router.ts';

/** A router's service that opens ports: where it is asked, and as what. */
export interface WanConnection {
  readonly control: URL;
  readonly service: string;
}

/** The services of UPnP that know AddPortMapping, the newest first (WANIPConnection:2, section 2.5.16). */
const SERVICES = [
  'urn:schemas-upnp-org:service:WANIPConnection:2',
  'urn:schemas-upnp-org:service:WANIPConnection:1',
  'urn:schemas-upnp-org:service:WANPPPConnection:1',
];

/** Reads a router's description. @returns null where it opens no ports. @throws {Error} when it does not answer */
export async function describe(at: URL, signal: AbortSignal): Promise<WanConnection | null> {
  const response = await fetch(at, { signal: withLimit(signal, ROUTER_LIMIT_MS), redirect: 'error' });
  return connectionIn(await readLimited(response), at);
}

/** @param at where the description came from; a service that is elsewhere is none of that router's */
export function connectionIn(description: string, at: URL): WanConnection | null {
  const services = [...description.matchAll(/<service>([\s\S]*?)<\/service>/g)].map(([, text = '']) => ({
    service: element(text, 'serviceType'),
    path: element(text, 'controlURL'),
  }));
  for (const wanted of SERVICES) {
    const path = services.find(({ service }) => service === wanted)?.path;
    if (!path || !URL.canParse(path, at.href)) continue;
    const control = new URL(path, at);
    if (control.protocol === 'http:' && control.hostname === at.hostname) return { control, service: wanted };
  }
  return null;
}

/**
 * One action of the router.
 * @returns its answer's text
 * @throws {RouterRefusal} with UPnP's error code; 0 where it gives none
 */
export async function act(
  { control, service }: WanConnection,
  action: string,
  values: Readonly<Record<string, string | number>>,
  signal: AbortSignal,
): Promise<string> {
  const fields = Object.entries(values).map(([name, value]) => `<${name}>${value}</${name}>`);
  const response = await fetch(control, {
    method: 'POST',
    redirect: 'error',
    headers: { 'content-type': 'text/xml; charset="utf-8"', soapaction: `"${service}#${action}"` },
    body: envelope(`<u:${action} xmlns:u="${service}">${fields.join('')}</u:${action}>`),
    signal: withLimit(signal, ROUTER_LIMIT_MS),
  });
  const said = await readLimited(response);
  if (response.ok) return said;
  throw new RouterRefusal(Number(element(said, 'errorCode') ?? 0) || 0);
}

/** The text of the first element of that name; null where there is none. */
export function element(xml: string, name: string): string | null {
  const [, text] = new RegExp(`<${name}(?:\\s[^>]*)?>([^<]*)</${name}>`).exec(xml) ?? [];
  return text?.trim() ?? null;
}

const envelope = (body: string): string =>
  '<?xml version="1.0"?>' +
  '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" ' +
  's:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">' +
  `<s:Body>${body}</s:Body></s:Envelope>`;
