import { expect, it, vi } from 'vitest';
import type { Axon } from '../../../src-main/network/chain.ts';
import { chainDirectory } from '../../../src-main/rounds/chain-directory.ts';
import { CHAIN_DIRECTORY_AGAIN_MS, CHAIN_DIRECTORY_EVERY_MS } from '../../../src-main/rounds/limits.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { type Ss58, ss58 } from '../../../src-shared/units.ts';

const [anna, bob] = ['5Anna', '5Bob'].map(ss58) as [Ss58, Ss58];

function directory() {
  const axons = vi.fn(
    async (): Promise<ReadonlyMap<Ss58, Axon>> =>
      new Map([
        [anna, { ip: '203.0.113.9', port: 4_001 }],
        [bob, { ip: '2001:db8:0:0:0:0:0:42', port: 9 }],
      ]),
  );
  const call = vi.fn(async () => undefined as never);
  const told = chainDirectory({ axons }, { call }, new AbortController().signal);
  return { axons, call, refresh: (nowMs: number) => told.refresh([anna, bob], nowMs), repeat: told.repeat };
}

it('tells where hotkeys answer, of either family, and again after a while', async () => {
  const { call, refresh } = directory();
  await refresh(0);
  await refresh(CHAIN_DIRECTORY_EVERY_MS - 1);
  const entries = [
    { hotkey: anna, address: '/ip4/203.0.113.9/tcp/4001' },
    { hotkey: bob, address: '/ip6/2001:db8:0:0:0:0:0:42/tcp/9' },
  ];
  expect(call.mock.calls).toEqual([['setDirectory', { entries }, expect.anything()]]);
  await refresh(CHAIN_DIRECTORY_EVERY_MS);
  expect(call).toHaveBeenCalledTimes(2);
});

it('tells a node that has just started at once', async () => {
  const { call, refresh, repeat } = directory();
  await refresh(0);
  repeat();
  await refresh(1);
  expect(call).toHaveBeenCalledTimes(2);
});

it('reads sooner again what could not be read, and not at every look', async () => {
  const { axons, call, refresh } = directory();
  axons.mockRejectedValueOnce(new AppError('CHAIN_UNREACHABLE', { endpoint: 'ws://nowhere' }));
  await expect(refresh(0)).rejects.toThrow('CHAIN_UNREACHABLE');
  await refresh(CHAIN_DIRECTORY_AGAIN_MS - 1);
  expect(axons).toHaveBeenCalledOnce();
  await refresh(CHAIN_DIRECTORY_AGAIN_MS);
  expect(call).toHaveBeenCalledOnce();
});
