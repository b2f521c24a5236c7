import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { practiceIdentity, practiceIdentityFile } from '../../../src-main/practice/identity.ts';

let folder: string;
let told: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'butterfly-identity-'));
  told = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const path = () => join(folder, 'practice.json');
const file = () => practiceIdentityFile(folder, ({ code }) => told.push(code));

it('is the same chain at every start in a folder', async () => {
  const made = await practiceIdentity(file());
  expect(await practiceIdentity(file())).toEqual(made);
});

it('is the same chain when one bit of its file flipped, and says so', async () => {
  const made = await practiceIdentity(file());
  const text = await readFile(path(), 'utf8');
  // The seed's first digit, to another one that a seed may hold.
  const damaged = text.replace(made.seed, `${made.seed[0] === '2' ? '3' : '2'}${made.seed.slice(1)}`);
  await writeFile(path(), damaged);
  expect(await practiceIdentity(file())).toEqual(made);
  expect(told).toEqual(['FILE_REPAIRED']);
  expect(await readFile(`${path()}.damaged-1`, 'utf8')).toBe(damaged);
});

it('is made anew only when no copy can be read, and both lie aside', async () => {
  const made = await practiceIdentity(file());
  await writeFile(path(), '{"seed":');
  await writeFile(`${path()}.copy`, '');
  expect((await practiceIdentity(file())).seed).not.toBe(made.seed);
  expect(told).toEqual(['FILE_DAMAGED', 'FILE_DAMAGED']);
  expect(await readdir(folder)).toContain('practice.json.damaged-1');
});
