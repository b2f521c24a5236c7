import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openNodeSocket } from '../../../src-main/network/node-socket.ts';
import { openVault } from '../../../src-main/vault/vault.ts';
import { rao } from '../../../src-shared/units.ts';
import type { Devnet } from '../../../src-worker/devnet/start.ts';
import {
  connect,
  connectedIs,
  miner,
  minerHotkey,
  owner,
  ownerHotkey,
  poor,
  sealing,
  startTestChain,
  startWire,
  type TestChain,
  testSigner,
  type Wire,
} from './rig.ts';

const field = (fill: number) => new Uint8Array(41).fill(fill);

describe('the fate of a transaction', () => {
  const life = new AbortController();
  const { signal } = life;
  let devnet: Devnet;
  let wire: Wire;
  let chain: TestChain;

  beforeAll(async () => {
    devnet = await startTestChain();
    wire = await startWire(devnet.url);
    chain = await connect([wire.url], signal);
    const call = { kind: 'burnedRegister', hotkey: minerHotkey.address, limitRao: rao(10n ** 9n) } as const;
    await sealing(devnet, chain.submit(call, miner, signal));
  });
  afterAll(async () => {
    await chain.stop();
    await wire.stop();
    await devnet.stop();
  });

  it('is finalized with block and hash', async () => {
    const fate = await sealing(
      devnet,
      chain.submit({ kind: 'setCommitment', fields: [field(1)] }, minerHotkey, signal),
    );
    if (fate.kind !== 'finalized') throw new Error(fate.kind);
    expect(await chain.blockHash(fate.block, signal)).toBe(fate.blockHash);
    expect(chain.finalized?.number).toBeGreaterThanOrEqual(fate.block);
  });

  it('is refused with the name of the module error', async () => {
    const fate = await sealing(devnet, chain.submit({ kind: 'startCall' }, miner, signal));
    expect(fate).toMatchObject({ kind: 'refused', module: 'SubtensorModule', error: 'NotSubnetOwner' });
  });

  it.each(['127.0.0.1', '2001:db8::7'])('is finalized for an axon at %s', async (ip) => {
    const signer = ip === '127.0.0.1' ? minerHotkey : ownerHotkey;
    const fate = await sealing(
      devnet,
      chain.submit({ kind: 'serveAxon', ip, port: 4_001, version: 1 }, signer, signal),
    );
    expect(fate.kind).toBe('finalized');
  });

  it('is refused by name for a stake whose price has passed its limit', async () => {
    await sealing(devnet, chain.submit({ kind: 'startCall' }, owner, signal));
    const price = (await chain.alphaPrice(null, signal)) ?? 0n;
    const amounts = { amountRao: rao(10n ** 10n), limitPriceRao: rao(price + 1n) };
    const call = {
      kind: 'addStakeLimit',
      allowPartial: false,
      hotkey: minerHotkey.address,
      ...amounts,
    } as const;
    const fate = await sealing(devnet, chain.submit(call, miner, signal));
    expect(fate).toMatchObject({ kind: 'refused', module: 'SubtensorModule', error: 'SlippageTooHigh' });
  });

  it('is refused by the pool when the fee cannot be paid', async () => {
    const fate = await chain.submit({ kind: 'startCall' }, poor, signal);
    expect(fate).toMatchObject({ kind: 'refused', module: 'Transaction' });
  });

  it('is refused unsigned when registration costs more than the limit', async () => {
    const signed: Uint8Array[] = [];
    const watching = {
      address: miner.address,
      sign: async (payload: Uint8Array) => {
        signed.push(payload);
        return miner.sign(payload);
      },
    };
    const hotkey = testSigner('//another').address;
    const fate = await chain.submit({ kind: 'burnedRegister', hotkey, limitRao: rao(1n) }, watching, signal);
    expect(fate).toEqual({
      kind: 'refused',
      hash: null,
      block: null,
      module: 'SubtensorModule',
      error: 'RegistrationPriceLimitExceeded',
    });
    expect(signed).toEqual([]);
  });

  it('is one each for several of one signer in flight', async () => {
    const both = Promise.all([1, 2, 3].map(() => chain.submit({ kind: 'startCall' }, miner, signal)));
    const fates = await sealing(devnet, both);
    expect(fates.map(({ kind }) => kind)).toEqual(['refused', 'refused', 'refused']);
    expect(new Set(fates.map(({ hash }) => hash)).size).toBe(3);
    // All three reached a block: a nonce clash would have been refused by the pool.
    expect(fates.map((fate) => (fate.kind === 'refused' ? fate.module : ''))).toEqual(
      Array(3).fill('SubtensorModule'),
    );
  });

  it('is thrown away before signing when its last block has passed', async () => {
    const lastBlock = chain.head?.number ?? 0;
    await expect(chain.submit({ kind: 'startCall' }, owner, signal, { lastBlock })).rejects.toMatchObject({
      code: 'CHAIN_TOO_LATE',
    });
  });

  it('signs a payload of more than 256 bytes as the chain wants it', async () => {
    const fields = [new Uint8Array(128).fill(7), new Uint8Array(128).fill(8)];
    const fate = await sealing(devnet, chain.submit({ kind: 'setCommitment', fields }, minerHotkey, signal));
    expect(fate.kind).toBe('finalized');
  });

  it('is found in its block when the socket was lost before any answer', async () => {
    // From the moment of signing the node hears everything and nothing of its answers comes back.
    const signer = {
      address: minerHotkey.address,
      sign: async (payload: Uint8Array) => {
        wire.swallowAnswers();
        return minerHotkey.sign(payload);
      },
    };
    const fate = chain.submit({ kind: 'setCommitment', fields: [field(9)] }, signer, signal);
    await pooled(devnet, 1);
    wire.cut();
    wire.mend();
    expect(await sealing(devnet, fate)).toMatchObject({ kind: 'finalized' });
    const slot = (await chain.commitments([minerHotkey.address], null, signal)).get(minerHotkey.address);
    expect(slot?.fields).toEqual([field(9)]);
  });

  it('is found in its block when a proxy passed it on and then answered with a failure of its own', async () => {
    wire.answerNext('author_submitAndWatchExtrinsic', -32_000);
    const fate = chain.submit({ kind: 'setCommitment', fields: [field(3)] }, minerHotkey, signal);
    await pooled(devnet, 1);
    expect(await sealing(devnet, fate)).toMatchObject({ kind: 'finalized' });
  });

  it('is expired when it never arrived and its era has ended', async () => {
    let cutAt = 0;
    const signer = {
      address: minerHotkey.address,
      sign: async (payload: Uint8Array) => {
        wire.cut();
        cutAt = chain.head?.number ?? 0;
        return minerHotkey.sign(payload);
      },
    };
    const lastBlock = (chain.head?.number ?? 0) + 6;
    const fate = chain.submit({ kind: 'setCommitment', fields: [field(5)] }, signer, signal, { lastBlock });
    await connectedIs(chain, false);
    wire.mend();
    expect(await sealing(devnet, fate)).toMatchObject({ kind: 'expired' });
    expect(cutAt).toBeLessThan(lastBlock);
    expect(chain.finalized?.number).toBeGreaterThanOrEqual(lastBlock);
  });

  it('is not expired by the word of an endpoint that has not those blocks as final yet', async () => {
    const early = await chain.blockHash(1, signal);
    const signer = {
      address: minerHotkey.address,
      sign: async (payload: Uint8Array) => {
        wire.swallowAnswers();
        return minerHotkey.sign(payload);
      },
    };
    const lastBlock = (chain.head?.number ?? 0) + 6;
    const fate = chain.submit({ kind: 'setCommitment', fields: [field(8)] }, signer, signal, { lastBlock });
    await pooled(devnet, 1);
    // The next endpoint lags: of those heights it has another block yet.
    wire.lieWith((method, [block]) => {
      if (method === 'chain_getFinalizedHead') return `0x${early}`;
      return method === 'chain_getBlockHash' && Number(block) > 1 ? `0x${early}` : undefined;
    });
    wire.cut();
    wire.mend();
    const past = new Promise<void>((resolve) => {
      chain.on('finalized', ({ number }) => number > lastBlock && resolve());
    });
    await sealing(devnet, Promise.race([past, fate]));
    const asked = () => wire.asked.filter((method) => method === 'chain_getFinalizedHead').length;
    const before = asked();
    await Promise.race([vi.waitFor(() => expect(asked()).toBeGreaterThan(before), 10_000), fate]);
    wire.lieWith(() => undefined);
    expect(await fate).toMatchObject({ kind: 'finalized' });
  });

  it('is unknown, not failed, when it is given up while under way', async () => {
    const giveUp = new AbortController();
    const signer = {
      address: ownerHotkey.address,
      sign: async (payload: Uint8Array) => {
        wire.cut();
        return ownerHotkey.sign(payload);
      },
    };
    const fate = chain.submit({ kind: 'setCommitment', fields: [field(2)] }, signer, giveUp.signal);
    await connectedIs(chain, false);
    giveUp.abort();
    expect(await fate).toMatchObject({ kind: 'unknown' });
    wire.mend();
    await connectedIs(chain, true);
  });

  it('is finalized for what the vault signed', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'butterfly-submit-'));
    try {
      const vault = openVault({ dir });
      const hotkey = await vault.ensureHotkey('miner');
      const limitRao = rao(10n ** 10n);
      await sealing(devnet, chain.submit({ kind: 'burnedRegister', hotkey, limitRao }, miner, signal));
      const signer = vault.signer('miner', chain.callIndexes);
      const call = { kind: 'setCommitment', fields: [field(4)] } as const;
      expect(await sealing(devnet, chain.submit(call, signer, signal))).toMatchObject({ kind: 'finalized' });
      const refused = chain.submit({ kind: 'startCall' }, signer, signal);
      await expect(refused).rejects.toMatchObject({ code: 'KEY_USE_REFUSED' });
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });

  it('never comes from handing the same transaction over twice', async () => {
    const own = await startWire(devnet.url);
    const client = await connect([own.url], signal);
    const fate = client.submit({ kind: 'setCommitment', fields: [field(6)] }, minerHotkey, signal);
    await pooled(devnet, 1);
    own.cut();
    own.mend();
    expect(await sealing(devnet, fate)).toMatchObject({ kind: 'finalized' });
    expect(own.asked.filter((method) => method.startsWith('author_submit'))).toHaveLength(1);
    await client.stop();
    await own.stop();
  });
});

/** Waits until the node holds so many transactions that are in no block yet. */
async function pooled(devnet: Devnet, count: number): Promise<void> {
  const life = new AbortController();
  const node = await openNodeSocket(devnet.url, life.signal);
  const pending = () => node.request<unknown[]>('author_pendingExtrinsics', [], life.signal);
  while ((await pending()).length < count) await new Promise((resolve) => setImmediate(resolve));
  node.close();
}
