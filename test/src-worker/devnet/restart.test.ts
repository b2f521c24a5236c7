import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { expect, onTestFinished, test } from 'vitest';
import { entryPath } from '../../../src-main/entry-path.ts';
import { type DevnetOptions, devnetInitSchema } from '../../../src-shared/contract/devnet.ts';
import { Chain } from '../../../src-worker/devnet/chain/chain.ts';
import { HISTORY_BLOCKS } from '../../../src-worker/devnet/limits.ts';
import { alice, bob, call, connect, freeRao, options, query, TAO } from './rig.ts';

const ENTRY = entryPath('devnet');

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'devnet-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

const open = (dataDir: string, changes: Partial<DevnetOptions> = {}): Chain => {
  const chain = new Chain(v.parse(devnetInitSchema, options({ dataDir, ...changes })));
  onTestFinished(() => chain.close());
  return chain;
};

const sealTo = (chain: Chain, number: number): void => {
  while (chain.headNumber < number) chain.seal();
};

interface Child {
  readonly process: ChildProcess;
  readonly facts: {
    readonly url: string;
    readonly genesisHash: string;
    readonly blockMs: number | null;
    readonly hasBegun: boolean;
  };
}

async function spawnDevnet(config: DevnetOptions): Promise<Child> {
  const child = spawn(process.execPath, [ENTRY], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  child.send({ kind: 'init', config });
  const facts = await new Promise<Child['facts']>((resolve, reject) => {
    child.on('exit', (code) => reject(new Error(`exit ${code}`)));
    child.on(
      'message',
      (message: { kind: string; facts: Child['facts'] }) =>
        message.kind === 'ready' && resolve(message.facts),
    );
  });
  return { process: child, facts };
}

const exited = (child: ChildProcess) => new Promise((resolve) => child.once('exit', resolve));

test('a process killed with -9 returns on the same port with the same chain, and an open client goes on', async () => {
  const dataDir = folder();
  const first = await spawnDevnet(options({ dataDir, blockMs: 100 }));
  const port = Number(new URL(first.facts.url).port);
  const api = await connect(first.facts.url);
  onTestFinished(() => api.disconnect());
  const send = (amount: bigint) =>
    new Promise<void>((resolve, reject) => {
      call(api, 'balances.transferKeepAlive', bob.address, amount)
        .signAndSend(alice, ({ status }) => {
          // Blocks are quick here: the client may skip straight to finalized.
          if (status.isInBlock || status.isFinalized) resolve();
        })
        .catch(reject);
    });
  await send(3n * TAO);
  const headBefore = (await api.rpc.chain.getHeader()).number.toNumber();
  const gone = exited(first.process);
  const reconnected = new Promise<void>((resolve) => {
    api.once('disconnected', () => api.once('connected', () => resolve()));
  });
  first.process.kill('SIGKILL');
  await gone;
  const second = await spawnDevnet(options({ dataDir, blockMs: 100, port }));
  expect(second.facts.genesisHash).toBe(first.facts.genesisHash);
  await reconnected;
  expect((await api.rpc.chain.getHeader()).number.toNumber()).toBeGreaterThanOrEqual(headBefore);
  expect(await freeRao(api, bob.address)).toBe(3n * TAO);
  await send(4n * TAO);
  expect(await freeRao(api, bob.address)).toBe(7n * TAO);
  const ended = exited(second.process);
  second.process.send({ kind: 'stop' });
  expect(await ended).toBe(0);
});

test('head, hashes and history are the same after a restart, across several files', () => {
  const dataDir = folder();
  const chain = open(dataDir);
  sealTo(chain, 2 * HISTORY_BLOCKS + 17);
  const seen = { head: chain.head, old: chain.hashOf(5), oldest: chain.states.oldest };
  chain.close();
  // Two segments, each in two files.
  expect(readdirSync(dataDir).length).toBe(4);
  const again = open(dataDir);
  expect({ head: again.head, old: again.hashOf(5), oldest: again.states.oldest }).toEqual(seen);
  again.seal();
  const twin = new Chain(v.parse(devnetInitSchema, options()));
  sealTo(twin, again.headNumber);
  expect(again.head.hash).toBe(twin.head.hash);
});

test('two chains of one seed agree block by block, at whatever pace; another seed is another chain', () => {
  const [one, two] = [open(folder()), open(folder())];
  expect(open(folder(), { blockMs: 7_000 }).genesisHash).toBe(one.genesisHash);
  sealTo(one, 40);
  sealTo(two, 40);
  expect(one.head.hash).toBe(two.head.hash);
  expect(open(folder(), { seed: 'ab'.repeat(32) }).genesisHash).not.toBe(one.genesisHash);
});

test('a folder of another chain is refused, not overwritten', () => {
  const dataDir = folder();
  open(dataDir).close();
  expect(() => open(dataDir, { seed: 'ab'.repeat(32) })).toThrow(/DEVNET_STATE_FOREIGN/);
  expect(open(dataDir).headNumber).toBe(1);
});

test('what is held does not grow with the chain, and old state is gone', () => {
  const chain = new Chain(v.parse(devnetInitSchema, options()));
  const blocks = process.env.BUTTERFLY_LONG ? 10_000 : 3_000;
  // Block hashes themselves are kept for 2,400 blocks.
  sealTo(chain, 2_700);
  const early = chain.states.heldValues;
  sealTo(chain, blocks);
  expect(chain.states.heldValues).toBeLessThan(early * 1.02);
  expect(chain.states.oldest).toBe(blocks - HISTORY_BLOCKS + 1);
  expect(chain.block(blocks - HISTORY_BLOCKS)).toBeNull();
  expect(chain.hashOf(0)).toBe(chain.genesisHash);
});

test('the host slows the chain down, is told so, and finds it so after a restart', async () => {
  const dataDir = folder();
  const first = await spawnDevnet(options({ dataDir, blockMs: 60_000 }));
  expect(first.facts).toMatchObject({ blockMs: 60_000, hasBegun: false });
  const heard: unknown[] = [];
  const answered = new Promise<void>((resolve) =>
    first.process.on('message', (message: { kind: string; name?: string; payload?: unknown }) => {
      if (message.kind === 'event') heard.push([message.name, message.payload]);
      if (message.kind === 'result') resolve();
    }),
  );
  first.process.send({ kind: 'call', id: 1, name: 'setBlockMs', params: { blockMs: 400 } });
  await answered;
  expect(heard).toEqual([['pace', { blockMs: 400 }]]);
  const api = await connect(first.facts.url);
  onTestFinished(() => api.disconnect());
  // At the old pace this would take two minutes.
  while ((await api.rpc.chain.getHeader()).number.toNumber() < 3);
  const gone = exited(first.process);
  first.process.kill('SIGKILL');
  await gone;
  const second = await spawnDevnet(options({ dataDir, blockMs: 60_000 }));
  expect(second.facts).toMatchObject({ blockMs: 400, hasBegun: true });
});

test('a process that was suspended goes on at its pace, without a burst, and its time does not run back', async () => {
  const blockMs = 200;
  const child = await spawnDevnet(options({ dataDir: null, blockMs, genesisTimeMs: 1_700_000_000_000 }));
  const api = await connect(child.facts.url);
  onTestFinished(() => api.disconnect());
  const header = async () => (await api.rpc.chain.getHeader()).number.toNumber();
  const timeAt = async (number: number) =>
    Number(
      (
        await query((await api.at(await api.rpc.chain.getBlockHash(number))) as never, 'timestamp.now')
      ).toBigInt(),
    );
  while ((await header()) < 3);
  const before = await header();
  child.process.kill('SIGSTOP');
  await new Promise((resolve) => setTimeout(resolve, process.env.BUTTERFLY_LONG ? 40_000 : 3_000));
  child.process.kill('SIGCONT');
  while ((await header()) < before + 8);
  const times: number[] = [];
  for (let number = before; number <= before + 8; number++) times.push(await timeAt(number));
  const gaps = times.slice(1).map((time, i) => time - (times[i] ?? 0));
  // One gap holds the whole halt; a burst would show as gaps of nothing.
  expect(gaps.filter((gap) => gap >= 2_900).length).toBe(1);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(blockMs / 2 - 10);
});
