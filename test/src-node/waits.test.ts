import { getEventListeners } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it, vi } from 'vitest';
import {
  endsWithin,
  Failing,
  orAbort,
  pause,
  underEither,
  untilAborted,
  within,
} from '../../src-node/waits.ts';

const NEVER = new Promise<never>(() => {});
const open = () => new AbortController();

describe('within', () => {
  it('gives the value of work that ends in time', async () => {
    expect(await within(Promise.resolve(7), 'work', 1_000, open().signal)).toBe(7);
  });

  it('names what it waited for when the limit passes', async () => {
    vi.useFakeTimers();
    const waiting = within(NEVER, 'the node', 1_000, open().signal);
    const seen = expect(waiting).rejects.toMatchObject({
      code: 'TIMEOUT',
      params: { what: 'the node', limitMs: 1_000 },
    });
    await vi.advanceTimersByTimeAsync(1_000);
    await seen;
    vi.useRealTimers();
  });

  it('ends with the signal, and leaves no rejection of the work behind', async () => {
    const stopping = open();
    const work = Promise.withResolvers<void>();
    const waiting = within(work.promise, 'work', 1_000, stopping.signal);
    stopping.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
    work.reject(new Error('too late for anybody'));
    await expect(within(Promise.reject(new Error('x')), 'w', 1, AbortSignal.abort())).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });
});

describe('waits under a signal that lives for weeks', () => {
  const listeners = ({ signal }: AbortController) => getEventListeners(signal, 'abort').length;

  it('untilAborted gives the value or null, and leaves nothing on the signal', async () => {
    const life = open();
    for (let i = 0; i < 50; i += 1) expect(await untilAborted(Promise.resolve(i), life.signal)).toBe(i);
    await expect(untilAborted(Promise.reject(new Error('x')), life.signal)).rejects.toThrow('x');
    await pause(0, life.signal);
    expect(listeners(life)).toBe(0);
    const waiting = untilAborted(NEVER, life.signal);
    life.abort();
    expect(await waiting).toBeNull();
    expect(await untilAborted(NEVER, life.signal)).toBeNull();
  });

  it('underEither ends with the first of two signals, with its reason, and leaves nothing on them', async () => {
    const [life, wait] = [open(), open()];
    const signals = [life.signal, wait.signal] as const;
    for (let i = 0; i < 50; i += 1) expect(await underEither(signals, async () => i)).toBe(i);
    await expect(underEither(signals, () => Promise.reject(new Error('x')))).rejects.toThrow('x');
    expect([listeners(life), listeners(wait)]).toEqual([0, 0]);
    const waiting = underEither(signals, (either) => orAbort(NEVER, either));
    wait.abort(new Error('enough'));
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED', cause: { message: 'enough' } });
    await expect(underEither(signals, async ({ aborted }) => aborted)).resolves.toBe(true);
    await pause(0, life.signal);
    expect([listeners(life), listeners(wait)]).toEqual([0, 0]);
  });
});

it('endsWithin tells late work from work in time', async () => {
  vi.useFakeTimers();
  const late = endsWithin(NEVER, 50);
  await vi.advanceTimersByTimeAsync(50);
  expect(await late).toBe(false);
  vi.useRealTimers();
  expect(await endsWithin(Promise.resolve(), 50)).toBe(true);
});

it('a pause ends with its signal', async () => {
  const stopping = open();
  const paused = pause(1_000_000, stopping.signal);
  stopping.abort();
  await paused;
  await pause(1_000_000, stopping.signal);
});

it('orAbort throws what the work throws', async () => {
  await expect(orAbort(Promise.reject(new Error('broken')), open().signal)).rejects.toThrow('broken');
});

describe('what may fail', () => {
  it('ends every wait for it, now and later, with its first reason', async () => {
    const device = new Failing();
    expect(await device.orFail(Promise.resolve(7))).toBe(7);
    const waiting = [device.orFail(NEVER), device.orFail(NEVER)].map((wait) =>
      expect(wait).rejects.toThrow('pulled out'),
    );
    device.fail(new Error('pulled out'));
    device.fail(new Error('and again'));
    await Promise.all(waiting);
    await expect(device.orFail(NEVER)).rejects.toThrow('pulled out');
    await expect(device.orFail(Promise.reject(new Error('late')))).rejects.toThrow('pulled out');
  });

  it('is not waited for beyond a limit, which names it', async () => {
    vi.useFakeTimers();
    const device = new Failing();
    expect(await device.within(Promise.resolve(7), 'a card', 1_000)).toBe(7);
    const late = expect(device.within(NEVER, 'a card', 1_000)).rejects.toMatchObject({
      code: 'TIMEOUT',
      params: { what: 'a card', limitMs: 1_000 },
    });
    await vi.advanceTimersByTimeAsync(1_000);
    await late;
    const waiting = expect(device.within(NEVER, 'a card', 1_000)).rejects.toThrow('pulled out');
    device.fail(new Error('pulled out'));
    await waiting;
    await expect(device.within(NEVER, 'a card', 1_000)).rejects.toThrow('pulled out');
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it('ends a pause as well', async () => {
    vi.useFakeTimers();
    const device = new Failing();
    const paused = device.pause(1_000);
    await vi.advanceTimersByTimeAsync(1_000);
    await paused;
    const ended = expect(device.pause(1_000)).rejects.toThrow('pulled out');
    device.fail(new Error('pulled out'));
    await ended;
    await expect(device.pause(1_000)).rejects.toThrow('pulled out');
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it('keeps nothing of a wait that is over', async () => {
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as () => void;
    const usedBytes = () => {
      gc();
      return process.memoryUsage().heapUsed;
    };
    const device = new Failing();
    const waits = async (count: number) => {
      for (let i = 0; i < count; i += 1) await device.orFail(Promise.resolve());
    };
    await waits(1_000);
    const before = usedBytes();
    await waits(50_000);
    // A race against one long promise kept more than 200.
    expect((usedBytes() - before) / 50_000).toBeLessThan(20);
  });
});
