import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EconomyReads } from '../../../src-main/network/economy-reads.ts';
import { blockEmission } from '../../../src-shared/economics/emission.ts';
import { alphaRao, type Hex, rao } from '../../../src-shared/units.ts';
import type { Devnet } from '../../../src-worker/devnet/start.ts';
import {
  connect,
  miner,
  minerHotkey,
  NETUID,
  owner,
  ownerHotkey,
  SUBNET_NAME,
  sealing,
  startTestChain,
  type TestChain,
  testSubnet,
} from './rig.ts';

const TAO = 10n ** 9n;

describe('the economy of a subnet, read of a chain', () => {
  const { signal } = new AbortController();
  let devnet: Devnet;
  let chain: TestChain;
  let economy: EconomyReads;
  const newest = (): Hex => chain.finalized?.hash ?? chain.genesisHash;

  beforeAll(async () => {
    devnet = await startTestChain({
      subnets: [{ ...testSubnet, movingPriceRao: TAO / 4n, tempo: 10 }],
    });
    chain = await connect([devnet.url], signal);
    economy = chain.economy;
    const hotkey = minerHotkey.address;
    await sealing(devnet, chain.submit({ kind: 'startCall' }, owner, signal));
    await sealing(
      devnet,
      chain.submit({ kind: 'burnedRegister', hotkey, limitRao: rao(TAO) }, miner, signal),
    );
    const stake = { amountRao: rao(5n * TAO), limitPriceRao: rao(10n * TAO), allowPartial: false };
    await sealing(devnet, chain.submit({ kind: 'addStakeLimit', hotkey, ...stake }, miner, signal));
    const axon = { kind: 'serveAxon', ip: '2001:db8::42', port: 4_001, version: 1 } as const;
    await sealing(devnet, chain.submit(axon, minerHotkey, signal));
    const said = {
      name: SUBNET_NAME,
      repository: 'https://github.com/nobody/nothing',
      contact: ' somebody@example.org ',
      url: 'javascript:alert(1)',
      discord: 'discord.example/invite',
      description: '',
      logoUrl: 'https://user:word@example.org/logo.png',
      additional: '',
    };
    await sealing(devnet, chain.submit({ kind: 'setSubnetIdentity', ...said }, owner, signal));
  });
  afterAll(async () => {
    await chain.stop();
    await devnet.stop();
  });

  it('tells both sides of the pool, what circulates, and what a block brings', async () => {
    const market = await economy.market(newest(), signal);
    expect(market.taoIn).toBeGreaterThan(10n ** 12n);
    expect(market.alphaIn).toBeLessThan(10n ** 12n + 100n * TAO);
    expect(market.alphaOut).toBeGreaterThan(0n);
    expect(market.volumeRao).toBeGreaterThanOrEqual(5n * TAO);
    expect(market.ownerCut).toBe(11_796);
    expect(market.taoWeight).toBeCloseTo(0.0527, 4);
    expect(market.rootProportion).toBeGreaterThanOrEqual(0);
    expect(market.rootProportion).toBeLessThanOrEqual(1);
    expect(market).toMatchObject({ maxUids: 256, ownerHotkey: ownerHotkey.address, taoPoolWeight: null });
  });

  it('tells the moving price with its point where the chain has it', async () => {
    const { movingPriceRao } = await economy.market(newest(), signal);
    expect(Number(movingPriceRao)).toBeCloseTo(Number(TAO / 4n), -7);
    const all = await economy.allSubnets(newest(), signal);
    expect(all.find(({ netuid }) => netuid === NETUID)?.movingPriceRao).toBe(movingPriceRao);
  });

  it('knows what the chain issues in a block by what it has issued', async () => {
    const { issuedRao } = await economy.market(newest(), signal);
    expect(blockEmission(issuedRao ?? 0n)).toBe(TAO);
  });

  it('simulates a sale, and has no quote where the chain answers zero', async () => {
    const one = await economy.sale(alphaRao(TAO), newest(), signal);
    expect(one).toBeGreaterThan(0n);
    expect(await economy.sale(alphaRao(0n), newest(), signal)).toBeNull();
  });

  it('takes only addresses of the web for links', async () => {
    expect(await economy.about(newest(), signal)).toEqual({
      links: [
        { kind: 'repository', url: 'https://github.com/nobody/nothing' },
        { kind: 'discord', url: 'https://discord.example/invite' },
      ],
      contact: 'somebody@example.org',
      description: null,
    });
  });

  it('says in the groups of its number where a hotkey of IPv6 answers', async () => {
    const axons = await chain.axons([minerHotkey.address, owner.address], newest(), signal);
    expect([...axons]).toEqual([[minerHotkey.address, { ip: '2001:db8:0:0:0:0:0:42', port: 4_001 }]]);
  });

  it('tells what an epoch paid to the stake on a hotkey, and its take', async () => {
    const [paid] = await economy.dividends([ownerHotkey.address], newest(), signal);
    expect(paid?.hotkey).toBe(ownerHotkey.address);
    expect(paid?.dividends).toBeGreaterThanOrEqual(0n);
    expect(paid?.take).toBeCloseTo(0.18, 3);
    expect(await economy.dividends([], newest(), signal)).toEqual([]);
  });
});
