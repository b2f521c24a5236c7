import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBirpc } from 'birpc';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { portOfFolder } from '../../../../src-main/shells/web/page-port.ts';
import { startWebShell, type WebShell } from '../../../../src-main/shells/web/web-shell.ts';
import type { HostApi, UiApi } from '../../../../src-shared/contract/page/api.ts';
import { hostApiArguments } from '../../../../src-shared/contract/page/arguments.ts';
import { emptyRun, type RunView, type ViewPatch } from '../../../../src-shared/contract/page/sections.ts';
import {
  closeCodes,
  PAGE_PROTOCOL,
  type PageFrame,
  sessionProtocol,
  tokenOfFragment,
  tokenProtocol,
} from '../../../../src-shared/contract/page/wire.ts';
import { AppError } from '../../../../src-shared/errors/app-error.ts';
import { rao } from '../../../../src-shared/units.ts';
import { decodeWire, encodeWire } from '../../../../src-shared/wire.ts';
import { emptyView, type FakeHost, fakeHost } from '../../../fakes/host-api.ts';

let folder = '';
let shell: WebShell;
let host: FakeHost;
const problems: unknown[] = [];

async function start(fake: FakeHost = fakeHost()): Promise<WebShell> {
  host = fake;
  problems.length = 0;
  shell = await startWebShell({
    port: 0,
    pageDir: join(folder),
    dataDir: folder,
    api: fake.api,
    calls: hostApiArguments,
    connect: (ui) => fake.connect(ui),
    onProblem: (problem) => problems.push(problem),
  });
  return shell;
}

/** As users start it: at the port that belongs to the folder. */
async function startAgain(): Promise<WebShell> {
  host = fakeHost();
  shell = await startWebShell({ ...shellOptions(), port: null });
  return shell;
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'butterfly-web-'));
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>Butterfly</title>');
});
afterEach(async () => {
  await shell.stop();
  await rm(folder, { recursive: true });
});

const token = (): string => tokenOfFragment(new URL(shell.url).hash) ?? '';

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A request with full power over its headers, which fetch would not give. */
function ask(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: '127.0.0.1', port: shell.port, path, method, headers },
      (response) => {
        let body = '';
        response.on('data', (chunk) => {
          body += chunk;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        );
      },
    );
    request.on('error', reject);
    request.end();
  });
}

interface Page {
  readonly socket: WebSocket;
  readonly key: string;
  readonly host: HostApi;
  readonly patches: ViewPatch[];
}

/** Opens a page's socket as a browser would; rejects with the HTTP status of a refusal. */
function open(protocols: string[], headers: Record<string, string> = {}): Promise<Page> {
  const origin = `http://127.0.0.1:${shell.port}`;
  const socket = new WebSocket(`ws://127.0.0.1:${shell.port}/rpc`, protocols, {
    headers: { Origin: origin, ...headers },
  });
  const patches: ViewPatch[] = [];
  let deliver: (message: unknown) => void = () => {};
  const rpc = createBirpc<HostApi, UiApi>(
    { patch: (sections) => void patches.push(sections) },
    {
      post: (body) => socket.send(encodeWire({ kind: 'rpc', body } satisfies PageFrame)),
      on: (listener) => {
        deliver = listener;
      },
      timeout: 10_000,
    },
  );
  return new Promise((resolve, reject) => {
    socket.on('unexpected-response', (request, response) => {
      request.destroy();
      reject(new Error(`${response.statusCode}`));
    });
    socket.on('error', reject);
    socket.on('message', (raw) => {
      const frame = decodeWire(raw.toString(), 1e6) as PageFrame;
      if (frame.kind === 'session')
        resolve({ socket, key: frame.key, host: rpc as unknown as HostApi, patches });
      else deliver(frame.body);
    });
  });
}

const openNew = () => open([PAGE_PROTOCOL, tokenProtocol(token())]);
const closed = (socket: WebSocket): Promise<number> => new Promise((resolve) => socket.on('close', resolve));

describe('the page over HTTP', () => {
  it('is served with a policy that allows nothing inline and nothing foreign', async () => {
    await start();
    const { status, headers, body } = await ask('/');
    expect(status).toBe(200);
    expect(body).toContain('Butterfly');
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|\*|https:/);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    });
  });

  it.each([
    ['a rebound name', { Host: 'evil.example:80' }, 421],
    ['localhost on another port', { Host: 'localhost' }, 421],
    ['a name that begins like ours', { Host: '127.0.0.1.evil.example' }, 421],
    ['a foreign origin', { Origin: 'http://evil.example' }, 403],
    ['a null origin', { Origin: 'null' }, 403],
    ['a cross-site fetch', { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors' }, 403],
    [
      'a frame elsewhere',
      { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'iframe' },
      403,
    ],
  ])('refuses %s', async (_title, headers, status) => {
    await start();
    expect((await ask('/', headers)).status).toBe(status);
  });

  it('lets a link or the redirect file lead to it', async () => {
    await start();
    const headers = {
      'Sec-Fetch-Site': 'cross-site',
      'Sec-Fetch-Mode': 'navigate',
      'Sec-Fetch-Dest': 'document',
    };
    expect((await ask('/', headers)).status).toBe(200);
  });

  it('knows no method that changes anything', async () => {
    await start();
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
      expect((await ask('/', {}, method)).status).toBe(405);
  });

  it('gives out no file of the data folder beyond its own, and tells nothing about absent ones', async () => {
    await start();
    expect((await ask('/%2e%2e/etc/passwd')).status).toBe(404);
    expect((await ask('/absent.js')).body).toBe('404 Not Found\n');
  });

  it('says that it is alive to its own page', async () => {
    await start();
    expect((await ask('/alive')).status).toBe(204);
  });
});

describe('signing in', () => {
  it('swaps the token of the fragment for a session key, once', async () => {
    await start();
    const spent = token();
    const page = await openNew();
    expect(page.key).not.toBe(spent);
    await expect(open([PAGE_PROTOCOL, tokenProtocol(spent)])).rejects.toThrow('401');
  });

  it('lets the same page come back with its key', async () => {
    await start();
    const page = await openNew();
    page.socket.close();
    const again = await open([PAGE_PROTOCOL, sessionProtocol(page.key)]);
    expect(again.key).toBe(page.key);
    expect(await again.host.view()).toEqual(emptyView);
  });

  it('does not echo the secret in its answer', async () => {
    await start();
    expect((await openNew()).socket.protocol).toBe(PAGE_PROTOCOL);
  });

  it.each([
    ['no credential', [PAGE_PROTOCOL]],
    ['a wrong token', [PAGE_PROTOCOL, tokenProtocol('A'.repeat(43))]],
    ['a wrong key', [PAGE_PROTOCOL, sessionProtocol('A'.repeat(43))]],
    ['a credential of wrong shape', [PAGE_PROTOCOL, 't.short']],
  ])('refuses %s', async (_title, protocols) => {
    await start();
    await expect(open(protocols)).rejects.toThrow('401');
  });

  it('does not take a token for a key', async () => {
    await start();
    await expect(open([PAGE_PROTOCOL, sessionProtocol(token())])).rejects.toThrow('401');
  });

  it.each([
    ['a foreign origin', { Origin: 'http://evil.example' }, '403'],
    ['the same host on another port', { Origin: 'http://127.0.0.1:1' }, '403'],
    ['a rebound name', { Host: 'evil.example' }, '421'],
    ['a cross-site script', { 'Sec-Fetch-Site': 'same-site' }, '403'],
  ])('refuses the right token from %s, and does not spend it', async (_title, headers, status) => {
    await start();
    await expect(open([PAGE_PROTOCOL, tokenProtocol(token())], headers)).rejects.toThrow(status);
    await openNew();
  });

  it('refuses a socket without any origin', async () => {
    await start();
    const socket = new WebSocket(`ws://127.0.0.1:${shell.port}/rpc`, [PAGE_PROTOCOL, tokenProtocol(token())]);
    const status = await new Promise((resolve) =>
      socket.on('unexpected-response', (request, response) => {
        request.destroy();
        resolve(response.statusCode);
      }),
    );
    expect(status).toBe(403);
  });

  it('names the refusal as a coded error', async () => {
    await start();
    const answer = await ask('/rpc', {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      Origin: `http://127.0.0.1:${shell.port}`,
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    });
    expect({ status: answer.status, body: JSON.parse(answer.body) }).toEqual({
      status: 401,
      body: { code: 'PAGE_TOKEN_WRONG', params: {} },
    });
  });
});

describe('the address', () => {
  const html = { Accept: 'text/html' };

  it('is the same after a restart, and another folder has another', async () => {
    const first = await startAgain();
    await first.stop();
    expect((await startAgain()).port).toBe(first.port);
    expect(portOfFolder('/one')).not.toBe(portOfFolder('/two'));
  });

  it('moves on when another program has the port, and says from where', async () => {
    const first = await startAgain();
    await first.stop();
    const squatter = createServer().listen(first.port, '127.0.0.1');
    await new Promise((resolve) => squatter.once('listening', resolve));
    const second = await startAgain();
    expect(second.port).not.toBe(first.port);
    expect(second.movedFrom).toBe(first.port);
    squatter.close();
  });

  it('leads from localhost to the one that has the page', async () => {
    await start();
    const { status, headers } = await ask('/', { ...html, Host: `localhost:${shell.port}` });
    expect({ status, location: headers.location }).toEqual({ status: 302, location: shell.address });
  });

  it.each(['localhost:8080', '127.0.0.1:8080', '[::1]:8080', '127.0.0.1'])(
    'explains itself to who comes by a forwarded port: %s',
    async (host) => {
      await start();
      const { status, headers, body } = await ask('/', { ...html, Host: host });
      expect(status).toBe(421);
      expect(headers['content-type']).toContain('text/html');
      expect(body).toContain(`ssh -L ${shell.port}:127.0.0.1:${shell.port}`);
      expect(body).not.toContain(token());
    },
  );

  it('tells a rebound name nothing', async () => {
    await start();
    expect((await ask('/', { Host: 'evil.example' })).body).toBe('421 Misdirected Request\n');
  });

  it('of the terminal signs in as often as it is opened, and not after a restart', async () => {
    await start();
    const terminal = tokenOfFragment(new URL(shell.terminalUrl).hash) ?? '';
    const pages = [
      await open([PAGE_PROTOCOL, tokenProtocol(terminal)]),
      await open([PAGE_PROTOCOL, tokenProtocol(terminal)]),
    ];
    expect(pages[0]?.key).not.toBe(pages[1]?.key);
    await shell.stop();
    await start();
    await expect(open([PAGE_PROTOCOL, tokenProtocol(terminal)])).rejects.toThrow('401');
  });
});

describe('a page over a restart', () => {
  const back = (key: string) => open([PAGE_PROTOCOL, sessionProtocol(key)]);
  const restart = async () => {
    await shell.stop();
    await startAgain();
  };

  it('comes back by itself, with a new key; the old one holds for its other tabs', async () => {
    await startAgain();
    const { key } = await openNew();
    await restart();
    const again = await back(key);
    expect(again.key).not.toBe(key);
    expect((await back(again.key)).key).toBe(again.key);
    expect((await back(key)).key).not.toBe(key);
  });

  it('leaves no key in the folder, only what proves one, for the owner alone', async () => {
    await startAgain();
    const { key } = await openNew();
    await shell.stop();
    const path = join(folder, 'page.json');
    expect(await readFile(path, 'utf8')).not.toContain(key);
    if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o600);
    await start();
  });

  it('is not known any more where another program had the address meanwhile', async () => {
    const first = await startAgain();
    const { key } = await openNew();
    await first.stop();
    const squatter = createServer().listen(first.port, '127.0.0.1');
    await new Promise((resolve) => squatter.once('listening', resolve));
    await startAgain();
    squatter.close();
    await expect(back(key)).rejects.toThrow('401');
  });
});

describe('connections that only hold a place', () => {
  const PLACES = 128;

  /** A raw connection that says something and then neither reads nor closes. */
  async function holdPlace(text: string): Promise<Socket> {
    const socket = connect({ host: '127.0.0.1', port: shell.port, allowHalfOpen: true });
    socket.on('error', () => {});
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.write(text);
    return socket;
  }
  const holdPlaces = (text: string) => Promise.all(Array.from({ length: PLACES }, () => holdPlace(text)));
  const upgrade = () =>
    `GET /rpc HTTP/1.1\r\nHost: 127.0.0.1:${shell.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nOrigin: http://evil.example\r\n\r\n`;

  it('after a refused upgrade are let go at once, though their other side never closes', async () => {
    await start();
    const held = await holdPlaces(upgrade());
    await expect
      .poll(() =>
        ask('/alive').then(
          ({ status }) => status,
          () => 'full',
        ),
      )
      .toBe(204);
    for (const socket of held) socket.destroy();
  });

  it('with half a head are cut off, though they go on with it letter by letter', {
    timeout: 30_000,
  }, async () => {
    await start();
    const held = await holdPlaces('GET / HTTP/1.1\r\nHost: ');
    const letters = setInterval(() => {
      for (const socket of held) socket.write('a');
    }, 500);
    const cut = held.map((socket) => new Promise((resolve) => socket.resume().once('close', resolve)));
    await Promise.all(cut);
    clearInterval(letters);
    expect((await ask('/alive')).status).toBe(204);
    for (const socket of held) socket.destroy();
  });

  it('without reading what they asked for are cut off', { timeout: 30_000 }, async () => {
    await start();
    await writeFile(join(folder, 'large.js'), Buffer.alloc(32 * 1024 * 1024));
    const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
    const before = sockets();
    const held = await holdPlace(`GET /large.js HTTP/1.1\r\nHost: 127.0.0.1:${shell.port}\r\n\r\n`);
    held.pause();
    await expect.poll(sockets).toBe(before + 2);
    await expect.poll(sockets, { timeout: 20_000, interval: 200 }).toBe(before + 1);
    held.destroy();
  });
});

describe('the redirect file', () => {
  it('is for the owner only and leads to a token that is still good', async () => {
    await start();
    if (process.platform !== 'win32') expect((await stat(shell.redirectFile)).mode & 0o777).toBe(0o600);
    await openNew();
    await expect.poll(() => readFile(shell.redirectFile, 'utf8')).toContain(`0;url=${shell.url}`);
    await openNew();
  });

  it('is gone after the host has stopped', async () => {
    await start();
    await shell.stop();
    await expect(stat(shell.redirectFile)).rejects.toThrow('ENOENT');
    await start();
  });
});

const RUN = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY';
const joining = {
  networkName: 'lan',
  endpoint: 'ws://127.0.0.1:9944',
  profile: { kind: 'shipped', name: 'practice' },
  role: 'miner',
  keysFolder: null,
};

describe('calls from the page', () => {
  it('arrive with their arguments and come back with bigints intact', async () => {
    const wallet = { freeRao: rao(21_000_000_000_000_001n) } as RunView['wallet'];
    const view = { ...emptyView, runs: { [RUN]: { ...emptyRun({} as RunView['facts']), wallet } } };
    await start(fakeHost({ view: async () => view }));
    const { host: api } = await openNew();
    await api.pauseRun(RUN, 30);
    expect(host.asked).toEqual([`pauseRun ${RUN} 30`]);
    expect((await api.view()).runs[RUN]?.wallet?.freeRao).toBe(21_000_000_000_000_001n);
  });

  it.each([
    ['a method that does not exist', 'selfDestruct', []],
    ['a method of every object', 'constructor', []],
    ['an argument out of bounds', 'pauseRun', [RUN, -1]],
    ['an argument of wrong type', 'series', [RUN, 'loss', '5']],
    ['a missing argument', 'dismissNotice', []],
    ['an argument too many', 'resumeRun', [RUN, 1]],
    ['a run that is no address', 'resumeRun', ['../../etc']],
    ['a profile longer than any', 'readProfile', [{ kind: 'file', text: 'x'.repeat(65_537) }]],
    ['a setting that does not exist', 'setSetting', ['__proto__', true]],
    ['an amount that is no bigint', 'join', [{ ...joining, registrationLimitRao: 1, stakeRao: null }]],
    ['a field too many', 'quoteJoin', [{ ...joining, force: true }]],
  ])('with %s are refused by code and reach nothing', async (_title, method, args) => {
    await start();
    const page = await openNew();
    const call = (page.host as unknown as { $call(name: string, ...args: unknown[]): Promise<unknown> })
      .$call;
    await expect(call(method, ...args)).rejects.toEqual({ code: 'RPC_MALFORMED', params: { method } });
    expect(host.asked).toEqual([]);
  });

  it('fail with code and parameters, never with a stack or a foreign message', async () => {
    await start(
      fakeHost({
        resumeRun: async () => {
          throw new AppError('NOT_NOW', { what: 'resume', state: 'idle' });
        },
        startPractice: async () => {
          throw new Error('secret path /home/somebody');
        },
      }),
    );
    const page = await openNew();
    await expect(page.host.resumeRun(RUN)).rejects.toEqual({
      code: 'NOT_NOW',
      params: { what: 'resume', state: 'idle' },
    });
    await expect(page.host.startPractice()).rejects.toEqual({ code: 'INTERNAL', params: {} });
    expect(problems).toHaveLength(1);
  });

  it('beyond a bounded number in flight are refused', async () => {
    await start(fakeHost({ resumeRun: () => new Promise(() => {}) }));
    const page = await openNew();
    const waiting = Array.from({ length: 64 }, () =>
      page.host.resumeRun(RUN).catch((error: unknown) => error),
    );
    await expect(page.host.view()).rejects.toMatchObject({ code: 'NOT_NOW' });
    page.socket.close();
    expect(waiting).toHaveLength(64);
  });

  it('survive what is no call at all', async () => {
    await start();
    const page = await openNew();
    for (const body of [null, 5, {}, { t: 'q', m: 'view' }, { t: 'q', m: 5, a: [] }, { t: 's', i: 'x' }])
      page.socket.send(encodeWire({ kind: 'rpc', body }));
    expect(await page.host.view()).toEqual(emptyView);
  });

  it.each([
    ['that is not JSON', '{'],
    ['of unknown kind', '{"kind":"other"}'],
    ['that only the host sends', `{"kind":"session","key":"${'A'.repeat(43)}"}`],
  ])('end with a frame %s', async (_title, text) => {
    await start();
    const page = await openNew();
    page.socket.send(text);
    expect(await closed(page.socket)).toBe(closeCodes.malformed);
  });

  it('end with a frame above the size limit', async () => {
    await start();
    const page = await openNew();
    page.socket.send('x'.repeat(1_048_577));
    expect(await closed(page.socket)).toBe(1009);
  });
});

describe('news for the page', () => {
  it('reach every connected page until it leaves', async () => {
    await start();
    const pages = [await openNew(), await openNew()];
    for (const ui of host.pages) ui.patch({ clock: { offByMs: 1 } });
    for (const page of pages) {
      await page.host.view();
      expect(page.patches).toEqual([{ clock: { offByMs: 1 } }]);
    }
    pages[0]?.socket.close();
    await expect.poll(() => host.pages.size).toBe(1);
  });

  it('end with a goodbye when the host stops', async () => {
    await start();
    const page = await openNew();
    const code = closed(page.socket);
    await shell.stop();
    expect(await code).toBe(closeCodes.stopping);
    await start();
  });

  it('go to a bounded number of pages: the oldest gives way', async () => {
    await start();
    const oldest = await openNew();
    const code = closed(oldest.socket);
    for (let page = 0; page < 16; page++) await openNew();
    expect(await code).toBe(closeCodes.replaced);
  });
});

describe('starting', () => {
  it('names an occupied port', async () => {
    await start();
    const blocker = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => blocker.once('listening', resolve));
    const { port } = blocker.address() as AddressInfo;
    const second = startWebShell({ ...shellOptions(), port });
    await expect(second).rejects.toMatchObject({ code: 'PORT_IN_USE', params: { port } });
    blocker.close();
  });

  it('names a data folder that cannot take the redirect file', async () => {
    await start();
    const dataDir = join(folder, 'absent');
    await expect(startWebShell({ ...shellOptions(), dataDir })).rejects.toMatchObject({
      code: 'DATA_DIR_UNWRITABLE',
    });
  });
});

const shellOptions = () => ({
  port: 0,
  pageDir: folder,
  dataDir: folder,
  api: host.api,
  calls: hostApiArguments,
  connect: host.connect,
  onProblem: () => {},
});
