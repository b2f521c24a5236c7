import { once } from 'node:events';
import { expect, onTestFinished, test, vi } from 'vitest';
import WebSocket from 'ws';
import { TURN_MS } from '../../../src-worker/devnet/limits.ts';
import { startDevnet } from '../../../src-worker/devnet/start.ts';
import { badlySigned } from './badly-signed.ts';
import { options } from './genesis.ts';

/** What one check of a signature takes by a clock that only these checks move, so that no machine matters. */
const CHECK_MS = 4;
let nowMs = 0;
/** Checks in each turn of the event loop. */
const turns = [0];

vi.mock(import('@scure/sr25519'), async (original) => {
  const real = await original();
  return {
    ...real,
    verify: (...signed) => {
      nowMs += CHECK_MS;
      turns.push((turns.pop() ?? 0) + 1);
      return real.verify(...signed);
    },
  };
});

test('many loud clients together get one slice of a turn of the event loop', async () => {
  const devnet = await startDevnet(options(), new AbortController().signal);
  onTestFinished(() => devnet.stop());
  const loud = Array.from({ length: 8 }, () => new WebSocket(devnet.url));
  await Promise.all(loud.map((socket) => once(socket, 'open')));
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
  let next = setImmediate(function turn() {
    turns.push(0);
    next = setImmediate(turn);
  });
  onTestFinished(() => {
    clearImmediate(next);
    clock.mockRestore();
    for (const socket of loud) socket.terminate();
  });
  await Promise.all(
    loud.map((socket, i) => {
      const batch = Array.from({ length: 16 }, (_, n) => ({
        jsonrpc: '2.0',
        id: n,
        method: 'author_submitExtrinsic',
        params: [badlySigned(i * 16 + n)],
      }));
      socket.send(JSON.stringify(batch));
      return once(socket, 'message');
    }),
  );
  expect(turns.reduce((sum, checks) => sum + checks)).toBe(8 * 16);
  expect(Math.max(...turns)).toBe(Math.ceil(TURN_MS / CHECK_MS));
});
