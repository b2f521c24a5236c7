import { beforeEach, expect, it, vi } from 'vitest';
import { app, resetElectron } from './fake-electron.ts';

vi.mock('electron', () => import('./fake-electron.ts'));
const { openedFiles } = await import('../../../../src-main/shells/electron/opened-files.ts');

beforeEach(resetElectron);

/** As macOS names a file, which opens it itself where nobody says that they do. */
function nameFile(path: string): boolean {
  let isTaken = false;
  app.emit('open-file', { preventDefault: () => (isTaken = true) }, path);
  return isTaken;
}
const startAgain = (said: unknown) => app.emit('second-instance', {}, ['/b', '/words/a.x'], '/', said);

it('hands over what came before the host was there, the last of it, and then each', () => {
  const files = openedFiles();
  expect(nameFile('/a.butterfly-run')).toBe(true);
  startAgain({ file: '/b.butterfly-run' });
  const got: string[] = [];
  files.serve((path) => void got.push(path));
  nameFile('/c.butterfly-run');
  startAgain({ file: '/d.butterfly-run' });
  expect(got).toEqual(['/b.butterfly-run', '/c.butterfly-run', '/d.butterfly-run']);
});

it('a start that names no file opens none, whatever it says', () => {
  const got: string[] = [];
  openedFiles().serve((path) => void got.push(path));
  for (const said of [undefined, null, {}, { file: '' }, { file: 5 }, { file: '/'.repeat(40_000) }, '/a'])
    startAgain(said);
  expect(got).toEqual([]);
});
