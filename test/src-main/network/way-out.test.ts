import { expect, it, onTestFinished } from 'vitest';
import type { TxFate } from '../../../src-main/network/chain.ts';
import { openNetwork } from '../../../src-main/network/network.ts';
import { alphaRao, rao } from '../../../src-shared/units.ts';
import { EXPECTED, miner, minerHotkey, NETUID, owner, sealing, startTestChain, testSubnet } from './rig.ts';

const { address: hotkey } = minerHotkey;
const ENOUGH = rao(10n ** 12n);

async function open() {
  // No epoch pays in between: what is held is what was bought.
  const devnet = await startTestChain({ subnets: [{ ...testSubnet, tempo: 10_000 }] });
  const ending = new AbortController();
  const { signal } = ending;
  const log: string[] = [];
  const network = await openNetwork({ endpoints: [devnet.url], log: (line) => log.push(line), signal });
  onTestFinished(async () => {
    ending.abort();
    await network.stop();
    await devnet.stop();
  });
  const chain = await network.subnet(NETUID, EXPECTED, signal);
  const sealed = <T>(work: Promise<T>) => sealing(devnet, work);
  return { network, chain, signal, log, sealed };
}

const order = { hotkey, limitPriceRao: rao(2_000_000_000n), allowPartial: false };

async function withStake() {
  const opened = await open();
  const { chain, sealed, signal } = opened;
  await sealed(chain.submit({ kind: 'burnedRegister', hotkey, limitRao: ENOUGH }, miner, signal));
  await sealed(chain.submit({ kind: 'startCall' }, owner, signal));
  const amountRao = rao(10n * 10n ** 9n);
  const fate = await sealed(chain.submit({ kind: 'addStakeLimit', ...order, amountRao }, miner, signal));
  return { ...opened, fate, amountRao };
}

const blockOf = (fate: TxFate) => (fate.kind === 'finalized' ? fate.blockHash : null);
const alphaOf = (fate: TxFate): bigint =>
  fate.kind === 'finalized' && fate.effect?.kind === 'staked' ? fate.effect.alpha : 0n;

it('what a stake did is told by its events, to the rao that the chain then holds', async () => {
  const { chain, fate, amountRao, signal } = await withStake();
  expect(fate).toMatchObject({ kind: 'finalized', effect: { kind: 'staked', taoRao: amountRao } });
  expect(await chain.stake(hotkey, miner.address, blockOf(fate), signal)).toBe(alphaOf(fate));
});

it('stake is taken out of a subnet that no profile knows, and none is put in', async () => {
  const { chain, network, fate, log, sealed, signal } = await withStake();
  const alpha = alphaOf(fate);
  const amountRao = rao(10n ** 9n);
  await expect(
    network.submit(NETUID, { kind: 'addStakeLimit', ...order, amountRao }, miner, signal),
  ).rejects.toMatchObject({ code: 'SUBNET_UNPROVED' });
  const half = alphaRao(alpha / 2n);
  const out = await sealed(
    network.submit(
      NETUID,
      { kind: 'removeStakeLimit', ...order, limitPriceRao: rao(1n), amountAlpha: half },
      miner,
      signal,
    ),
  );
  expect(out).toMatchObject({ kind: 'finalized', effect: { kind: 'unstaked', alpha: half } });
  expect(log.at(-1)).toMatch(new RegExp(`^take 4\\.\\d+ alpha from ${hotkey} on subnet ${NETUID}.*in block`));
  expect(await chain.stake(hotkey, miner.address, blockOf(out), signal)).toBe(alpha - half);
});

it('no money goes into a subnet of which nothing is expected', async () => {
  const { network, signal } = await open();
  const chain = await network.subnet(NETUID, null, signal);
  const call = { kind: 'burnedRegister', hotkey, limitRao: ENOUGH } as const;
  await expect(chain.submit(call, miner, signal)).rejects.toMatchObject({ code: 'SUBNET_UNPROVED' });
});

it('a refused order says why, and costs nothing but its fee', async () => {
  const { network, sealed, signal } = await withStake();
  const dear = { ...order, limitPriceRao: rao(10n ** 12n), amountAlpha: alphaRao(10n ** 9n) };
  const fate = await sealed(network.submit(NETUID, { kind: 'removeStakeLimit', ...dear }, miner, signal));
  expect(fate).toMatchObject({ kind: 'refused', module: 'SubtensorModule' });
});

it('two subnets share the nonces of one coldkey', async () => {
  const { network, chain, sealed, signal } = await withStake();
  const { address: to } = owner;
  const amountRao = rao(10n ** 9n);
  const both = Promise.all([
    network.submit(0, { kind: 'transfer', to, amountRao }, miner, signal),
    chain.submit({ kind: 'addStakeLimit', ...order, amountRao }, miner, signal),
  ]);
  expect(await sealed(both)).toMatchObject([
    { kind: 'finalized', effect: { kind: 'transferred', amountRao } },
    { kind: 'finalized', effect: { kind: 'staked', taoRao: amountRao } },
  ]);
});
