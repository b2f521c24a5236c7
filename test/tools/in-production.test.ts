import { expect, it } from 'vitest';
import { inProduction } from '../../tools/build/in-production.ts';

it('builds as for people within a test too, and leaves the test as it was', async () => {
  const before = process.env.NODE_ENV;
  expect(before).toBe('test');
  expect(await inProduction(async () => process.env.NODE_ENV)).toBe('production');
  await expect(inProduction(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(process.env.NODE_ENV).toBe(before);
});
