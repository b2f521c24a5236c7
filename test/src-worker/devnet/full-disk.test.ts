import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { expect, onTestFinished, test } from 'vitest';
import WebSocket from 'ws';
import { devnetInitSchema } from '../../../src-shared/contract/devnet.ts';
import type { CodedError } from '../../../src-shared/errors/app-error.ts';
import { Chain } from '../../../src-worker/devnet/chain/chain.ts';
import { type WriteAt, writeAt } from '../../../src-worker/devnet/chain/journal-files.ts';
import { SEGMENT_BLOCKS } from '../../../src-worker/devnet/limits.ts';
import { type DevnetListener, startDevnet } from '../../../src-worker/devnet/start.ts';
import { options } from './genesis.ts';

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'devnet-full-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** A disk with room for so many more bytes; it takes what fits of a write before it fails, as a real one does. */
function disk(): { room: number; readonly write: WriteAt } {
  const full = {
    room: Number.POSITIVE_INFINITY,
    write(file: number, bytes: Uint8Array, position: number) {
      const fits = Math.min(bytes.length, full.room);
      full.room -= fits;
      writeAt(file, bytes.subarray(0, fits), position);
      if (fits < bytes.length) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    },
  };
  return full;
}

const open = (dataDir: string, write: WriteAt = writeAt): Chain => {
  const chain = new Chain(v.parse(devnetInitSchema, options({ dataDir })), { write });
  onTestFinished(() => chain.close());
  return chain;
};

/** Resolves with each thing that is told, in order. */
function hearing() {
  const told: string[] = [];
  const waiting: { wanted: string; resolve(): void }[] = [];
  const say = (text: string) => {
    told.push(text);
    for (const { wanted, resolve } of waiting) if (text === wanted) resolve();
  };
  const listener: DevnetListener = {
    notice: ({ code }: CodedError) => say(code),
    clearNotice: (code) => say(`${code} cleared`),
    paceChanged: () => {},
  };
  const heard = (wanted: string) =>
    told.includes(wanted)
      ? Promise.resolve()
      : new Promise<void>((resolve) => void waiting.push({ wanted, resolve }));
  return { told, listener, heard };
}

async function ask(url: string, method: string, ...params: unknown[]): Promise<unknown> {
  const socket = new WebSocket(url);
  await new Promise((resolve) => socket.once('open', resolve));
  socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
  const frame = await new Promise((resolve) => socket.once('message', resolve));
  socket.close();
  return JSON.parse(String(frame)).result;
}
const headOf = async (url: string) =>
  Number(((await ask(url, 'chain_getHeader')) as { number: string }).number);

test.each([0, 1, 700, 3_000])(
  'a block that had room for %i bytes only has not happened, and comes once there is room',
  (room) => {
    const dir = folder();
    const small = disk();
    const chain = open(dir, small.write);
    const twin = new Chain(v.parse(devnetInitSchema, options()));
    for (let i = 0; i < 5; i++) for (const each of [chain, twin]) each.seal();
    small.room = room;
    // Some of these sizes hold the block in one file, or in part of one.
    const attempts = Array.from({ length: 4 }, () => {
      try {
        return chain.seal();
      } catch (thrown) {
        return (thrown as CodedError).code;
      }
    });
    expect(attempts).toContain('DISK_FULL');
    small.room = Number.POSITIVE_INFINITY;
    while (chain.headNumber < 12) chain.seal();
    while (twin.headNumber < 12) twin.seal();
    expect(chain.head.hash).toBe(twin.head.hash);
    chain.close();
    const again = open(dir);
    expect({ head: again.head.hash, notices: again.notices, lost: again.lost }).toEqual({
      head: twin.head.hash,
      notices: [],
      lost: null,
    });
  },
);

test('fundings of a block that had no room are in the one that has', () => {
  const small = disk();
  const chain = open(folder(), small.write);
  const account = `0x${'38'.repeat(32)}`;
  chain.fund({ account, amountRao: 7_000n });
  small.room = 10;
  expect(() => chain.seal()).toThrow(/DISK_FULL/);
  small.room = Number.POSITIVE_INFINITY;
  chain.seal();
  chain.seal();
  expect(
    chain.states.storeAt(chain.headNumber).get(chain.runtime.pallets[0]!.storage.Account!, account),
  ).toMatchObject({ data: { free: 7_000n } });
});

test('a new segment that had no room comes with the next block, and leaves no half of itself', () => {
  const dir = folder();
  const small = disk();
  const chain = open(dir, small.write);
  while (chain.headNumber < SEGMENT_BLOCKS) chain.seal();
  small.room = 5_000;
  expect(() => chain.seal()).toThrow(/DISK_FULL/);
  expect(chain.headNumber).toBe(SEGMENT_BLOCKS);
  small.room = Number.POSITIVE_INFINITY;
  chain.seal();
  chain.close();
  const again = open(dir);
  expect({ head: again.headNumber, notices: again.notices }).toEqual({
    head: SEGMENT_BLOCKS + 1,
    notices: [],
  });
});

test('damage on a full disk is repaired once there is room; until then the chain can be read', () => {
  const dir = folder();
  const chain = open(dir);
  while (chain.headNumber < 20) chain.seal();
  const { hash } = chain.head;
  chain.close();
  writeFileSync(join(dir, 'blocks-0000000000.log'), '');
  const small = disk();
  small.room = 100;
  const again = open(dir, small.write);
  expect(again.head.hash).toBe(hash);
  expect(() => again.seal()).toThrow(/DISK_FULL/);
  small.room = Number.POSITIVE_INFINITY;
  expect(again.seal()).toBe(21);
  again.close();
  expect(open(dir)).toMatchObject({ headNumber: 21, notices: [] });
});

test('a full disk is told, read over, and gone on from by itself', async () => {
  const small = disk();
  const { told, listener, heard } = hearing();
  const { signal } = new AbortController();
  const devnet = await startDevnet(options({ dataDir: folder(), blockMs: 50 }), signal, listener, {
    write: small.write,
  });
  onTestFinished(() => devnet.stop());
  small.room = 1_000;
  await heard('DISK_FULL');
  const held = await headOf(devnet.url);
  expect(await headOf(devnet.url)).toBe(held);
  small.room = Number.POSITIVE_INFINITY;
  await heard('DISK_FULL cleared');
  expect(told).toEqual(['DISK_FULL', 'DISK_FULL cleared']);
  while ((await headOf(devnet.url)) < held + 3);
});

test('a real disk of 4 MiB that fills and empties loses no block', async ({ skip }) => {
  const dir = folder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', dir], { stdio: 'ignore' });
  } catch {
    skip('needs the right to mount a tmpfs');
  }
  const { listener, heard } = hearing();
  const { signal } = new AbortController();
  const devnet = await startDevnet(options({ dataDir: join(dir, 'chain'), blockMs: 50 }), signal, listener);
  try {
    const ballast = join(dir, 'ballast');
    try {
      writeFileSync(ballast, Buffer.alloc(8 * 1024 * 1024));
    } catch {}
    await heard('DISK_FULL');
    const held = await headOf(devnet.url);
    const hash = await ask(devnet.url, 'chain_getBlockHash', held);
    rmSync(ballast);
    await heard('DISK_FULL cleared');
    while ((await headOf(devnet.url)) < held + 3);
    await devnet.stop();
    const again = open(join(dir, 'chain'));
    expect(again.notices).toEqual([]);
    expect(again.hashOf(held)).toBe(hash);
    expect(again.headNumber).toBeGreaterThanOrEqual(held + 3);
    again.close();
  } finally {
    await devnet.stop();
    execFileSync('umount', ['-l', dir]);
  }
});
