import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readStored } from '../../../src-main/network/reads/metagraph.ts';
import { readSelective } from '../../../src-main/network/reads/selective-metagraph.ts';
import { openSession } from '../../../src-main/network/session.ts';
import { rao } from '../../../src-shared/units.ts';
import type { Devnet } from '../../../src-worker/devnet/start.ts';
import {
  connect,
  miner,
  minerHotkey,
  NETUID,
  owner,
  ownerHotkey,
  poor,
  SUBNET_NAME,
  sealing,
  startTestChain,
  type TestChain,
} from './rig.ts';

describe('reads of the chain', () => {
  const life = new AbortController();
  const { signal } = life;
  let devnet: Devnet;
  let chain: TestChain;

  beforeAll(async () => {
    devnet = await startTestChain();
    chain = await connect([devnet.url], signal);
    const limitRao = rao(1_000_000_000n);
    await sealing(
      devnet,
      chain.submit({ kind: 'burnedRegister', hotkey: minerHotkey.address, limitRao }, miner, signal),
    );
  });
  afterAll(async () => {
    await chain.stop();
    await devnet.stop();
  });

  it('knows head and finalized block before any new block comes', async () => {
    const quiet = await connect([devnet.url], signal);
    const { head, finalized } = quiet;
    await quiet.stop();
    expect(head?.number).toBe(chain.head?.number);
    expect(finalized?.hash).toBe(await chain.blockHash(finalized?.number ?? 0, signal));
  });

  it('names the genesis of the chain that answers', () => {
    expect(chain.genesisHash).toBe(devnet.genesisHash.replace(/^0x/, ''));
  });

  it('reads the settings of the subnet', async () => {
    expect(await chain.subnet(null, signal)).toMatchObject({
      name: SUBNET_NAME,
      ownerColdkey: owner.address,
      tempo: 10,
      weightsSetRateLimit: 5,
      immunityPeriod: 100,
      neurons: 2,
      firstEmissionBlock: null,
      commitReveal: false,
      maxCommitmentBytesPerEpoch: 3_100,
      ...{ minAllowedWeights: 1, maxWeightsLimit: 65_535, weightsVersion: 0, activityCutoff: 5_000 },
    });
  });

  it('knows the block of first emission once the owner has started it', async () => {
    const fate = await sealing(devnet, chain.submit({ kind: 'startCall' }, owner, signal));
    if (fate.kind !== 'finalized') throw new Error(fate.kind);
    const { firstEmissionBlock } = await chain.subnet(null, signal);
    expect(firstEmissionBlock).toBe(fate.block + 1);
    const before = await chain.blockHash(fate.block - 1, signal);
    expect((await chain.subnet(before, signal)).firstEmissionBlock).toBeNull();
  });

  it('reads the metagraph', async () => {
    const neurons = await chain.metagraph(null, signal);
    expect(neurons.map(({ uid, hotkey, coldkey }) => ({ uid, hotkey, coldkey }))).toEqual([
      { uid: 0, hotkey: ownerHotkey.address, coldkey: owner.address },
      { uid: 1, hotkey: minerHotkey.address, coldkey: miner.address },
    ]);
    expect(neurons[1]?.registeredAt).toBeGreaterThan(0);
  });

  it('reads the metagraph of an earlier block as it was then', async () => {
    expect(await chain.metagraph(chain.genesisHash, signal)).toHaveLength(1);
  });

  it('reads balance, price, stake and uid', async () => {
    const start = 1_000_000_000_000n;
    const balance = await chain.balance(miner.address, null, signal);
    expect(balance).toBeLessThan(start);
    expect(balance).toBeGreaterThan(start - 200_000_000n);
    expect(await chain.balance(poor.address, null, signal)).toBe(0n);
    expect(await chain.alphaPrice(null, signal)).toBeGreaterThan(0n);
    expect(await chain.stake(minerHotkey.address, miner.address, null, signal)).toBe(0n);
    const at = chain.finalized?.hash ?? chain.genesisHash;
    expect(await chain.uidOf(minerHotkey.address, at, signal)).toBe(1);
    expect(await chain.uidOf(poor.address, at, signal)).toBeNull();
  });

  it('gives commitment fields back byte for byte, also where they look like text', async () => {
    const fields = [new TextEncoder().encode('plain text'), new Uint8Array(77).fill(200)];
    const fate = await sealing(devnet, chain.submit({ kind: 'setCommitment', fields }, minerHotkey, signal));
    if (fate.kind !== 'finalized') throw new Error(fate.kind);
    const slots = await chain.commitments([minerHotkey.address, ownerHotkey.address], null, signal);
    expect(slots.size).toBe(1);
    expect(slots.get(minerHotkey.address)).toEqual({ block: fate.block, fields });
  });

  it('tells an epoch from a block without one', async () => {
    const next = (block: number) => (block + NETUID + 1) % 11 === 10;
    let block = devnet.sealBlock();
    while (!next(block)) block = devnet.sealBlock();
    const epoch = await chain.incentivesPaid(await chain.blockHash(block, signal), signal);
    const plain = await chain.incentivesPaid(await chain.blockHash(block - 1, signal), signal);
    expect(epoch).not.toBeNull();
    expect(plain).toBeNull();
  });

  it('refuses to start on a subnet of another name', async () => {
    const expected = { name: 'Somebody else', ownerColdkey: null };
    await expect(connect([devnet.url], signal, { expected })).rejects.toMatchObject({
      code: 'CHAIN_IDENTITY_MISMATCH',
      params: { netuid: NETUID, expected: 'Somebody else', found: SUBNET_NAME },
    });
  });

  it('refuses to start on a subnet of another owner', async () => {
    const expected = { name: SUBNET_NAME, ownerColdkey: poor.address };
    await expect(connect([devnet.url], signal, { expected })).rejects.toMatchObject({
      code: 'CHAIN_IDENTITY_MISMATCH',
    });
  });

  it('rejects a cancelled read', async () => {
    await expect(chain.balance(miner.address, null, AbortSignal.abort())).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });

  it('reads the same metagraph by the runtime and from storage, at every block', async () => {
    const session = await openSession(devnet.url, signal);
    await sealing(
      devnet,
      chain.submit(
        {
          kind: 'addStakeLimit',
          hotkey: minerHotkey.address,
          amountRao: rao(5_000_000_000n),
          limitPriceRao: rao(10n ** 10n),
          allowPartial: false,
        },
        miner,
        signal,
      ),
    );
    const { finalized, genesisHash } = chain;
    for (const at of [finalized?.hash ?? genesisHash, genesisHash]) {
      const asked = await readSelective(session, NETUID, at, signal);
      expect(asked).not.toBeNull();
      expect(asked).toEqual(await readStored(session, NETUID, at, signal));
      // Now with hotkeys that are known, and of another block.
      expect(await readSelective(session, NETUID, at, signal)).toEqual(asked);
    }
    session.close();
  });
});
