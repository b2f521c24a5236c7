import { expect, it, onTestFinished } from 'vitest';
import { openNetwork } from '../../../src-main/network/network.ts';
import { NO_IDENTITY } from '../../../src-shared/chain/subnet-identity.ts';
import { alphaRao, rao } from '../../../src-shared/units.ts';
import { miner, minerHotkey, NETUID, owner, SUBNET_NAME, sealing, startTestChain } from './rig.ts';

const { address: hotkey } = minerHotkey;
const order = { hotkey, limitPriceRao: rao(2_000_000_000n), allowPartial: false };
const stake = { kind: 'addStakeLimit', ...order, amountRao: rao(10n ** 10n) } as const;

it('a subnet of another name is told at once, takes no more money, and gives back what is in it', async () => {
  const devnet = await startTestChain();
  const ending = new AbortController();
  const { signal } = ending;
  const network = await openNetwork({ endpoints: [devnet.url], log: () => undefined, signal });
  onTestFinished(async () => {
    ending.abort();
    await network.stop();
    await devnet.stop();
  });
  const expected = { name: SUBNET_NAME, ownerColdkey: null };
  const chain = await network.subnet(NETUID, expected, signal);
  const done = <T>(work: Promise<T>) => sealing(devnet, work);
  await done(chain.submit({ kind: 'burnedRegister', hotkey, limitRao: rao(10n ** 12n) }, miner, signal));
  await done(chain.submit({ kind: 'startCall' }, owner, signal));
  expect(await done(chain.submit(stake, miner, signal))).toMatchObject({ kind: 'finalized' });
  expect(chain.foreign).toBeNull();

  const told = new Promise((resolve) => chain.on('foreign', resolve));
  const rename = { kind: 'setSubnetIdentity', ...NO_IDENTITY, name: 'Something else' } as const;
  await done(chain.submit(rename, owner, signal));
  const fault = {
    code: 'CHAIN_IDENTITY_MISMATCH',
    params: { netuid: NETUID, expected: SUBNET_NAME, found: 'Something else' },
  };
  expect(await told).toEqual(fault);
  expect(chain.foreign).toEqual(fault);
  await expect(chain.submit(stake, miner, signal)).rejects.toMatchObject(fault);
  await expect(network.subnet(NETUID, expected, signal)).rejects.toMatchObject(fault);

  const out = { ...order, limitPriceRao: rao(1n), amountAlpha: alphaRao(10n ** 9n) };
  expect(await done(chain.submit({ kind: 'removeStakeLimit', ...out }, miner, signal))).toMatchObject({
    kind: 'finalized',
    effect: { kind: 'unstaked', alpha: out.amountAlpha },
  });
  const all = { kind: 'removeStakeFullLimit', hotkey, limitPriceRao: rao(1n) } as const;
  const fate = await done(network.submit(NETUID, all, miner, signal));
  expect(fate).toMatchObject({ kind: 'finalized', effect: { kind: 'unstaked' } });
  const at = fate.kind === 'finalized' ? fate.blockHash : null;
  expect(await chain.stake(hotkey, miner.address, at, signal)).toBe(0n);

  const back = new Promise((resolve) => chain.on('foreign', resolve));
  await done(chain.submit({ ...rename, name: SUBNET_NAME }, owner, signal));
  expect(await back).toBeNull();
});
