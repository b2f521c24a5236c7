import { expect, it } from 'vitest';
import { newestOnly } from '../../src-renderer/state/newest-only.ts';

it('of many values the first is sent at once, and then the newest alone', async () => {
  const sent: number[] = [];
  const answers: (() => void)[] = [];
  const take = newestOnly(async (value: number) => {
    sent.push(value);
    await new Promise<void>((resolve) => answers.push(resolve));
    return `took ${value}`;
  });
  const taken = [75, 70, 65, 60].map(take);
  expect(sent).toEqual([75]);
  answers.shift()!();
  await expect.poll(() => sent).toEqual([75, 60]);
  const last = take(55);
  answers.shift()!();
  await expect.poll(() => sent).toEqual([75, 60, 55]);
  answers.shift()!();
  expect(await Promise.all([...taken, last])).toEqual(Array(5).fill('took 55'));
  const again = take(55);
  answers.shift()!();
  expect(await again).toBe('took 55');
  expect(sent).toEqual([75, 60, 55, 55]);
});

it('one that is refused does not keep the next from being sent', async () => {
  let calls = 0;
  const take = newestOnly(async (value: number) => {
    calls++;
    if (calls === 1) throw new Error('refused');
    return value;
  });
  await expect(take(1)).rejects.toThrow('refused');
  expect(await take(2)).toBe(2);
});
