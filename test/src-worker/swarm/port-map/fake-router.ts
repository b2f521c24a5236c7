import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';

const SERVICE = 'urn:schemas-upnp-org:service:WANIPConnection:1';

export interface Mapping {
  readonly port: number;
  readonly client: string;
  readonly inner: number;
  readonly leaseS: number;
}

/** A home router on this machine: search, description and actions of UPnP, as far as ports go. */
export async function fakeRouter() {
  const ports = new Map<number, Mapping>();
  /** What is asked for next is refused with these numbers, one each. */
  const refusals: number[] = [];
  const asked: string[] = [];
  const described = { text: description('/ctl'), location: null as string | null };
  const http = createServer(async (request, response) => {
    if (request.method === 'GET') return response.end(described.text);
    const text = await readText(request);
    const action = String(request.headers.soapaction).split('#')[1]?.replace('"', '') ?? '';
    const of = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1] ?? '';
    asked.push(action);
    const refusal = action === 'AddPortMapping' ? refusals.shift() : undefined;
    if (refusal !== undefined) {
      response.statusCode = 500;
      return response.end(
        `<s:Fault><detail><UPnPError><errorCode>${refusal}</errorCode></UPnPError></detail></s:Fault>`,
      );
    }
    const port = Number(of('NewExternalPort'));
    const inner = { client: of('NewInternalClient'), inner: Number(of('NewInternalPort')) };
    if (action === 'AddPortMapping')
      ports.set(port, { port, ...inner, leaseS: Number(of('NewLeaseDuration')) });
    if (action === 'DeletePortMapping') ports.delete(port);
    return response.end(
      action === 'GetExternalIPAddress'
        ? '<NewExternalIPAddress>198.51.100.1</NewExternalIPAddress>'
        : '<ok/>',
    );
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const ssdp = await udp((message, answer) => {
    if (message.toString().startsWith('M-SEARCH'))
      answer(
        Buffer.from(`HTTP/1.1 200 OK\r\nLOCATION: ${described.location ?? `${origin}/desc.xml`}\r\n\r\n`),
      );
  });
  return {
    ...{ ports, refusals, asked, described, at: ssdp.at },
    async stop() {
      await ssdp.stop();
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
}

export const description = (control: string): string =>
  `<root><service><serviceType>${SERVICE}</serviceType><controlURL>${control}</controlURL></service></root>`;

/** A router that speaks NAT-PMP and nothing else. */
export async function fakePmpRouter(result = 0) {
  const mapped: { readonly inner: number; readonly outer: number; readonly leaseS: number }[] = [];
  const server = await udp((message, answer) => {
    const op = message[1]!;
    const said = Buffer.alloc(op === 0 ? 12 : 16);
    said.writeUInt8(128 + op, 1);
    said.writeUInt16BE(result, 2);
    if (op === 0) said.set([198, 51, 100, 1], 8);
    else {
      const inner = message.readUInt16BE(4);
      mapped.push({ inner, outer: message.readUInt16BE(6), leaseS: message.readUInt32BE(8) });
      said.writeUInt16BE(inner, 8);
      said.writeUInt16BE(inner + 1, 10);
    }
    answer(said);
  });
  return { mapped, at: server.at, stop: server.stop };
}

async function udp(hear: (message: Buffer, answer: (said: Buffer) => void) => void) {
  const socket: Socket = createSocket('udp4');
  socket.on('message', (message, { port, address }) =>
    hear(message, (said) => socket.send(said, port, address)),
  );
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    at: { host: '127.0.0.1', port: socket.address().port },
    async stop() {
      socket.close();
      await once(socket, 'close');
    },
  };
}
