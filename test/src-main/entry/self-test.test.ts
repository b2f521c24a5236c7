import { expect, it } from 'vitest';
import { selfTest, type TriedPart } from '../../../src-main/entry/self-test.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';

const part = (name: TriedPart['name'], run: TriedPart['run']): TriedPart => ({ name, run });
const { signal } = new AbortController();

it('tells of each part, and tries the rest after one that fails or hangs', async () => {
  const report = await selfTest(
    [
      part('keys', async () => 'locked'),
      part('database', () => Promise.reject(new AppError('DISK_FULL', { path: '/x' }))),
      part('cards', () => new Promise(() => {})),
      part('page', async () => 'there'),
    ],
    { limitMs: 20, signal },
  );
  expect(report.isWell).toBe(false);
  expect(report.parts.map(({ name, isWell }) => [name, isWell])).toEqual([
    ['keys', true],
    ['database', false],
    ['cards', false],
    ['page', true],
  ]);
  expect(report.parts[1]?.found).toMatch(/^DISK_FULL: /);
  expect(report.parts[2]?.found).toMatch(/^TIMEOUT: /);
});

it('is well when all of it is', async () => {
  const report = await selfTest([part('keys', async () => 'locked')], { signal });
  expect(report).toMatchObject({ isWell: true, runtime: { electron: null, node: process.versions.node } });
});
