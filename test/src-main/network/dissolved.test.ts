import { once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { openNetwork } from '../../../src-main/network/network.ts';
import { alphaRao, rao } from '../../../src-shared/units.ts';
import {
  CONTROL_TOKEN,
  EXPECTED,
  miner,
  minerHotkey,
  NETUID,
  owner,
  sealing,
  startTestChain,
  testSubnet,
} from './rig.ts';

const { address: hotkey } = minerHotkey;
const OTHER = 39;
const order = { hotkey, limitPriceRao: rao(2_000_000_000n), allowPartial: false };
const stake = { kind: 'addStakeLimit', ...order, amountRao: rao(10n ** 10n) } as const;

/** Turns the chain as its owner does. */
async function control(url: string, method: string, ...params: unknown[]): Promise<unknown> {
  const socket = new WebSocket(url);
  await once(socket, 'open');
  socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: [CONTROL_TOKEN, ...params] }));
  const [answer] = await once(socket, 'message');
  socket.close();
  return JSON.parse(String(answer));
}

it('a subnet that has ended is told, takes no money, and bars no way out', async () => {
  const subnets = [testSubnet, { ...testSubnet, netuid: OTHER }];
  const devnet = await startTestChain({ subnets });
  const ending = new AbortController();
  const { signal } = ending;
  const network = await openNetwork({ endpoints: [devnet.url], log: () => undefined, signal });
  onTestFinished(async () => {
    ending.abort();
    await network.stop();
    await devnet.stop();
  });
  const chain = await network.subnet(NETUID, EXPECTED, signal);
  const other = await network.subnet(OTHER, EXPECTED, signal);
  const done = <T>(work: Promise<T>) => sealing(devnet, work);
  await done(chain.submit({ kind: 'burnedRegister', hotkey, limitRao: rao(10n ** 12n) }, miner, signal));
  for (const each of [chain, other]) {
    await done(each.submit({ kind: 'startCall' }, owner, signal));
    expect(await done(each.submit(stake, miner, signal))).toMatchObject({ kind: 'finalized' });
  }
  const before = await chain.balance(miner.address, null, signal);

  const told = new Promise((resolve) => chain.on('foreign', resolve));
  expect(await control(devnet.url, 'devnet_dissolve', 7)).toMatchObject({ error: { code: -32602 } });
  expect(await control(devnet.url, 'devnet_dissolve', NETUID)).toMatchObject({ result: true });
  const fault = { code: 'SUBNET_ABSENT', params: { netuid: NETUID } };
  expect(await done(told)).toMatchObject(fault);
  expect(chain.foreign).toMatchObject(fault);
  await expect(chain.submit(stake, miner, signal)).rejects.toMatchObject(fault);
  await expect(network.subnet(NETUID, EXPECTED, signal)).rejects.toMatchObject(fault);

  // What was staked has come back as TAO; who asks for it all the same is answered by the chain, not by us.
  expect(await chain.balance(miner.address, null, signal)).toBeGreaterThan(before);
  expect(await chain.stake(hotkey, miner.address, null, signal)).toBe(0n);
  const out = { ...order, limitPriceRao: rao(1n), amountAlpha: alphaRao(10n ** 9n) };
  for (const through of [chain, { submit: network.submit.bind(network, NETUID) }])
    expect(await done(through.submit({ kind: 'removeStakeLimit', ...out }, miner, signal))).toMatchObject({
      kind: 'refused',
      error: 'SubnetNotExists',
    });

  // The other one is as it was.
  expect(other.foreign).toBeNull();
  expect(await done(other.submit({ kind: 'removeStakeLimit', ...out }, miner, signal))).toMatchObject({
    kind: 'finalized',
    effect: { kind: 'unstaked', alpha: out.amountAlpha },
  });
});
