import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import WebSocket from 'ws';
import type { CodedError } from '../../../src-shared/errors/app-error.ts';
import {
  MAX_BATCH,
  MAX_CONNECTIONS,
  MAX_ISSUANCE_RAO,
  MAX_KEYS_PER_REQUEST,
  MAX_KNOCKING,
  MAX_WATCHED_KEYS,
  MAX_WATCHED_KEYS_PER_SOCKET,
} from '../../../src-worker/devnet/limits.ts';
import { type Devnet, type DevnetListener, startDevnet } from '../../../src-worker/devnet/start.ts';
import { badlySigned } from './badly-signed.ts';
import { alice, options, TOKEN } from './genesis.ts';

/** What happens to everybody else while one client is many, loud or greedy. */
async function start(blockMs: number | null = null, listener?: DevnetListener): Promise<Devnet> {
  const devnet = await startDevnet(options({ blockMs }), new AbortController().signal, listener);
  onTestFinished(() => devnet.stop());
  return devnet;
}

async function dial({ url }: Devnet): Promise<WebSocket> {
  const socket = new WebSocket(url);
  onTestFinished(() => socket.terminate());
  socket.on('error', () => {});
  await once(socket, 'open');
  return socket;
}

/** A request to become a WebSocket, as bytes. */
const upgradeOf = ({ url }: Devnet, ...more: string[]): string =>
  [
    'GET / HTTP/1.1',
    `Host: ${new URL(url).host}`,
    ...more,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    '\r\n',
  ].join('\r\n');

let lastId = 0;
const request = (method: string, ...params: unknown[]) => ({ jsonrpc: '2.0', id: ++lastId, method, params });

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

function ask(socket: WebSocket, method: string, ...params: unknown[]): Promise<Answer> {
  const sent = request(method, ...params);
  return new Promise((resolve) => {
    const take = (raw: WebSocket.RawData) => {
      const answer = JSON.parse(String(raw)) as Answer;
      if (answer.id !== sent.id) return;
      socket.off('message', take);
      resolve(answer);
    };
    socket.on('message', take);
    socket.send(JSON.stringify(sent));
  });
}

describe('many sockets', () => {
  test('2,000 that say nothing keep nobody out', async () => {
    const devnet = await start();
    const speaker = await dial(devnet);
    await ask(speaker, 'chain_subscribeNewHead');
    for (let i = 0; i < 2_000; i += 50) await Promise.all(Array.from({ length: 50 }, () => dial(devnet)));
    const late = await dial(devnet);
    expect(await ask(late, 'system_chain')).toMatchObject({ result: 'Butterfly Practice' });
    expect(await ask(speaker, 'system_chain')).toMatchObject({ result: 'Butterfly Practice' });
  });

  test('those that never spoke give way oldest first', async () => {
    const devnet = await start();
    const sockets: WebSocket[] = [];
    for (let i = 0; i < MAX_CONNECTIONS; i++) sockets.push(await dial(devnet));
    const [first, second] = sockets;
    await ask(first!, 'system_chain');
    const gone = once(second!, 'close');
    await dial(devnet);
    await gone;
    expect(sockets.filter(({ readyState }) => readyState === WebSocket.OPEN).length).toBe(
      MAX_CONNECTIONS - 1,
    );
    expect(await ask(first!, 'system_chain')).toMatchObject({ result: 'Butterfly Practice' });
  });

  test('connections that never ask for the upgrade keep nobody out, and are cut off', async () => {
    const devnet = await start();
    const { port, hostname } = new URL(devnet.url);
    const mute: Socket[] = [];
    for (let i = 0; i < 300; i++) {
      const socket = connectTcp(Number(port), hostname);
      // What is not read hides that the other side is gone.
      socket.on('error', () => {}).resume();
      onTestFinished(() => void socket.destroy());
      mute.push(socket);
      await once(socket, 'connect');
    }
    expect(await ask(await dial(devnet), 'system_chain')).toMatchObject({ result: 'Butterfly Practice' });
    // The oldest have to go long before their time is up: the newest may still become a client.
    await Promise.all(mute.slice(0, -MAX_KNOCKING).map((socket) => socket.closed || once(socket, 'close')));
    const newest = mute.at(-1)!;
    const answer = once(newest, 'data');
    newest.write(upgradeOf(devnet));
    expect(String(await answer)).toMatch(/^HTTP\/1.1 101/);
    await Promise.all(mute.slice(0, -1).map((socket) => socket.closed || once(socket, 'close')));
  });

  test('a refused upgrade is over at once, whether the other side closes or not', async () => {
    const devnet = await start();
    const { port, hostname } = new URL(devnet.url);
    const socket = connectTcp({ port: Number(port), host: hostname, allowHalfOpen: true });
    onTestFinished(() => void socket.destroy());
    socket.write(upgradeOf(devnet, 'Origin: http://evil.example'));
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toMatch(/^HTTP\/1.1 403/);
    await once(socket, 'end');
    // Half open on our side: a server that waited for us would still take what we write.
    const reset = new Promise((resolve) => socket.on('error', resolve).on('close', resolve));
    const writing = setInterval(() => socket.write('x'), 5);
    await reset;
    clearInterval(writing);
  });
});

describe('a loud client', () => {
  test('64 bad signatures in one batch are refused one by one, and others are answered in between', async () => {
    const devnet = await start();
    const [loud, quiet] = [await dial(devnet), await dial(devnet)];
    const order: string[] = [];
    const batch = Array.from({ length: MAX_BATCH }, (_, nonce) =>
      request('author_submitExtrinsic', badlySigned(nonce)),
    );
    const answered = once(loud, 'message').then(([raw]) => {
      order.push('batch');
      return JSON.parse(String(raw)) as Answer[];
    });
    loud.send(JSON.stringify(batch));
    for (let i = 0; i < 3; i++) {
      await ask(quiet, 'system_chain');
      order.push('quiet');
    }
    const answers = await answered;
    expect(answers.map(({ error }) => error?.code)).toEqual(batch.map(() => 1010));
    expect(order).toEqual(['quiet', 'quiet', 'quiet', 'batch']);
  });

  test('answers come in the order of the requests, a subscription before what it tells', async () => {
    const devnet = await start();
    const socket = await dial(devnet);
    const seen: unknown[] = [];
    const done = new Promise<void>((resolve) =>
      socket.on('message', (raw) => {
        const message = JSON.parse(String(raw));
        seen.push(message.method ?? (Array.isArray(message) ? 'batch' : message.id));
        if (message.id === 'end') resolve();
      }),
    );
    socket.send(
      JSON.stringify([request('author_submitExtrinsic', badlySigned(1)), request('chain_subscribeNewHead')]),
    );
    devnet.sealBlock();
    for (const id of ['a', 'b', 'end']) socket.send(JSON.stringify({ ...request('system_chain'), id }));
    await done;
    expect(seen).toEqual(['batch', 'chain_newHead', 'a', 'b', 'end']);
  });

  test('one that sends faster than it is answered is read no further, and answered in full', async () => {
    const devnet = await start();
    const socket = await dial(devnet);
    const frames = 3_000;
    const padding = ' '.repeat(4_000);
    let answers = 0;
    const all = new Promise<void>((resolve) =>
      socket.on('message', () => {
        if (++answers === frames) resolve();
      }),
    );
    for (let i = 0; i < frames; i++) socket.send(JSON.stringify(request('system_chain')) + padding);
    await all;
    socket.close();
  });
});

describe('a greedy client', () => {
  const keys = (from: number, count: number) =>
    Array.from({ length: count }, (_, i) => `0x${(from + i).toString(16).padStart(64, '0')}`);
  const PER_SUBSCRIPTION = 1_800;

  test('watches no more keys than its share, gets its share back, and all together no more than theirs', async () => {
    const devnet = await start();
    const subscribe = async (socket: WebSocket) =>
      ask(socket, 'state_subscribeStorage', keys(0, PER_SUBSCRIPTION));
    const greedy = await dial(devnet);
    const answers: Answer[] = [];
    for (let i = 0; i < 20; i++) answers.push(await subscribe(greedy));
    const taken = answers.flatMap(({ result }) => result ?? []);
    expect(taken.length).toBe(Math.floor(MAX_WATCHED_KEYS_PER_SOCKET / PER_SUBSCRIPTION));
    expect(answers.at(-1)?.error).toEqual({
      code: -32099,
      message: 'Too many watched keys on one connection',
    });
    expect(await ask(greedy, 'state_unsubscribeStorage', taken[0])).toMatchObject({ result: true });
    expect((await subscribe(greedy)).error).toBeUndefined();
    const others: Answer[] = [];
    for (let i = 0; i < 6; i++) {
      const socket = await dial(devnet);
      for (let n = 0; n < taken.length; n++) others.push(await subscribe(socket));
    }
    const all = taken.length + others.filter(({ result }) => result).length;
    expect(all).toBe(Math.floor(MAX_WATCHED_KEYS / PER_SUBSCRIPTION));
    expect(others.at(-1)?.error).toEqual({ code: -32099, message: 'Too many watched keys' });
    greedy.terminate();
    const last = await dial(devnet);
    while ((await subscribe(last)).error);
  });

  test('is told of a watched key once, however often it named it', async () => {
    const devnet = await start();
    const socket = await dial(devnet);
    const [key = ''] = keys(1, 1);
    const named = Array.from({ length: MAX_KEYS_PER_REQUEST }, () => key);
    const { result } = await ask(socket, 'state_queryStorageAt', named);
    expect(result).toMatchObject([{ changes: [[key, null]] }]);
  });

  test('fundings end where 64 bits would, and the chain goes on', async () => {
    const told: CodedError[] = [];
    const devnet = await start(50, {
      notice: (error) => void told.push(error),
      clearNotice: () => {},
      paceChanged: () => {},
    });
    const socket = await dial(devnet);
    const answers: Answer[] = [];
    for (let i = 0; i < 20; i++)
      answers.push(await ask(socket, 'devnet_fund', TOKEN, alice.address, (1n << 60n).toString()));
    const given = answers.filter(({ result }) => result === true).length;
    expect(given).toBe(Number(MAX_ISSUANCE_RAO >> 60n) - 1);
    expect(answers.at(-1)?.error?.code).toBe(-32602);
    const head = async () =>
      Number(((await ask(socket, 'chain_getHeader')).result as { number: string }).number);
    const before = await head();
    while ((await head()) < before + 2);
    expect(told).toEqual([]);
  });
});
