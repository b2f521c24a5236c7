import { beforeEach, expect, it, vi } from 'vitest';
import { electron, resetElectron } from './fake-electron.ts';

vi.mock('electron', () => import('./fake-electron.ts'));
const { chooseMoveFile } = await import('../../../../src-main/shells/electron/choose-file.ts');

beforeEach(resetElectron);

it.each(['out', 'in'] as const)('the file of a move (%s) is what its person picks, or none', async (kind) => {
  expect(await chooseMoveFile(kind)).toBeNull();
  electron.chosen = '/home/me/a.move';
  expect(await chooseMoveFile(kind)).toBe('/home/me/a.move');
  expect(electron.asked).toHaveLength(2);
});

it('that is written begins where documents lie, under a name of its own', async () => {
  electron.paths.documents = '/home/me/Documents';
  await chooseMoveFile('out');
  expect(electron.asked[0]).toMatchObject({
    defaultPath: expect.stringMatching(/Documents.butterfly\.move$/),
  });
});
