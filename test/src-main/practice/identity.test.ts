import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { practiceIdentity, settleBlockMs } from '../../../src-main/practice/identity.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'butterfly-identity-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('is the same chain at every start in a folder', async () => {
  const made = await practiceIdentity(folder);
  expect(await practiceIdentity(folder)).toEqual(made);
});

it('keeps the block time of its first start, however the machine measures later', async () => {
  expect(await settleBlockMs(folder, await practiceIdentity(folder), () => 1_400)).toBe(1_400);
  expect(await settleBlockMs(folder, await practiceIdentity(folder), () => 9_000)).toBe(1_400);
});

it('is made anew when its file cannot be read', async () => {
  const made = await practiceIdentity(folder);
  await writeFile(join(folder, 'practice.json'), '{"seed":');
  expect((await practiceIdentity(folder)).seed).not.toBe(made.seed);
  expect(JSON.parse(await readFile(join(folder, 'practice.json'), 'utf8'))).toHaveProperty('controlToken');
});
