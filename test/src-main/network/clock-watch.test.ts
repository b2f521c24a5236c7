import { expect, it, onTestFinished } from 'vitest';
import type { BlockRef } from '../../../src-main/network/chain.ts';
import type { Network } from '../../../src-main/network/client.ts';
import { watchClock } from '../../../src-main/network/clock-watch.ts';
import { CLOCK_HEADS, CLOCK_LOOKED_MS, CLOCK_OFF_MS } from '../../../src-main/network/limits.ts';
import { listeners } from '../../../src-node/listeners.ts';
import { hex } from '../../../src-shared/units.ts';

const AGO_MS = 2 * CLOCK_OFF_MS;
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Chains whose heads come when the test says so, and what is told of the clock. */
function open() {
  const all = new Map<string, Network>();
  const changed = listeners<{ change: undefined }>();
  const told: (number | null)[] = [];
  let nowMs = 0;
  const networks = { all, onChange: (listener: () => void) => changed.on('change', listener) };
  onTestFinished(
    watchClock(
      networks,
      (off) => told.push(off),
      () => nowMs,
    ),
  );

  function add(name: string, endpoint = 'wss://node.example:443') {
    const events = listeners<{ head: BlockRef }>();
    let statedMs: number | null = null;
    let number = 0;
    const network = { endpoint, on: events.on, blockTimeMs: async () => statedMs } as unknown as Network;
    all.set(name, network);
    changed.emit('change', undefined);
    return {
      /** A head of that age by the clock of this computer, so long after the one before. */
      async head(ageMs: number | null, { isNew = true, afterMs = CLOCK_LOOKED_MS } = {}): Promise<void> {
        nowMs += afterMs;
        const seenAtMs = 1_800_000_000_000 + nowMs;
        statedMs = ageMs === null ? null : seenAtMs - ageMs;
        if (isNew) number++;
        events.emit('head', { number, hash: hex('ab'), seenAtMs });
        await settled();
      },
      leave() {
        all.delete(name);
        changed.emit('change', undefined);
      },
    };
  }
  return { add, last: () => told.at(-1) };
}

it('tells a clock that is wrong once several heads say so alike, and that it was set right at once', async () => {
  const { add, last } = open();
  const { head } = add('finney');
  for (let n = 1; n < CLOCK_HEADS; n++) await head(-AGO_MS);
  expect(last()).toBeNull();
  await head(-AGO_MS - 4_000);
  expect(last()).toBe(-AGO_MS - 4_000);
  await head(6_000);
  expect(last()).toBeNull();
});

it('takes no late head for a wrong clock: after sleep, or after a chain that stood still', async () => {
  const { add, last } = open();
  const { head } = add('finney');
  await head(AGO_MS);
  // The same head again, from each new line to a chain that stands still.
  for (let n = 0; n < CLOCK_HEADS; n++) await head(AGO_MS + n * CLOCK_LOOKED_MS, { isNew: false });
  expect(last()).toBeNull();
  await head(5_000);
  // All that waited on the line, at once.
  for (let n = 0; n < CLOCK_HEADS; n++) await head(AGO_MS, { afterMs: n === 0 ? CLOCK_LOOKED_MS : 0 });
  expect(last()).toBeNull();
});

it('takes no node that catches up for one either', async () => {
  const { add, last } = open();
  const { head } = add('finney');
  for (let n = 10; n > 2; n--) await head(n * AGO_MS);
  expect(last()).toBeNull();
});

it('asks no chain of this machine, and none that keeps no time', async () => {
  const { add, last } = open();
  const own = ['ws://127.0.0.1:9944', 'ws://localhost:9944', 'ws://[::1]:9944'].map((endpoint) =>
    add(endpoint, endpoint),
  );
  own.push(add('timeless'));
  for (let n = 0; n < CLOCK_HEADS; n++)
    for (const [at, { head }] of own.entries()) await head(at < 3 ? AGO_MS : null);
  expect(last()).toBeNull();
});

it('asks a chain of another machine whose name only begins like an address of this one', async () => {
  const { add, last } = open();
  const { head } = add('127.example.org', 'ws://127.example.org:9944');
  for (let n = 0; n < CLOCK_HEADS; n++) await head(AGO_MS);
  expect(last()).not.toBeNull();
});

it('believes the chain that agrees with the clock, and forgets one that was left', async () => {
  const { add, last } = open();
  const [wrong, right] = [add('lan'), add('finney')];
  await right.head(3_000);
  for (let n = 0; n < CLOCK_HEADS; n++) await wrong.head(AGO_MS);
  expect(last()).toBeNull();
  right.leave();
  expect(last()).toBe(AGO_MS);
  wrong.leave();
  expect(last()).toBeNull();
});
