import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { deadProxy } from '../dead-proxy.ts';

/** A process as its user starts it: no word to Node of proxies. */
const asking = `
  import { askThroughProxies } from ${JSON.stringify(resolve('src-node/own-proxies.ts'))};
  console.log(askThroughProxies(process.env));
  for (const url of process.argv.slice(1))
    await fetch(url).then(async (answer) => console.log(await answer.text()), () => console.log('nothing'));
`;

async function ask(env: NodeJS.ProcessEnv, urls: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', asking, ...urls],
    { env },
  );
  return stdout.trim().split('\n');
}

async function onLoopback(): Promise<string> {
  const server = createServer((_request, response) => void response.end('here'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

it('a host asks the Hub through the proxy of the network, and this computer without it', async () => {
  const proxy = await deadProxy();
  const { NODE_USE_ENV_PROXY: _ours, ...own } = proxy.env;
  const env = { ...own, NO_PROXY: '', no_proxy: '', SYSTEMROOT: process.env.SYSTEMROOT };
  const told = await ask(env, [await onLoopback(), 'https://hub.invalid/run-profiles']);
  expect(told).toEqual(['true', 'here', 'nothing']);
  expect(proxy.asked).toEqual(['CONNECT hub.invalid:443 HTTP/1.1']);
});

it('a host asks by itself where its user has no proxy, or exempts everything', async () => {
  const proxy = await deadProxy();
  const here = await onLoopback();
  expect(await ask({ SYSTEMROOT: process.env.SYSTEMROOT }, [here])).toEqual(['false', 'here']);
  const told = await ask({ https_proxy: proxy.url, NO_PROXY: '*' }, ['https://hub.invalid/']);
  expect(told).toEqual(['true', 'nothing']);
  expect(proxy.asked).toEqual([]);
});
