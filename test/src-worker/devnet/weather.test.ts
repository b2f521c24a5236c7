import { expect, onTestFinished, test, vi } from 'vitest';
import { Weather } from '../../../src-worker/devnet/rpc/weather.ts';
import { soon } from '../../soon.ts';
import { connect, openRig, rigOf } from './rig.ts';

test('what is held comes in one burst, whole and in order, and the line is as before after it', async () => {
  const rig = await openRig();
  const other = await connect(rig.devnet.url);
  onTestFinished(() => other.disconnect());
  const heard: number[] = [];
  const stop = await rig.api.rpc.chain.subscribeNewHeads(({ number }) => void heard.push(number.toNumber()));
  await soon(() => expect(heard).toEqual([1]));
  await rig.control('devnet_hold', true);
  let isAnswered = false;
  const asked = rig.api.rpc.system.name().then(() => {
    isAnswered = true;
  });
  for (let block = 0; block < 4; block++) rig.devnet.sealBlock();
  // Turns enough for what is not held to come: seen by breaking it.
  for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect([isAnswered, heard]).toEqual([false, [1]]);
  // Requests are heard all the while.
  await rigOf(rig.devnet, other).control('devnet_hold', false);
  await asked;
  await soon(() => expect(heard).toEqual([1, 2, 3, 4, 5]));
  rig.devnet.sealBlock();
  await soon(() => expect(heard.at(-1)).toBe(6));
  stop();
});

test('a delay keeps the order, and nothing is sent before it has passed', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const weather = new Weather();
  const sent: number[] = [];
  weather.delay(500);
  for (const n of [1, 2]) weather.deliver(() => sent.push(n));
  vi.advanceTimersByTime(300);
  weather.deliver(() => sent.push(3));
  weather.delay(0);
  weather.deliver(() => sent.push(4));
  vi.advanceTimersByTime(190);
  expect(sent).toEqual([]);
  vi.advanceTimersByTime(20);
  expect(sent).toEqual([1, 2]);
  vi.advanceTimersByTime(300);
  expect(sent).toEqual([1, 2, 3, 4]);
  weather.deliver(() => sent.push(5));
  expect(sent).toEqual([1, 2, 3, 4, 5]);
});

test('no more is held than a bound', () => {
  const weather = new Weather();
  weather.hold(true);
  let sent = 0;
  let taken = 0;
  while (taken < 20_000 && weather.deliver(() => sent++)) taken++;
  expect(taken).toBe(10_000);
  weather.hold(false);
  expect(sent).toBe(10_000);
});
