import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openKept } from '../../../src-main/updates/kept.ts';

it('holds what is on the disk alone: what could not be written is tried again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'butterfly-kept-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const kept = await openKept(folder, () => undefined);
  await kept.note({ serial: 5 });
  // A file can be put in the place of none of these.
  await rm(join(folder, 'updates.json.copy'));
  await mkdir(join(folder, 'updates.json.copy', 'in the way'), { recursive: true });
  await expect(kept.note({ serial: 7 })).rejects.toThrow();
  expect(kept.value.serial).toBe(5);
  await rm(join(folder, 'updates.json.copy'), { recursive: true });
  await Promise.all([kept.note({ serial: 8 }), kept.note({ skipped: '0.2.0' })]);
  expect((await openKept(folder, () => undefined)).value).toMatchObject({ serial: 8, skipped: '0.2.0' });
});
