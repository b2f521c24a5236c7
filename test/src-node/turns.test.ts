import { expect, it } from 'vitest';
import { turns } from '../../src-node/turns.ts';

it('runs one after another in the order of asking, also behind one that failed', async () => {
  const inTurn = turns();
  const seen: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = inTurn(async () => {
    await gate.promise;
    seen.push('first');
    throw new Error('no room');
  });
  const second = inTurn(async () => seen.push('second'));
  gate.resolve();
  await expect(first).rejects.toThrow('no room');
  await expect(second).resolves.toBe(2);
  expect(seen).toEqual(['first', 'second']);
});
