import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Networks, openNetworks } from '../../../src-main/network/networks.ts';
import { type FollowedAccount, followAccount } from '../../../src-main/wallet/followed-account.ts';
import { rao } from '../../../src-shared/units.ts';
import type { Devnet } from '../../../src-worker/devnet/start.ts';
import { soon } from '../../soon.ts';
import {
  connect,
  miner,
  minerHotkey,
  NETUID,
  owner,
  poor,
  SUBNET_NAME,
  sealing,
  startTestChain,
  type TestChain,
} from '../network/rig.ts';

describe('an account on a real socket', () => {
  const life = new AbortController();
  const { signal } = life;
  let devnet: Devnet;
  let chain: TestChain;
  let networks: Networks;

  const follow = (coldkey = miner.address, endpoint: string | null = devnet.url): FollowedAccount =>
    followAccount({ id: { network: 'here', coldkey }, endpoint, isLooked: true }, networks, signal);
  const read = (account: FollowedAccount) =>
    soon(() => {
      if (!account.reading) throw new Error(account.problem?.code);
      return account.reading;
    });

  beforeAll(async () => {
    devnet = await startTestChain();
    chain = await connect([devnet.url], signal);
    networks = openNetworks(() => undefined);
    await sealing(devnet, chain.submit({ kind: 'startCall' }, owner, signal));
    const stake = { limitPriceRao: rao(10n ** 10n), allowPartial: false, hotkey: minerHotkey.address };
    const limitRao = rao(10n ** 9n);
    for (const call of [
      { kind: 'burnedRegister', hotkey: minerHotkey.address, limitRao },
      { kind: 'addStakeLimit', ...stake, amountRao: rao(50n * 10n ** 9n) },
    ] as const)
      await sealing(devnet, chain.submit(call, miner, signal));
  });
  afterAll(async () => {
    await networks.stop();
    await chain.stop();
    await devnet.stop();
  });

  it('is told whole: free, reserved, stakes with price and what selling would bring', async () => {
    const account = follow();
    const reading = await read(account);
    await account.stop();
    const at = await chain.blockHash(reading.block, signal);
    expect(reading.freeRao).toBe(await chain.balance(miner.address, at, signal));
    expect(reading.reservedRao).toBe(0n);
    const [stake] = reading.positions;
    expect(stake?.stakeAlpha).toBe(await chain.stake(minerHotkey.address, miner.address, at, signal));
    expect(stake?.availableAlpha).toBe(stake?.stakeAlpha);
    expect(stake?.priceRao).toBe(await chain.alphaPrice(at, signal));
    const spot = ((stake?.stakeAlpha ?? 0n) * (stake?.priceRao ?? 0n)) / 10n ** 9n;
    expect(stake?.exitRao).toBeGreaterThan((spot * 8n) / 10n);
    expect(stake?.exitRao).toBeLessThan(spot);
    expect(reading.subnetNames.get(NETUID)).toBe(SUBNET_NAME);
  });

  it('that the chain does not know has nothing, which is no fault', async () => {
    const account = follow(poor.address);
    const reading = await read(account);
    await account.stop();
    expect(reading).toMatchObject({ freeRao: 0n, positions: [] });
    expect(account.problem).toBeNull();
  });

  it('keeps what was read when its network goes, and says so; and goes on when it is back', async () => {
    const share = await networks.open({ name: 'here', endpoints: [devnet.url] }, signal);
    const account = follow(miner.address, null);
    const before = await read(account);
    await share.release();
    await soon(() => expect(account.problem?.code).toBe('NETWORK_NOT_OPEN'));
    expect(account.reading).toBe(before);
    const again = await networks.open({ name: 'here', endpoints: [devnet.url] }, signal);
    await soon(() => expect(account.problem).toBeNull());
    await account.stop();
    await again.release();
    expect(networks.all.size).toBe(0);
  });

  it('gives its name away to a run that needs it for another address', async () => {
    const account = follow();
    await read(account);
    const other = devnet.url.replace('127.0.0.1', 'localhost');
    const share = await networks.open({ name: 'here', endpoints: [other] }, signal);
    expect(share.network.endpoint).toBe(other);
    await soon(() => expect(account.network).toBe(share.network));
    await account.stop();
    expect(networks.all.get('here')).toBe(share.network);
    await share.release();
    expect(networks.all.size).toBe(0);
  });

  it('never takes a name from a run', async () => {
    const run = await networks.open({ name: 'here', endpoints: [devnet.url] }, signal);
    const other = { name: 'here', endpoints: ['ws://127.0.0.1:9'] };
    await expect(networks.open(other, signal, true)).rejects.toMatchObject({ code: 'NETWORK_NAME_TAKEN' });
    await expect(networks.open(other, signal)).rejects.toMatchObject({ code: 'NETWORK_NAME_TAKEN' });
    await run.release();
  });
});
