import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { childEnv, throughProxies } from '../../src-node/child-env.ts';
import { deadProxy } from '../dead-proxy.ts';

const envOf = (own: NodeJS.ProcessEnv) => throughProxies(childEnv(own));

/** A child that asks, and a thread of it that asks too: Node reads these variables when each of them starts. */
const asking = `
  import { Worker } from 'node:worker_threads';
  const urls = process.argv.slice(1);
  for (const url of urls)
    await fetch(url).then(async (answer) => console.log(await answer.text()), () => console.log('nothing'));
  new Worker(process.env.SCRIPT, { eval: true, workerData: urls });
`;
const threadAsking = `
  import { workerData } from 'node:worker_threads';
  for (const url of workerData)
    await fetch(url).then(async (answer) => console.log(await answer.text()), () => console.log('nothing'));
`;

async function ask(env: Record<string, string>, urls: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', asking, ...urls],
    { env: { ...env, SCRIPT: threadAsking } },
  );
  return stdout.trim().split('\n');
}

async function onLoopback(): Promise<number> {
  const server = createServer((_request, response) => void response.end('here'));
  server.listen(0, '::');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

it('a child and its threads ask the Hub through the proxy of the network, and this computer without it', async () => {
  const proxy = await deadProxy();
  const port = await onLoopback();
  const { NODE_USE_ENV_PROXY: _ours, ...own } = proxy.env;
  const env = envOf({ ...own, NO_PROXY: '', no_proxy: '', SYSTEMROOT: process.env.SYSTEMROOT });
  const here = ['127.0.0.1', 'localhost', '[::1]'].map((host) => `http://${host}:${port}/`);
  const told = await ask(env, [...here, 'https://hub.invalid/datasets']);
  expect(told).toEqual([...Array(2)].flatMap(() => ['here', 'here', 'here', 'nothing']));
  expect(proxy.asked).toEqual(Array(2).fill('CONNECT hub.invalid:443 HTTP/1.1'));
});

it('without a proxy nothing is said of proxies', () => {
  expect(envOf({ PATH: '/bin', HTTPS_PROXY: '', no_proxy: 'a' })).toEqual({
    PATH: '/bin',
    HTTPS_PROXY: '',
    no_proxy: 'a',
  });
});

it.each([
  [{ no_proxy: 'a.example', NO_PROXY: 'b.example' }, /^a\.example,localhost,/],
  [{ no_proxy: '', NO_PROXY: 'b.example' }, /^b\.example,localhost,/],
  [{ No_Proxy: 'c.example' }, /^c\.example,localhost,/],
  [{ NO_PROXY: '*' }, /^\*$/],
  [{}, /^localhost,/],
])('what the user exempts stays so, in one spelling: %o', (exempt, expected) => {
  const env = envOf({ https_proxy: 'http://proxy:1', ...exempt });
  expect(Object.keys(env).filter((name) => /no_proxy/i.test(name))).toEqual(['NO_PROXY']);
  expect(env.NO_PROXY).toMatch(expected);
  expect(env.NODE_USE_ENV_PROXY).toBe('1');
});

it('a child sees nothing else of the environment', () => {
  const own = { NODE_OPTIONS: '--require /evil', HF_TOKEN: 'secret', NODE_USE_ENV_PROXY: '1', HOME: '/me' };
  expect(envOf(own)).toEqual({ HOME: '/me' });
});
