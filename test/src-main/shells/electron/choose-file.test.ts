import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { CHOICE_TOLD_MS } from '../../../../src-main/shells/electron/limits.ts';
import { dialog, electron, resetElectron } from './fake-electron.ts';

vi.mock('electron', () => import('./fake-electron.ts'));
const { chooseFile } = await import('../../../../src-main/shells/electron/choose-file.ts');

beforeEach(resetElectron);
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** The system's window stays open until this is called. */
function heldOpen(): (path: string) => void {
  const chosen = Promise.withResolvers<{ canceled: boolean; filePath: string }>();
  vi.spyOn(dialog, 'showSaveDialog').mockReturnValue(chosen.promise);
  return (filePath) => chosen.resolve({ canceled: false, filePath });
}

it.each(['out', 'in'] as const)('the file of a move (%s) is what its person picks, or none', async (kind) => {
  expect(await chooseFile(kind, `${kind} 1`)).toEqual({ kind: 'none' });
  electron.chosen = '/home/me/a.move';
  expect(await chooseFile(kind, `${kind} 2`)).toEqual({ kind: 'chosen', path: '/home/me/a.move' });
  expect(electron.asked).toHaveLength(2);
});

it('that is written begins where documents lie, under a name of its own', async () => {
  electron.paths.documents = '/home/me/Documents';
  await chooseFile('out', 'documents');
  expect(electron.asked[0]).toMatchObject({
    defaultPath: expect.stringMatching(/Documents.butterfly\.move$/),
  });
});

it('whoever takes long is waited for in the one window, and what they chose is told whenever it is asked for', async () => {
  vi.useFakeTimers();
  const choose = heldOpen();
  const first = chooseFile('out', 'slow');
  await vi.advanceTimersByTimeAsync(CHOICE_TOLD_MS);
  expect(await first).toEqual({ kind: 'open' });
  // Between two calls.
  choose('/home/me/late.move');
  expect(await chooseFile('out', 'slow')).toEqual({ kind: 'chosen', path: '/home/me/late.move' });
  expect(dialog.showSaveDialog).toHaveBeenCalledTimes(1);
});

it('no second window opens beside one that is open, and what it chose goes to nobody else', async () => {
  const choose = heldOpen();
  const first = chooseFile('out', 'open');
  await expect(chooseFile('in', 'another')).rejects.toMatchObject({ code: 'NOT_NOW' });
  choose('/home/me/first.move');
  expect(await first).toMatchObject({ path: '/home/me/first.move' });
  expect(await chooseFile('in', 'another')).toEqual({ kind: 'none' });
});

it('of folders it opens the one that is chosen, and new ones can be made in it', async () => {
  electron.chosen = '/media/disk';
  expect(await chooseFile('folder', 'a folder')).toEqual({ kind: 'chosen', path: '/media/disk' });
  expect(electron.asked[0]).toMatchObject({ properties: ['openDirectory', 'createDirectory'] });
});
