import { expect, it } from 'vitest';
import { forgetMetadata, withKeptMetadata } from '../../../src-main/network/metadata-cache.ts';

/** A node of that version, and what it was asked. */
function node(endpoint: string, version: number, genesis = '0x11') {
  const asked: string[] = [];
  const ask = withKeptMetadata(endpoint, async (method) => {
    asked.push(method);
    if (method === 'chain_getBlockHash') return genesis;
    return method === 'state_getRuntimeVersion'
      ? { specVersion: version }
      : `metadata of ${endpoint} ${version}`;
  });
  const open = async () => {
    await ask('chain_getBlockHash', [0]);
    await ask('state_getRuntimeVersion', []);
    return ask('state_getMetadata', []);
  };
  return { asked: () => asked.filter((method) => method === 'state_getMetadata').length, open };
}

it('is asked for once a runtime, and never taken from another endpoint or chain', async () => {
  const first = node('ws://a', 1);
  expect(await first.open()).toBe('metadata of ws://a 1');
  expect(await first.open()).toBe('metadata of ws://a 1');
  expect(first.asked()).toBe(1);
  for (const other of [node('ws://a', 2), node('ws://b', 1), node('ws://a', 1, '0x22')]) {
    await other.open();
    expect(other.asked()).toBe(1);
  }
});

it('is asked for anew where no session could be made of it', async () => {
  const one = node('ws://c', 1);
  await one.open();
  forgetMetadata('ws://c');
  await one.open();
  expect(one.asked()).toBe(2);
});
