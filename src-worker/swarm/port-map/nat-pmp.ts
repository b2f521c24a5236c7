import { createSocket } from 'node:dgram';
import { readFile } from 'node:fs/promises';
import { pause } from '../../../src-node/waits.ts';
import { LEASE_S, PMP_FIRST_MS, PMP_TRIES } from './limits.ts';
import { type RouterProtocol, RouterRefusal } from './router.ts';

/** Where routers listen for NAT-PMP (RFC 6886, section 3). */
const PMP_PORT = 5_351;
const OP_EXTERNAL = 0;
const OP_MAP_TCP = 2;
const ANSWER = 128;

export interface PmpPlace {
  readonly host: string;
  readonly port: number;
}

/** Ports by NAT-PMP. @param gateway the router; null where none is known */
export const natPmp = (gateway: () => Promise<PmpPlace | null> = defaultGateway): RouterProtocol => ({
  async open(port, signal) {
    const at = await gateway();
    if (!at) return null;
    const outside = await ask(at, Buffer.of(0, OP_EXTERNAL), signal);
    if (!outside) return null;
    const host = [...outside.subarray(8, 12)].join('.');
    const map = (outer: number, leaseS: number, until: AbortSignal) =>
      ask(at, mapping(port, outer, leaseS), until);
    const opened = await map(port, LEASE_S, signal);
    if (!opened || opened.length < 16) return null;
    const close = (until: AbortSignal) => map(0, 0, until).then(() => undefined);
    const outer = opened.readUInt16BE(10);
    return outer === 0 ? null : { by: 'nat-pmp', host, port: outer, close };
  },
});

/** Section 3.3: inner and suggested outer port, and seconds; none for "no more". */
function mapping(inner: number, outer: number, leaseS: number): Buffer {
  const question = Buffer.alloc(12);
  question.writeUInt8(OP_MAP_TCP, 1);
  question.writeUInt16BE(inner, 4);
  question.writeUInt16BE(outer, 6);
  question.writeUInt32BE(leaseS, 8);
  return question;
}

/** @returns null when nobody answers. @throws {RouterRefusal} with the result code */
async function ask(at: PmpPlace, question: Buffer, signal: AbortSignal): Promise<Buffer | null> {
  const socket = createSocket('udp4');
  const answered = new AbortController();
  let answer: Buffer | null = null;
  socket.on('error', () => answered.abort());
  socket.on('message', (message, from) => {
    const isAnswer = message.length >= 12 && message[0] === 0 && message[1] === ANSWER + question[1]!;
    if (from.address !== at.host || from.port !== at.port || !isAnswer) return;
    answer = message;
    answered.abort();
  });
  try {
    const either = AbortSignal.any([signal, answered.signal]);
    for (let tries = 0; tries < PMP_TRIES && !either.aborted; tries++) {
      socket.send(question, at.port, at.host, () => {});
      await pause(PMP_FIRST_MS * 2 ** tries, either);
    }
  } finally {
    socket.close();
  }
  const code = (answer as Buffer | null)?.readUInt16BE(2) ?? 0;
  if (code !== 0) throw new RouterRefusal(code);
  return answer;
}

/** The router that all goes to which is not in this house, as Linux keeps it; other systems say it nowhere in a file. */
async function defaultGateway(): Promise<PmpPlace | null> {
  const table = await readFile('/proc/net/route', 'utf8').catch(() => '');
  return gatewayIn(table);
}

/** Lines of name, destination and gateway, each address as four bytes in hex from the last one on. */
export function gatewayIn(table: string): PmpPlace | null {
  for (const line of table.split('\n').slice(1)) {
    const [, destination, gateway = ''] = line.trim().split(/\s+/);
    if (destination !== '00000000' || !/^[0-9A-F]{8}$/i.test(gateway) || gateway === '00000000') continue;
    const host = gateway
      .match(/../g)!
      .reverse()
      .map((byte) => Number.parseInt(byte, 16))
      .join('.');
    return { host, port: PMP_PORT };
  }
  return null;
}
