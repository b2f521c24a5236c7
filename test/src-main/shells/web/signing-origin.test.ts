import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBirpc } from 'birpc';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { nextPorts } from '../../../../src-main/shells/web/page-port.ts';
import { type SigningOrigin, serveSigning } from '../../../../src-main/shells/web/signing-origin.ts';
import { startWebShell, type WebShell } from '../../../../src-main/shells/web/web-shell.ts';
import { openSigningDesk, type SigningDesk } from '../../../../src-main/signing-desk.ts';
import { wrongPasswordsByFile } from '../../../../src-main/vault/wrong-passwords.ts';
import { hostApiArguments } from '../../../../src-shared/contract/page/arguments.ts';
import {
  PAGE_PROTOCOL,
  type PageFrame,
  sessionProtocol,
  tokenOfFragment,
  tokenProtocol,
} from '../../../../src-shared/contract/page/wire.ts';
import { type SigningApi, signingApiArguments } from '../../../../src-shared/contract/signing.ts';
import { decodeWire, encodeWire } from '../../../../src-shared/wire.ts';
import { fakeHost } from '../../../fakes/host-api.ts';
import {
  type FakeOrders,
  FINNEY,
  fakeOrders,
  noMoves,
  noWalletHere,
  RIGHT_PASSWORD,
  stakeReview,
} from '../../../fakes/orders.ts';

let folder = '';
let page: WebShell;
let signing: SigningOrigin;
let desk: SigningDesk;
let orders: FakeOrders;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'butterfly-signing-'));
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>Sign</title>');
  const host = fakeHost();
  page = await startWebShell({
    ...{ port: 0, pageDir: folder, dataDir: folder, api: host.api, calls: hostApiArguments },
    ...{ connect: (ui) => host.connect(ui), onProblem: () => {} },
  });
  orders = fakeOrders();
  desk = openSigningDesk({
    moves: noMoves,
    ...{ shell: 'web', orders: orders.orders, signal: new AbortController().signal },
    placeOf: (name) => ({ root: folder, network: { name, mark: null, isReal: name === 'finney' } }),
    noteBackedUp: async () => undefined,
    wrong: wrongPasswordsByFile(),
    walletOf: noWalletHere,
    onWallets: () => undefined,
  });
  signing = await serveSigning({
    door: { api: desk.api, connect: desk.connect, calls: signingApiArguments, onProblem: () => {} },
    pageDir: folder,
    pagePort: page.port,
  });
});
afterEach(async () => {
  await signing.stop();
  await page.stop();
  await rm(folder, { recursive: true });
});

const originOf = ({ port }: { readonly port: number }) => `http://127.0.0.1:${port}`;
const newToken = () => tokenProtocol(tokenOfFragment(new URL(signing.open()).hash) ?? '');

interface Opened {
  readonly socket: WebSocket;
  readonly key: string;
  readonly api: SigningApi;
  call(name: string, ...args: readonly unknown[]): Promise<unknown>;
}

/** Opens a socket of one of the two servers; rejects with the HTTP status of a refusal. */
function open(server: { readonly port: number }, protocol: string, headers: Record<string, string> = {}) {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/rpc`, [PAGE_PROTOCOL, protocol], {
    headers: { Origin: originOf(server), ...headers },
  });
  let deliver: (message: unknown) => void = () => {};
  const rpc = createBirpc<SigningApi, object>(
    { patch: () => undefined },
    {
      post: (body) => socket.send(encodeWire({ kind: 'rpc', body } satisfies PageFrame)),
      on: (listener) => {
        deliver = listener;
      },
    },
  );
  return new Promise<Opened>((resolve, reject) => {
    socket.on('unexpected-response', (request, response) => {
      request.destroy();
      reject(new Error(`${response.statusCode}`));
    });
    socket.on('error', reject);
    socket.on('message', (raw) => {
      const frame = decodeWire(raw.toString(), 1e6) as PageFrame;
      const call = (name: string, ...args: readonly unknown[]) =>
        (rpc as unknown as { $call(...all: unknown[]): Promise<unknown> }).$call(name, ...args);
      if (frame.kind === 'session')
        resolve({ socket, key: frame.key, api: rpc as unknown as SigningApi, call });
      else deliver(frame.body);
    });
  });
}

function ask(headers: Record<string, string>, method = 'GET', path = '/'): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port: signing.port, path, method, headers }, resolve);
    request.on('error', reject);
    request.end();
  });
}

describe('the signing window’s origin', () => {
  it('is another one than the page’s, and says so to every door of the browser', async () => {
    expect(signing.port).not.toBe(page.port);
    const { headers } = await ask({ Host: `127.0.0.1:${signing.port}` });
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers['content-security-policy']).toContain(`connect-src 'self' ws://127.0.0.1:${signing.port}`);
    expect(headers['cross-origin-opener-policy']).toBe('same-origin');
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });

  it.each([
    ['a rebound name', () => ({ Host: 'evil.example' }), 421],
    ['the page’s own address', () => ({ Host: `127.0.0.1:${page.port}` }), 421],
    ['a script of the page', () => ({ Origin: originOf(page) }), 403],
    [
      'a frame in the page',
      () => ({
        'Sec-Fetch-Site': 'same-site',
        'Sec-Fetch-Mode': 'navigate',
        'Sec-Fetch-Dest': 'iframe',
      }),
      403,
    ],
  ])('refuses %s', async (_name, headers, status) => {
    const host = { Host: `127.0.0.1:${signing.port}` };
    expect((await ask({ ...host, ...headers() })).statusCode).toBe(status);
  });

  it('changes nothing by HTTP', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
      expect((await ask({ Host: `127.0.0.1:${signing.port}` }, method)).statusCode).toBe(405);
  });

  it('opens by its own address alone, once', async () => {
    const token = newToken();
    await open(signing, token);
    await expect(open(signing, token)).rejects.toThrow('401');
  });

  it('opens to no script of the page, whatever it brings, and its token is not spent by that', async () => {
    const token = newToken();
    await expect(open(signing, token, { Origin: originOf(page) })).rejects.toThrow('403');
    await expect(open(signing, token, { 'Sec-Fetch-Site': 'same-site' })).rejects.toThrow('403');
    await expect(open(signing, token, { Host: 'evil.example' })).rejects.toThrow('421');
    await open(signing, token);
  });

  it('knows no session of the page, and the page none of its', async () => {
    const main = await open(page, tokenProtocol(tokenOfFragment(new URL(page.url).hash) ?? ''));
    await expect(open(signing, sessionProtocol(main.key))).rejects.toThrow('401');
    const mine = await open(signing, newToken());
    await expect(open(page, sessionProtocol(mine.key))).rejects.toThrow('401');
  });

  it('lets the newest window speak, and the one before no more', async () => {
    const first = await open(signing, newToken());
    const closed = new Promise((resolve) => first.socket.once('close', resolve));
    await open(signing, newToken());
    expect(await closed).toBe(4003);
    await expect(open(signing, sessionProtocol(first.key))).rejects.toThrow('401');
  });

  it('offers a yes or no to what waits, and nothing of the host', async () => {
    const { call } = await open(signing, newToken());
    for (const name of ['quit', 'join', 'setSetting', 'quoteMoney', 'toString', '__proto__'])
      await expect(call(name)).rejects.toMatchObject({ code: 'RPC_MALFORMED' });
  });

  it('is not what the page can call: neither yes, nor words, nor bytes', async () => {
    const { call } = await open(page, tokenProtocol(tokenOfFragment(new URL(page.url).hash) ?? ''));
    const password = new Uint8Array([1]);
    for (const [name, ...args] of [
      ['approve', 'order-1', { password, typed: null }],
      ['giveSecret', '1', { password, backup: password }],
      ['showWords', '1'],
      ['askMoney', password],
      ['askMoney', '3b1d5c77-0a2e-4b6f-9c8d-5e4f3a2b1c33', 'typed'],
      ['quoteMoney', { call: password }],
    ] as const)
      await expect(call(name, ...args)).rejects.toMatchObject({ code: 'RPC_MALFORMED' });
  });

  it.each([
    ['a password that is text', ['order-1', { password: 'text', typed: null }]],
    ['one without end', ['order-1', { password: new Uint8Array(5_000), typed: null }]],
    ['another field beside it', ['order-1', { password: null, typed: null, call: new Uint8Array(4) }]],
    ['bytes of a call in place of an order', [new Uint8Array(40), { password: null, typed: null }]],
    ['nothing', []],
  ])('refuses a yes with %s', async (_name, args) => {
    orders.ask(stakeReview());
    const { call } = await open(signing, newToken());
    await expect(call('approve', ...args)).rejects.toMatchObject({ code: 'RPC_MALFORMED' });
    expect(orders.approved).toEqual([]);
  });

  it('signs what waits for the right password, which came as bytes', async () => {
    orders.ask(stakeReview());
    const { api } = await open(signing, newToken());
    await api.approve('order-1', { password: new TextEncoder().encode(RIGHT_PASSWORD), typed: null });
    expect(orders.approved).toEqual([RIGHT_PASSWORD]);
    expect((await api.view()).ended).toMatchObject({ id: 'order-1', how: 'signed' });
  });

  it('signs no order that took the place of the one that was read', async () => {
    orders.ask(stakeReview());
    const { api } = await open(signing, newToken());
    orders.ask(stakeReview({ id: 'order-2' }));
    const secret = { password: new TextEncoder().encode(RIGHT_PASSWORD), typed: null };
    await expect(api.approve('order-1', secret)).rejects.toMatchObject({ code: 'REVIEW_GONE' });
    await expect(api.deny('order-1')).rejects.toMatchObject({ code: 'REVIEW_GONE' });
    expect(orders.approved).toEqual([]);
    expect(orders.denied).toEqual([]);
  });

  it('takes no password of a real network, whatever asks for it', async () => {
    const network = { name: 'finney', mark: null, genesis: FINNEY, isReal: true };
    orders.ask(stakeReview({ network }));
    const { api } = await open(signing, newToken());
    const password = () => new TextEncoder().encode(RIGHT_PASSWORD);
    await expect(api.approve('order-1', { password: password(), typed: null })).rejects.toMatchObject({
      code: 'SIGNING_NOT_HERE',
    });
    expect(orders.passwords).toEqual([]);
    const id = await desk.startWallet({ kind: 'restore', network: 'finney', name: 'main', words: null });
    await expect(api.giveSecret(id, { password: password(), backup: password() })).rejects.toMatchObject({
      code: 'SIGNING_NOT_HERE',
    });
    await expect(api.readBackup(id, password())).rejects.toMatchObject({ code: 'SIGNING_NOT_HERE' });
  });

  it('takes one password at a time', async () => {
    const letGo = orders.hold();
    orders.ask(stakeReview());
    const { api } = await open(signing, newToken());
    const secret = () => ({ password: new TextEncoder().encode(RIGHT_PASSWORD), typed: null });
    const first = api.approve('order-1', secret());
    await expect(api.approve('order-1', secret())).rejects.toMatchObject({ code: 'NOT_NOW' });
    letGo();
    await first;
    expect(orders.approved).toHaveLength(1);
  });

  it('can deny while a password becomes a key: the key is not used', async () => {
    orders.hold();
    orders.ask(stakeReview());
    const { api } = await open(signing, newToken());
    const yes = api.approve('order-1', { password: new TextEncoder().encode(RIGHT_PASSWORD), typed: null });
    yes.catch(() => undefined);
    await api.deny('order-1');
    await expect(yes).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(orders.denied).toEqual(['order-1']);
    expect((await api.view()).ended).toMatchObject({ how: 'denied' });
  });
});

it('tries the ports behind the page’s, and none that a browser opens no page at', () => {
  expect(nextPorts(21_000).slice(0, 2)).toEqual([21_001, 21_002]);
  expect(nextPorts(5_059)).not.toContain(5_060);
  expect(nextPorts(65_535)).toEqual([0]);
  expect(nextPorts(79)[0]).toBe(0);
});
