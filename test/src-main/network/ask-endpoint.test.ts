import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { askEndpoint } from '../../../src-main/network/ask-endpoint.ts';
import { NETUID, SUBNET_NAME, startTestChain } from './rig.ts';

const never = new AbortController().signal;

/** An address at which a web server answers, which is no chain. */
async function webServer() {
  const server = createServer((_request, response) => response.end('hello'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it('tells what a chain is, and what its subnet', async () => {
  const chain = await startTestChain();
  onTestFinished(() => chain.stop());
  const endpoint = chain.url;
  await expect(askEndpoint(endpoint, NETUID, never)).resolves.toMatchObject({
    endpoint,
    netuid: NETUID,
    knownNetwork: null,
    subnet: { name: SUBNET_NAME },
  });
  await expect(askEndpoint(endpoint, NETUID + 1, never)).resolves.toMatchObject({ subnet: null });
});

it.each([
  ['a web server', webServer],
  ['nothing', () => Promise.resolve('ws://127.0.0.1:1')],
])('tells of an address with %s behind it, without knocking on', async (_what, address) => {
  const endpoint = await address();
  await expect(askEndpoint(endpoint, NETUID, never)).rejects.toMatchObject({
    code: 'ENDPOINT_NO_CHAIN',
    params: { endpoint },
  });
});

it('ends when nobody waits for the answer any more', async () => {
  const gone = AbortSignal.abort();
  await expect(askEndpoint('ws://127.0.0.1:1', NETUID, gone)).rejects.toMatchObject({ code: 'CANCELLED' });
});
