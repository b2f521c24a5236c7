import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { deadProxy } from '../../dead-proxy.ts';
import { NETUID, SUBNET_NAME, startTestChain } from './rig.ts';

const client = resolve('src-main/network/ask-endpoint.ts');

it('reaches a chain on this machine without asking the proxy of the network', async () => {
  const chain = await startTestChain();
  onTestFinished(() => chain.stop());
  const proxy = await deadProxy();
  // A process of its own: Node reads these variables when it starts.
  const script = `
    import { askEndpoint } from ${JSON.stringify(client)};
    const told = await askEndpoint('${chain.url}', ${NETUID}, new AbortController().signal);
    console.log(told.subnet.name);
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    env: { ...process.env, ...proxy.env, NO_PROXY: '', no_proxy: '' },
  });
  expect(stdout.trim()).toBe(SUBNET_NAME);
  expect(proxy.asked).toEqual([]);
});
