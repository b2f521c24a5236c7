import { expect, it } from 'vitest';
import type { BlockRef, SubnetSnapshot } from '../../../src-main/network/chain.ts';
import { SNAPSHOTS_KEPT } from '../../../src-main/network/limits.ts';
import { watchSubnet } from '../../../src-main/network/watcher.ts';
import { hex } from '../../../src-shared/units.ts';

const blockAt = (number: number): BlockRef => ({
  number,
  hash: hex(number.toString(16).padStart(64, '0')),
  seenAtMs: 0,
});

/** A chain whose reads end when the test says so. */
function rig() {
  const asked: { readonly block: BlockRef; answer(): void; fail(): void }[] = [];
  const told: number[] = [];
  const watcher = watchSubnet(
    (block) => {
      const { promise, resolve, reject } = Promise.withResolvers<SubnetSnapshot>();
      const answer = () => resolve({ block } as SubnetSnapshot);
      asked.push({ block, answer, fail: () => reject(new Error('gone')) });
      return promise;
    },
    ({ block }) => told.push(block.number),
  );
  const numbers = () => asked.map(({ block }) => block.number);
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return { watcher, asked, numbers, told, settle };
}

it('reads a block once for all who ask', async () => {
  const { watcher, asked, told, settle } = rig();
  watcher.onFinalized(blockAt(1));
  const [one, other] = [watcher.at(blockAt(1)), watcher.kept(blockAt(1).hash)];
  asked[0]?.answer();
  expect(await one).toBe(await other);
  await settle();
  expect(asked).toHaveLength(1);
  expect(told).toEqual([1]);
  expect(watcher.latest?.block.number).toBe(1);
});

it('passes over what came while it read, but for the newest', async () => {
  const { watcher, asked, numbers, told, settle } = rig();
  for (const number of [1, 2, 3, 4]) watcher.onFinalized(blockAt(number));
  asked[0]?.answer();
  await settle();
  expect(numbers()).toEqual([1, 4]);
  asked[1]?.answer();
  await settle();
  expect(told).toEqual([1, 4]);
});

it('goes on with the next block after a read that failed, and asks that one again for who wants it', async () => {
  const { watcher, asked, numbers, told, settle } = rig();
  watcher.onFinalized(blockAt(1));
  asked[0]?.fail();
  await settle();
  expect(watcher.latest).toBeNull();
  const again = watcher.at(blockAt(1));
  asked[1]?.answer();
  expect((await again).block.number).toBe(1);
  watcher.onFinalized(blockAt(2));
  asked[2]?.answer();
  await settle();
  expect(numbers()).toEqual([1, 1, 2]);
  expect(told).toEqual([2]);
});

it('tells no older block after a newer one', async () => {
  const { watcher, asked, told, settle } = rig();
  watcher.onFinalized(blockAt(5));
  asked[0]?.answer();
  await settle();
  // Another node after a reconnection may be behind.
  watcher.onFinalized(blockAt(3));
  asked[1]?.answer();
  await settle();
  expect(told).toEqual([5]);
  expect(watcher.latest?.block.number).toBe(5);
});

it('keeps a bounded number of blocks', async () => {
  const { watcher, asked } = rig();
  for (let number = 1; number <= SNAPSHOTS_KEPT + 3; number++) {
    void watcher.at(blockAt(number));
    asked.at(-1)?.answer();
  }
  expect(watcher.kept(blockAt(3).hash)).toBeNull();
  expect(watcher.kept(blockAt(4).hash)).not.toBeNull();
});
