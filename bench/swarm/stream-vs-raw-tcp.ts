import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { median } from '../../src-shared/reduce/norms.ts';
import { callsOf } from '../net/calls.ts';
import type { StreamEndCalls } from '../net/stream-end.ts';
import { type Figure, figure } from '../report/figures.ts';

const END = fileURLToPath(new URL('../net/stream-end.ts', import.meta.url));
const BYTES = 256 * 2 ** 20;
/** The first pair warms both programs up and does not count. */
const TRIES = 1 + 5;

/**
 * What TLS and yamux leave of this computer's own TCP: bytes a second of a stream between two processes over those of a
 * plain socket between the same two, one behind the other; the median of five pairs.
 */
export async function streamVersusTcp(): Promise<Figure> {
  const children = [END, END].map((end) => fork(end, { serialization: 'advanced' }));
  const [from, to] = children.map((child) => callsOf<StreamEndCalls>(child)) as [End, End];
  const pairs: { readonly raw: number; readonly stream: number }[] = [];
  try {
    const [port, address] = [await to.listenRaw(BYTES), await to.listenStream(BYTES)];
    for (let i = 0; i < TRIES; i++)
      pairs.push({ raw: await from.sendRaw(port, BYTES), stream: await from.sendStream(address, BYTES) });
  } finally {
    for (const child of children) child.disconnect();
  }
  const counted = pairs.slice(1);
  const seen = counted.map(({ raw, stream }) => `${inMb(stream)} of ${inMb(raw)}`).join(', ');
  return figure('stream-vs-raw-tcp', median(counted.map(({ raw, stream }) => stream / raw)), 'of raw TCP', {
    ...{ floor: 0.18, goal: 0.25 },
    seen: `${seen} MB/s`,
  });
}

type End = ReturnType<typeof callsOf<StreamEndCalls>>;

const inMb = (bytesPerS: number): string => (bytesPerS / 1e6).toFixed(0);
