import { expect, it } from 'vitest';
import { tellPeople } from '../../../src-main/view/told.ts';
import { ViewKeeper } from '../../../src-main/view/view-keeper.ts';
import { ss58 } from '../../../src-shared/units.ts';

const [one, two] = [ss58('one'), ss58('two')];
const full = { code: 'DISK_FULL', params: { path: '/d' } } as const;

function open() {
  const keeper = new ViewKeeper({ version: '0', shell: 'web', dataDir: '/d', program: 'npm start --' });
  const lines: string[] = [];
  return { told: tellPeople(keeper, (line) => lines.push(line)), keeper, lines };
}

it('keeps one notice of a code for each run and for the host, and each takes back its own', () => {
  const { told, keeper } = open();
  const runs = () => keeper.view.notices.map(({ run }) => run);
  told.of(one).notice(full);
  told.of(two).notice(full);
  told.notice(full);
  told.of(two).notice({ ...full, params: { path: '/e' } });
  expect(runs()).toEqual([one, null, two]);
  told.of(one).clearNotice('DISK_FULL');
  expect(runs()).toEqual([null, two]);
  told.clearNotice('DISK_FULL');
  expect(runs()).toEqual([two]);
  told.dismiss(keeper.view.notices[0]?.id ?? '');
  expect(runs()).toEqual([]);
});

it('says in the log whose it is, and passes on what it told', () => {
  const { told, lines } = open();
  const noted: unknown[] = [];
  told.on('noted', ({ run, level }) => noted.push([run, level]));
  told.of(one).notice(full);
  told.note('fault', full, null);
  expect(lines.map((line) => line.split(':')[0])).toEqual(['one attention', 'fault']);
  expect(noted).toEqual([
    [one, 'attention'],
    [null, 'fault'],
  ]);
});
