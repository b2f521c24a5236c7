import { expect, it, onTestFinished } from 'vitest';
import { openNodeSocket } from '../../../src-main/network/node-socket.ts';
import { rao } from '../../../src-shared/units.ts';
import { CONTROL_TOKEN, connect, miner, owner, startTestChain, when } from './rig.ts';

const AMOUNT = rao(10n ** 9n);

it('a payment whose block is taken back is made once, in the branch that stays', async () => {
  const devnet = await startTestChain({ finalityLag: 4 });
  const ending = new AbortController();
  const { signal } = ending;
  const control = await openNodeSocket(devnet.url, signal);
  const chain = await connect([devnet.url], signal);
  onTestFinished(async () => {
    ending.abort();
    control.close();
    await chain.stop();
    await devnet.stop();
  });
  const pay = chain.submit({ kind: 'transfer', to: owner.address, amountRao: AMOUNT }, miner, signal);
  const included = () =>
    control.request<readonly string[]>('author_pendingExtrinsics', [], signal).then((left) => left.length);
  // It waits in the pool, is included, and its block is taken back before it is final.
  while ((await included()) === 0) await new Promise((resolve) => setImmediate(resolve));
  const told = when(chain, 'head', ({ number }) => number > 1);
  const number = devnet.sealBlock();
  await told;
  const before = await chain.blockHash(number, signal);
  await control.request('devnet_reorg', [CONTROL_TOKEN, 1], signal);
  for (let sealed = 0; sealed < 6; sealed++) devnet.sealBlock();
  const fate = await pay;
  expect(fate).toMatchObject({ kind: 'finalized', effect: { kind: 'transferred', amountRao: AMOUNT } });
  if (fate.kind !== 'finalized') return;
  expect(fate.blockHash).not.toBe(before);
  expect(await chain.blockHash(fate.block, signal)).toBe(fate.blockHash);
  const start = 10n ** 12n;
  expect(await chain.balance(owner.address, fate.blockHash, signal)).toBe(start + AMOUNT);
});
