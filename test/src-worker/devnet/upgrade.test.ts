import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { type DevnetOptions, devnetInitSchema } from '../../../src-shared/contract/devnet.ts';
import { Chain } from '../../../src-worker/devnet/chain/chain.ts';
import { HISTORY_BLOCKS, SEGMENT_BLOCKS } from '../../../src-worker/devnet/limits.ts';
import type { StorageItem } from '../../../src-worker/devnet/runtime/item.ts';
import { releaseOf } from '../../../src-worker/devnet/runtime/release.ts';
import { codeOf } from '../../../src-worker/devnet/runtime/runtimes.ts';
import { clockStorage } from '../../../src-worker/devnet/runtime/subtensor/epoch-clock.ts';
import { alice, bob, call, freeRao, NETUID, openRig, options, TAO } from './rig.ts';

const CODE = '0x3a636f6465';

/** A client that knows nothing: requests by name, and what it is told. */
async function rawClient(url: string) {
  const socket = new WebSocket(url);
  await once(socket, 'open');
  onTestFinished(() => socket.close());
  // biome-ignore lint/suspicious/noExplicitAny: what a node says
  const told: any[] = [];
  // biome-ignore lint/suspicious/noExplicitAny: what a node says
  const waiting = new Map<number, (answer: any) => void>();
  socket.on('message', (raw) => {
    const message = JSON.parse(String(raw));
    if (message.id === undefined) told.push(message);
    else waiting.get(message.id)?.(message);
  });
  let last = 0;
  // biome-ignore lint/suspicious/noExplicitAny: what a node says
  const ask = async (method: string, ...params: unknown[]): Promise<any> => {
    const id = ++last;
    const answered = new Promise<{ result: unknown; error?: { message: string; data: string } }>((resolve) =>
      waiting.set(id, resolve),
    );
    socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    const { result, error } = await answered;
    if (error) throw new Error(`${error.message}: ${error.data}`);
    return result;
  };
  return { ask, told };
}

describe('an upgrade on command', () => {
  test('comes with the next block and rules from the one after it; every block answers for itself', async () => {
    const { api, control, devnet } = await openRig(options({}, { tempo: 10 }));
    const { ask, told } = await rawClient(devnet.url);
    await ask('state_subscribeRuntimeVersion');
    const before = (await api.rpc.chain.getHeader()).number.toNumber();
    expect(await control('devnet_upgrade')).toBe(before + 2);
    const [upgrade, first] = [devnet.sealBlock(), devnet.sealBlock()];
    expect([upgrade, first]).toEqual([before + 1, before + 2]);

    const hash = (block: number) => ask('chain_getBlockHash', block);
    const hashes = await Promise.all([before, upgrade, first].map(hash));
    const spec = async (at: string) => (await ask('state_getRuntimeVersion', at)).specVersion;
    // The state that the upgrade left names the new code already; what it ran by is its parent's.
    expect(await Promise.all(hashes.map(spec))).toEqual([393, 425, 425]);
    expect((await ask('state_getRuntimeVersion')).specVersion).toBe(425);
    const metadata = await Promise.all(hashes.map((at) => ask('state_getMetadata', at)));
    expect(metadata[0]).not.toBe(metadata[1]);
    expect(metadata[1]).toBe(metadata[2]);
    const version = await Promise.all(hashes.map((at) => ask('state_call', 'Core_version', '0x', at)));
    expect(new Set(version).size).toBe(2);
    const code = await Promise.all(hashes.map((at) => ask('state_getStorageHash', CODE, at)));
    expect(new Set(code).size).toBe(2);
    const v16 = (at: string) => ask('state_call', 'Metadata_metadata_at_version', '0x10000000', at);
    expect(await v16(hashes[0])).not.toBe(await v16(hashes[2]));

    await vi.waitFor(() => expect(told.map(({ params }) => params.result.specVersion)).toEqual([393, 425]));
    const names = async (at: string) =>
      ((await (await api.at(at)).query.system!.events!()) as unknown as { event: { method: string } }[]).map(
        ({ event }) => event.method,
      );
    expect(await names(hashes[1])).toContain('CodeUpdated');
    expect(await names(hashes[2])).not.toContain('CodeUpdated');
    // Clients that are told no versions go by this log alone; and they hash the header with it.
    const headers = await Promise.all(hashes.map((at) => api.rpc.chain.getHeader(at)));
    expect(headers.map(({ digest }) => digest.logs.map((log) => log.type))).toEqual([
      [],
      ['RuntimeEnvironmentUpdated'],
      [],
    ]);
    expect(headers.map((header) => header.hash.toHex())).toEqual(hashes);
    const upgradeOf = async (at: string) =>
      (await (await api.at(at)).query.system!.lastRuntimeUpgrade!()).toJSON();
    expect(await upgradeOf(hashes[1])).toMatchObject({ specVersion: 393 });
    expect(await upgradeOf(hashes[2])).toMatchObject({ specVersion: 425, specName: 'node-subtensor' });
  });

  test('is told to who watches the code', async () => {
    const { devnet, control } = await openRig();
    const { ask, told } = await rawClient(devnet.url);
    await ask('state_subscribeStorage', [CODE]);
    await control('devnet_upgrade', 425);
    devnet.sealBlock();
    await vi.waitFor(() => expect(told).toHaveLength(2));
    const [was, is] = told.map(({ params }) => params.result.changes[0][1]);
    expect(is).not.toBe(was);
    expect(Buffer.from(is.slice(2), 'hex').toString()).toContain('spec 425');
    expect(is).toBe(await ask('state_getStorage', CODE));
    expect(await ask('state_getKeysPaged', '0x3a', 10)).toEqual([CODE]);
  });

  test('moves no epoch that was to come, and keeps its index and the cutoff', () => {
    // Past the first epoch, so that the one before it is no block before the first.
    for (const waits of [11, 14, 17, 20, 21]) {
      const chain = new Chain(v.parse(devnetInitSchema, options({}, { tempo: 10, activityCutoff: 170 })));
      for (let i = 0; i < waits; i++) chain.seal();
      chain.upgrade(null);
      chain.seal();
      const first = chain.seal();
      const at = <V>(entry: StorageItem<[number], V>) =>
        Number(chain.states.storeAt(chain.headNumber).get(entry, NETUID));
      // By the older rule an epoch comes where this is 10; then it came in the last block of the old rules, and the
      // new ones have it once more.
      const phase = (first - 1 + NETUID + 1) % 11;
      const last = at(clockStorage.LastEpochBlock);
      expect(last).toBe(phase === 10 ? first : first - 1 - phase);
      expect(at(clockStorage.SubnetEpochIndex)).toBe(
        Math.floor((first - 1 + NETUID + 1) / 11) + (phase === 10 ? 1 : 0),
      );
      expect(at(clockStorage.ActivityCutoffFactorMilli)).toBe(17_000);
      while (chain.headNumber < last + 10) {
        expect(at(clockStorage.LastEpochBlock)).toBe(last);
        chain.seal();
      }
      expect(at(clockStorage.LastEpochBlock)).toBe(last + 10);
    }
  });

  test('drops what waits, signed for the runtime before; the same is taken when it is signed anew', async () => {
    const { api, control, devnet } = await openRig();
    const nonce = (await api.rpc.system.accountNextIndex(alice.address)).toNumber();
    const said: string[] = [];
    // Ahead of its account: it would wait for long.
    await call(api, 'balances.transferKeepAlive', bob.address, TAO).signAndSend(
      alice,
      { nonce: nonce + 1 },
      ({ status }) => {
        said.push(status.type);
      },
    );
    const old = await call(api, 'balances.transferKeepAlive', bob.address, TAO).signAsync(alice, { nonce });
    await control('devnet_upgrade');
    devnet.sealBlock();
    await vi.waitFor(() => expect(said).toEqual(['Future', 'Invalid']));
    expect((await api.rpc.author.pendingExtrinsics()).length).toBe(0);
    await expect(old.send()).rejects.toThrow('bad signature');
    await vi.waitFor(() => expect(api.runtimeVersion.specVersion.toNumber()).toBe(425));
    const had = await freeRao(api, bob.address);
    await call(api, 'balances.transferKeepAlive', bob.address, TAO).signAndSend(alice, { nonce });
    devnet.sealBlock();
    expect((await freeRao(api, bob.address)) - had).toBe(TAO);
  });

  test('is no way back, nor to what nobody knows', async () => {
    const { control, devnet } = await openRig(options({ specVersion: 425 }));
    await expect(control('devnet_upgrade')).rejects.toThrow('Invalid params');
    await expect(control('devnet_upgrade', 393)).rejects.toThrow('Invalid params');
    await expect(control('devnet_upgrade', 999)).rejects.toThrow('Invalid params');
    await expect(control('devnet_upgrade', -1)).rejects.toThrow('Invalid params');
    await expect(control('devnet_upgrade', 'newest')).rejects.toThrow('Invalid params');
    devnet.sealBlock();
  });

  test('that is asked for twice happens once', async () => {
    const { api, control, seal } = await openRig();
    await control('devnet_upgrade');
    await control('devnet_upgrade', 425);
    await seal(3);
    const newest = await api.at(await api.rpc.chain.getBlockHash());
    expect((await newest.query.system!.lastRuntimeUpgrade!()).toJSON()).toMatchObject({ specVersion: 425 });
    await expect(control('devnet_upgrade')).rejects.toThrow('Invalid params');
  });

  test('is undone with its block where another branch takes its place', async () => {
    const { api, control, devnet } = await openRig(options({ finalityLag: 8 }));
    const { ask, told } = await rawClient(devnet.url);
    await ask('state_subscribeRuntimeVersion');
    await control('devnet_upgrade');
    for (let i = 0; i < 3; i++) devnet.sealBlock();
    expect((await ask('state_getRuntimeVersion')).specVersion).toBe(425);
    await vi.waitFor(() => expect(api.runtimeVersion.specVersion.toNumber()).toBe(425));
    // Signed for the newer one, and included; then its block is gone, and its runtime too.
    await call(api, 'balances.transferKeepAlive', bob.address, TAO).signAndSend(alice);
    devnet.sealBlock();
    await control('devnet_reorg', 4);
    expect((await ask('state_getRuntimeVersion')).specVersion).toBe(393);
    expect(await ask('author_pendingExtrinsics')).toEqual([]);
    await vi.waitFor(() =>
      expect(told.map(({ params }) => params.result.specVersion)).toEqual([393, 425, 393]),
    );
    await control('devnet_upgrade');
    devnet.sealBlock();
    devnet.sealBlock();
    expect((await ask('state_getRuntimeVersion')).specVersion).toBe(425);
  });
});

describe('on disk', () => {
  function folder(): string {
    const dir = mkdtempSync(join(tmpdir(), 'butterfly-upgrade-'));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    return dir;
  }
  const open = (changes: Partial<DevnetOptions>): Chain => {
    const chain = new Chain(v.parse(devnetInitSchema, options(changes)));
    onTestFinished(() => chain.close());
    return chain;
  };
  const specAt = (chain: Chain, block: number) => chain.states.runtimeAt(block).release.specVersion;

  test('a chain goes on by the runtime that its state names, whatever it is asked to begin with', () => {
    const dataDir = folder();
    const chain = open({ dataDir });
    chain.seal();
    chain.upgrade(425);
    const upgrade = chain.seal();
    chain.close();
    const again = open({ dataDir });
    expect([upgrade - 1, upgrade].map((block) => specAt(again, block))).toEqual([393, 425]);
    const twin = open({});
    twin.seal();
    twin.upgrade(425);
    twin.seal();
    // Migration and rules are in what both compute alike.
    for (let i = 0; i < 15; i++)
      expect([again.seal(), again.head.hash]).toEqual([twin.seal(), twin.head.hash]);
  });

  test('the runtime of each block is known as long as its state is, and the last one for good', () => {
    const dataDir = folder();
    const chain = open({ dataDir });
    chain.upgrade(null);
    const upgrade = chain.seal();
    const held = () => specAt(chain, upgrade - 1);
    expect(held()).toBe(393);
    while (chain.headNumber < upgrade + HISTORY_BLOCKS + SEGMENT_BLOCKS) chain.seal();
    expect(chain.states.oldest).toBeGreaterThan(upgrade);
    chain.close();
    const again = open({ dataDir });
    expect([again.states.oldest, again.headNumber].map((block) => specAt(again, block))).toEqual([425, 425]);
    expect(again.runtime.release.specVersion).toBe(425);
  });

  test('another release to begin with is another chain', () => {
    const dataDir = folder();
    open({ dataDir }).close();
    expect(() => open({ dataDir, specVersion: 425 })).toThrow(
      expect.objectContaining({ code: 'DEVNET_STATE_FOREIGN' }),
    );
    const [older, newer] = [open({}), open({ specVersion: 425 })];
    expect(older.genesisHash).not.toBe(newer.genesisHash);
    expect([0, 1].map((block) => specAt(newer, block))).toEqual([425, 425]);
  });

  test('a state of a release that is not known here is left alone', () => {
    const dataDir = folder();
    const known = releaseOf(425);
    if (!known) throw new Error('425 is known');
    const chain = open({ dataDir });
    // What a later Butterfly would have written.
    const later = vi.spyOn(chain, 'upgrade');
    Object.assign(known, { specVersion: 9_999 });
    onTestFinished(() => void Object.assign(known, { specVersion: 425 }));
    expect(codeOf(known)).toEqual(Uint8Array.of(0x0f, 0x27, 0, 0));
    chain.upgrade(null);
    chain.seal();
    chain.close();
    expect(later).toHaveBeenCalled();
    Object.assign(known, { specVersion: 425 });
    expect(() => open({ dataDir })).toThrow(expect.objectContaining({ code: 'DEVNET_STATE_FOREIGN' }));
  });
});
