import * as v from 'valibot';
import { expect, onTestFinished, test, vi } from 'vitest';
import { devnetInitSchema } from '../../../src-shared/contract/devnet.ts';
import { Chain } from '../../../src-worker/devnet/chain/chain.ts';
import { Executor } from '../../../src-worker/devnet/chain/executor.ts';
import { SEAL_RETRY_MS } from '../../../src-worker/devnet/limits.ts';
import { balances } from '../../../src-worker/devnet/runtime/balances.ts';
import { SealClock } from '../../../src-worker/devnet/seal-clock.ts';
import { alice, bob, call, freeRao, openRig, options, TAO } from './rig.ts';

test('more TAO at genesis than a chain can hold is refused at the door', () => {
  const half = (1n << 62n) + 1n;
  const accounts = [
    { ss58: alice.address, freeRao: half },
    { ss58: bob.address, freeRao: half },
  ];
  expect(v.safeParse(devnetInitSchema, options({ accounts })).success).toBe(false);
});

test('a block that cannot be built is told once and tried again, and the process lives', () => {
  vi.useFakeTimers();
  vi.spyOn(console, 'error').mockImplementation(() => {});
  onTestFinished(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });
  const chain = new Chain(v.parse(devnetInitSchema, options({ blockMs: 1_000 })));
  const told: string[] = [];
  const clock = new SealClock(chain, {
    notice: ({ code, params }) => told.push(`${code} ${params.block}`),
    clearNotice: (code) => told.push(`${code} cleared`),
  });
  onTestFinished(() => clock.stop());
  clock.start();
  const seal = vi.spyOn(chain, 'seal').mockImplementation(() => {
    throw new RangeError('integer outside 64 bits');
  });
  vi.advanceTimersByTime(1_000 + 5 * SEAL_RETRY_MS);
  expect(seal).toHaveBeenCalledTimes(6);
  expect(told).toEqual(['DEVNET_BLOCK_FAILED 2']);
  seal.mockRestore();
  vi.advanceTimersByTime(SEAL_RETRY_MS + 3_000);
  expect(chain.headNumber).toBeGreaterThanOrEqual(4);
  expect(told).toEqual(['DEVNET_BLOCK_FAILED 2', 'DEVNET_BLOCK_FAILED cleared']);
});

test('a transaction that the rules cannot execute leaves nothing behind and stops nobody else', async () => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => {});
  onTestFinished(() => void vi.restoreAllMocks());
  const { api, devnet, send } = await openRig();
  const before = await freeRao(api, alice.address);
  const run = vi.spyOn(balances.calls.transfer_keep_alive!, 'run').mockImplementationOnce(() => {
    throw new RangeError('integer outside 64 bits');
  });
  const ended = new Promise<string>((resolve) => {
    call(api, 'balances.transferKeepAlive', bob.address, TAO)
      .signAndSend(alice, ({ status }) => {
        if (status.isReady) devnet.sealBlock();
        if (status.isInvalid || status.isInBlock) resolve(status.type);
      })
      .catch((error: Error) => resolve(error.message));
  });
  expect(await ended).toBe('Invalid');
  expect(run).toHaveBeenCalledOnce();
  expect(log).toHaveBeenCalled();
  expect(await freeRao(api, alice.address)).toBe(before);
  const { status } = await send(call(api, 'balances.transferKeepAlive', bob.address, TAO), alice);
  expect(status.isInBlock).toBe(true);
  expect(await freeRao(api, bob.address)).toBe(TAO);
});

test('what makes a block that cannot be finished is dropped, and the chain goes on without', async () => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => {});
  onTestFinished(() => void vi.restoreAllMocks());
  const { api, devnet, send } = await openRig();
  vi.spyOn(Executor.prototype, 'finish').mockImplementationOnce(() => {
    throw new RangeError('Maximum call stack size exceeded');
  });
  const ended = new Promise<string>((resolve, reject) => {
    call(api, 'balances.transferKeepAlive', bob.address, TAO)
      .signAndSend(alice, ({ status }) => {
        if (status.isReady) devnet.sealBlock();
        if (status.isInvalid || status.isInBlock) resolve(status.type);
      })
      .catch(reject);
  });
  expect(await ended).toBe('Invalid');
  expect(log).toHaveBeenCalled();
  expect(await freeRao(api, bob.address)).toBe(0n);
  const { status } = await send(call(api, 'balances.transferKeepAlive', bob.address, TAO), alice);
  expect(status.isInBlock).toBe(true);
});
