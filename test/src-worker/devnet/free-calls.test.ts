import { expect, test } from 'vitest';
import { MAX_CALLS_PER_BLOCK } from '../../../src-worker/devnet/limits.ts';
import { joined } from '../../../src-worker/devnet/scale/hex.ts';
import { alice, call, key, NETUID, openRig, query } from './rig.ts';

/** Calls that cost nothing: whoever holds nothing can make them, so nothing else may hold them back. */

const many = (count: number) =>
  [Array(count).fill(NETUID), Array(count).fill([]), Array(count).fill(0)] as const;

test('a free call of one whom the chain does not know is refused, and leaves no account behind', async () => {
  const { api, send } = await openRig();
  const nobody = key('nobody');
  for (const free of [
    call(api, 'subtensorModule.setWeights', NETUID, [], [], 0),
    call(api, 'utility.batch', []),
    call(api, 'subtensorModule.batchSetWeights', ...many(3)),
  ])
    await expect(send(free, nobody)).rejects.toThrow(/Inability to pay/);
  expect((await query(api, 'system.account', nobody.address)).toJSON()).toMatchObject({ nonce: 0 });
});

test('one call that asks for more work than a block has is refused, and a block ends before it is too much', async () => {
  const { api, devnet, send, seal } = await openRig();
  const most = MAX_CALLS_PER_BLOCK;
  const over = call(api, 'subtensorModule.batchSetWeights', ...many(most + 1));
  await expect(send(over, alice)).rejects.toThrow(/exhaust the block limits/);
  const nonce = Number((await api.rpc.system.accountNextIndex(alice.address)).toString());
  const half = Math.ceil((most + 1) / 2);
  for (let i = 0; i < 2; i++) {
    const signed = await call(api, 'subtensorModule.batchSetWeights', ...many(half)).signAsync(alice, {
      nonce: nonce + i,
    });
    await api.rpc.author.submitExtrinsic(signed);
  }
  devnet.sealBlock();
  await seal(0);
  expect((await query(api, 'system.account', alice.address)).toJSON()).toMatchObject({ nonce: nonce + 1 });
  await seal();
  expect((await query(api, 'system.account', alice.address)).toJSON()).toMatchObject({ nonce: nonce + 2 });
});

test('however many parts are put together', () => {
  expect(joined(Array.from({ length: 700_000 }, () => Uint8Array.of(1)))).toHaveLength(700_000);
});
