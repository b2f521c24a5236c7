import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  ANSWER_BYTES_MAX,
  BATCH_REQUESTS_MAX,
  EARLY_NOTIFICATIONS_MAX,
  ODD_ANSWERS_MAX,
  REQUEST_LIMIT_MS,
} from '../../../src-main/network/limits.ts';
import { NEW_HEADS, type NodeSocket, openNodeSocket } from '../../../src-main/network/node-socket.ts';
import { soon } from '../../soon.ts';
import { answerTo, type Evil, type EvilNode, startEvilNode } from './evil-node.ts';

const stops: (() => Promise<void>)[] = [];
const { signal } = new AbortController();
afterEach(async () => {
  vi.useRealTimers();
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function facing(
  onFrame: NonNullable<Evil['onFrame']>,
): Promise<{ node: EvilNode; socket: NodeSocket }> {
  const node = await startEvilNode({ onFrame });
  const socket = await openNodeSocket(node.url, signal);
  stops.push(node.stop, async () => socket.close());
  return { node, socket };
}
const ask = (socket: NodeSocket, what: string) => socket.request<string>(what, [], signal);
const notice = (subscription: unknown, result: unknown) =>
  JSON.stringify({ jsonrpc: '2.0', method: 'chain_newHead', params: { subscription, result } });

describe('an answer', () => {
  it('finds its request out of order', async () => {
    const kept: { readonly id: number; readonly method: string }[] = [];
    const { socket } = await facing(([asked], near) => {
      if (asked) kept.push(asked);
      if (kept.length === 3) for (const { id, method } of kept.reverse()) near.send(answerTo(id, method));
    });
    expect(await Promise.all(['a', 'b', 'c'].map((what) => ask(socket, what)))).toEqual(['a', 'b', 'c']);
    expect(socket.dropped).toBe(0);
  });

  it.each([
    ['twice', (id: number) => [answerTo(id, 'right'), answerTo(id, 'again')]],
    ['with an unknown id', (id: number) => [answerTo(id + 1_000, 'wrong'), answerTo(id, 'right')]],
    ['with a negative id', (id: number) => [answerTo(-1, 'wrong'), answerTo(id, 'right')]],
    ['with its id as text', (id: number) => [answerTo(String(id), 'wrong'), answerTo(id, 'right')]],
    ['with no id', (id: number) => [JSON.stringify({ jsonrpc: '2.0' }), answerTo(id, 'right')]],
    [
      'with an error for nobody',
      (id: number) => [
        JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: 1, message: '' } }),
        answerTo(id, 'right'),
      ],
    ],
    ['of a subscription that nobody made', (id: number) => [notice('x', 1), answerTo(id, 'right')]],
  ])('%s is counted and dropped', async (_how, says) => {
    const { socket } = await facing(([asked], near) => {
      for (const text of asked ? says(asked.id) : []) near.send(text);
    });
    expect(await ask(socket, 'one')).toBe('right');
    expect(await ask(socket, 'two')).toBe('right');
    expect(socket.dropped).toBeGreaterThan(0);
    expect(socket.isOpen).toBe(true);
  });

  it.each([
    ['both result and error', { result: 1, error: { code: 1, message: 'no' } }],
    ['neither', {}],
  ])('with %s ends its call with a code', async (_how, content) => {
    const { socket } = await facing(([asked], near) => {
      near.send(JSON.stringify({ jsonrpc: '2.0', id: asked?.id, ...content }));
    });
    await expect(ask(socket, 'one')).rejects.toMatchObject({ code: 'CHAIN_ANSWER_MALFORMED' });
    expect(socket.isOpen).toBe(true);
  });

  it('may have a null beside its error, as old nodes write it', async () => {
    const { socket } = await facing(([asked], near) => {
      const error = { code: 7, message: 'no' };
      near.send(JSON.stringify({ jsonrpc: '2.0', id: asked?.id, result: null, error }));
    });
    await expect(ask(socket, 'one')).rejects.toMatchObject({ name: 'NodeError', code: 7 });
  });

  it('of 40 MB ends its call with a code, and the node is left', async () => {
    const { socket } = await facing(([asked], near) => {
      near.send(answerTo(asked?.id, 'x'.repeat(1.25 * ANSWER_BYTES_MAX)), () => undefined);
    });
    await expect(ask(socket, 'one')).rejects.toMatchObject({ code: 'CHAIN_ANSWER_MALFORMED' });
    await socket.closed;
    expect(socket.fault?.code).toBe('CHAIN_ANSWER_MALFORMED');
  });

  it('that never comes ends its call within the limit, and a late one is dropped', async () => {
    const late: (() => void)[] = [];
    const { node, socket } = await facing(([asked], near) => {
      if (asked?.method === 'slow') late.push(() => near.send(answerTo(asked.id, 'late')));
      else near.send(answerTo(asked?.id, 'right'));
    });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const slow = expect(ask(socket, 'slow')).rejects.toMatchObject({ code: 'TIMEOUT' });
    await vi.advanceTimersByTimeAsync(REQUEST_LIMIT_MS);
    await slow;
    vi.useRealTimers();
    await soon(() => expect(node.frames).toHaveLength(1));
    late[0]?.();
    expect(await ask(socket, 'next')).toBe('right');
    expect(socket.dropped).toBe(1);
  });

  it('ends its call when the socket goes away before', async () => {
    const { socket } = await facing((_asked, near) => near.terminate());
    await expect(ask(socket, 'one')).rejects.toMatchObject({ code: 'CHAIN_UNREACHABLE' });
    await expect(ask(socket, 'two')).rejects.toMatchObject({ code: 'CHAIN_UNREACHABLE' });
  });

  it('is no more believed after too many that nobody asked for', async () => {
    const { socket } = await facing((_asked, near) => {
      for (let id = 0; id <= ODD_ANSWERS_MAX; id++) near.send(answerTo(`${id}`, 'spam'));
    });
    await expect(ask(socket, 'one')).rejects.toMatchObject({ code: 'CHAIN_ANSWER_MALFORMED' });
    await socket.closed;
  });
});

describe('a notice', () => {
  it('before the id of its subscription is heard, in order', async () => {
    const { socket } = await facing(([asked], near) => {
      for (const text of [notice('sub', 1), notice('sub', 2), answerTo(asked?.id, 'sub'), notice('sub', 3)])
        near.send(text);
    });
    const heard: unknown[] = [];
    await socket.subscribe(NEW_HEADS, [], (result) => heard.push(result));
    await soon(() => expect(heard).toEqual([1, 2, 3]));
  });

  it.each([
    ['many', EARLY_NOTIFICATIONS_MAX + 10, 'x'],
    ['large', 10, 'x'.repeat(200_000)],
  ])('is kept no longer where too %s of them come before an id', async (_how, count, text) => {
    const { socket } = await facing(([asked], near) => {
      for (let i = 0; i < count; i++) near.send(notice('sub', `${i} ${text}`));
      near.send(answerTo(asked?.id, 'sub'));
    });
    let heard = 0;
    await socket.subscribe(NEW_HEADS, [], () => heard++);
    expect(heard).toBeGreaterThan(0);
    expect(heard).toBeLessThan(count);
    expect(socket.dropped).toBe(count - heard);
  });

  it('is dropped once its subscription was ended', async () => {
    const { socket } = await facing(([asked], near) => {
      near.send(answerTo(asked?.id, asked?.method === 'more' ? 'done' : 'sub'));
      if (asked?.method === 'more') near.send(notice('sub', 1));
    });
    const heard: unknown[] = [];
    const off = await socket.subscribe(NEW_HEADS, [], (result) => heard.push(result));
    off();
    await ask(socket, 'more');
    await ask(socket, 'more');
    expect(heard).toEqual([]);
    expect(socket.dropped).toBeGreaterThan(0);
  });
});

describe('requests of one turn', () => {
  it('travel in one frame, but never more than a node takes, and subscriptions alone', async () => {
    const { node, socket } = await facing((asked, near) => {
      const answers = asked.map(({ id, method }) => ({ jsonrpc: '2.0', id, result: method }));
      near.send(JSON.stringify(answers.length === 1 ? answers[0] : answers));
    });
    socket.allowBatches();
    const names = Array.from({ length: BATCH_REQUESTS_MAX + 3 }, (_, i) => `m${i}`);
    const subscribed = socket.subscribe(NEW_HEADS, [], () => undefined);
    expect(await Promise.all(names.map((name) => ask(socket, name)))).toEqual(names);
    await subscribed;
    expect(node.frames.map((frame) => [JSON.parse(frame)].flat().length)).toEqual([1, BATCH_REQUESTS_MAX, 3]);
  });

  it('are sent anew one by one to a node that takes no batches, and so are later ones', async () => {
    const { node, socket } = await facing((asked, near) => {
      if (asked.length > 1)
        near.send(
          '{"jsonrpc":"2.0","id":null,"error":{"code":-32005,"message":"Batched requests are not supported"}}',
        );
      else near.send(answerTo(asked[0]?.id, asked[0]?.method));
    });
    socket.allowBatches();
    expect(await Promise.all(['a', 'b'].map((what) => ask(socket, what)))).toEqual(['a', 'b']);
    expect(await Promise.all(['c', 'd'].map((what) => ask(socket, what)))).toEqual(['c', 'd']);
    expect(node.frames.map((frame) => frame.startsWith('['))).toEqual([true, false, false, false, false]);
  });

  it('that were cancelled meanwhile do not travel', async () => {
    const { node, socket } = await facing((asked, near) => near.send(answerTo(asked[0]?.id, 'right')));
    socket.allowBatches();
    const gone = new AbortController();
    const cancelled = socket.request('gone', [], gone.signal);
    gone.abort();
    await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await ask(socket, 'here')).toBe('right');
    expect(node.frames.join()).not.toContain('gone');
  });
});
