import { expect, test } from 'vitest';
import { soon } from '../../soon.ts';
import { alice, bob, call, freeRao, openRig, options, query } from './rig.ts';

test('blocks that are not final give way to a longer branch, and their transactions come again', async () => {
  const { api, control, devnet, seal } = await openRig(options({ finalityLag: 5 }));
  const before = await freeRao(api, bob.address);
  const heard: string[] = [];
  const told: string[] = [];
  const stopHeads = await api.rpc.chain.subscribeNewHeads((header) => {
    heard.push(`${header.number.toNumber()} ${header.hash.toHex()}`);
  });
  const final = Promise.withResolvers<string>();
  await call(api, 'balances.transferKeepAlive', bob.address, 5_000_000_000n).signAndSend(
    alice,
    ({ status }) => {
      told.push(status.type);
      if (status.isFinalized) final.resolve(status.asFinalized.toHex());
    },
  );
  await seal(2);
  await soon(() => expect(heard.at(-1)).toMatch(/^3 /));
  const [gone] = heard.slice(-2);
  await soon(() => expect(told).toContain('InBlock'));
  const head = (await api.rpc.chain.getHeader()).number.toNumber();
  await control('devnet_reorg', 2);
  await soon(() => expect(heard.at(-1)).toMatch(/^4 /));
  expect((await api.rpc.chain.getHeader()).number.toNumber()).toBe(head + 1);
  // The same number has another hash now.
  const [number = '', hash = ''] = gone?.split(' ') ?? [];
  expect(heard.filter((line) => line.startsWith(`${number} `))).toHaveLength(2);
  expect((await api.rpc.chain.getBlockHash(Number(number))).toHex()).not.toBe(hash);

  await seal(6);
  const included = await final.promise;
  expect(told.filter((status) => ['InBlock', 'Retracted', 'Finalized'].includes(status))).toEqual([
    'InBlock',
    'Retracted',
    'InBlock',
    'Finalized',
  ]);
  expect((await api.rpc.chain.getHeader(included)).number.toNumber()).toBeGreaterThan(head - 2);
  expect((await freeRao(api, bob.address)) - before).toBe(5_000_000_000n);
  stopHeads();
  devnet.sealBlock();
});

test('the state of blocks that were taken back is gone, and who watches it is told', async () => {
  const { api, control, send } = await openRig(options({ finalityLag: 5 }));
  const nonces: number[] = [];
  const stop = (await query(
    api,
    'system.account',
    alice.address,
    (account: { nonce: { toNumber(): number } }) => {
      nonces.push(account.nonce.toNumber());
    },
  )) as () => void;
  // An account that only the block to be taken back has seen.
  await send(call(api, 'balances.transferKeepAlive', bob.address, 5_000_000_000n), alice);
  await soon(() => expect(nonces.at(-1)).toBe(1));
  await control('devnet_reorg', 1);
  // Taken back, and included again in the branch that came in its place.
  await soon(() => expect(nonces.slice(-2)).toEqual([0, 1]));
  stop();
});

test('what is final stays', async () => {
  const { control, seal } = await openRig(options({ finalityLag: 1 }));
  await seal(4);
  await expect(control('devnet_reorg', 2)).rejects.toThrow('final');
  await expect(control('devnet_reorg', 0)).rejects.toThrow();
});
