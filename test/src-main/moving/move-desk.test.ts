import { access, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { demandHere, finishRenamings, markMovedAway, readMovedAway } from '../../../src-main/data-folder.ts';
import { type MoveDeskOptions, openMoveDesk } from '../../../src-main/moving/move-desk.ts';
import { keptRunsFile } from '../../../src-main/runs/kept-runs.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { type Old, oldComputer } from './old-computer.ts';

const { signal } = new AbortController();
let home = '';
let done: string[];
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'butterfly-move-desk-'));
  done = [];
});
afterEach(() => rm(home, { recursive: true, force: true }));

const typed = (text = 'long enough to keep') => new TextEncoder().encode(text);
const file = () => join(home, 'a.move');
const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

function deskOf(
  { dataDir, wallets }: Pick<Old, 'dataDir' | 'wallets'>,
  changed: Partial<MoveDeskOptions> = {},
) {
  return openMoveDesk({
    ...{ dataDir, isBrowser: false, restarts: false, walletsRoot: () => wallets },
    demandSettled: async () => undefined,
    async endRuns(hotkeys) {
      done.push(`end ${hotkeys.length}${(await readMovedAway(dataDir)) ? ', given up' : ''}`);
      return hotkeys;
    },
    beginAgain: (ran) => void done.push(`begin ${ran.length}`),
    onMovedAway: async () => void done.push('moved away'),
    end: () => void done.push('end of the host'),
    ...changed,
  });
}
const out = () => ({ kind: 'out', file: file(), withColdkeys: false }) as const;
const into = () => ({ kind: 'in', file: file() }) as const;

/** A new computer with a host at work: its ledger is open. */
async function newComputer() {
  const [dataDir, wallets] = [join(home, 'new'), join(home, 'new-wallets')];
  for (const folder of [dataDir, wallets]) await mkdir(folder, { recursive: true });
  const ledger = new Sqlite(join(dataDir, 'ledger.db'));
  ledger.pragma('journal_mode = WAL');
  ledger.exec('CREATE TABLE t (n)');
  return { dataDir, wallets, ledger };
}

describe('moving from here with the host at work', () => {
  it('tells before what goes, ends the runs, gives the hotkeys up, and only then the file is there', async () => {
    const computer = await oldComputer(home);
    const ledger = new Sqlite(join(computer.dataDir, 'ledger.db'));
    // What is in the journal alone goes along, though the host keeps it open.
    ledger.exec('INSERT INTO t VALUES (43)');
    const desk = deskOf(computer, {
      async endRuns(hotkeys) {
        done.push(
          `${(await readMovedAway(computer.dataDir)) ? 'after' : 'before'}, ${await isThere(file())}`,
        );
        return hotkeys;
      },
    });
    const id = await desk.begin(out());
    expect(desk.task).toMatchObject({ step: 'secret', file: file(), hotkeys: [computer.hotkey] });
    expect(desk.task?.parts?.map(({ what, count }) => [what, count])).toEqual([
      ['runs', 1],
      ['hotkeys', 1],
      ['settings', 1],
      ['ledger', 1],
    ]);
    expect(desk.task?.parts?.every(({ bytes }) => bytes > 0)).toBe(true);
    await desk.givePassword(id, typed(), signal);
    ledger.close();
    expect(done).toEqual(['before, false', 'moved away', 'after, false']);
    expect(desk.task).toMatchObject({ step: 'done', hotkeys: [computer.hotkey] });
    await expect(demandHere(computer.dataDir, computer.hotkey)).rejects.toMatchObject({
      code: 'HOTKEY_MOVED_AWAY',
    });
  });

  it('begins the runs again where the person stops it, and nothing is given up', async () => {
    const computer = await oldComputer(home);
    const stopping = new AbortController();
    const desk = deskOf(computer, {
      async endRuns(hotkeys) {
        stopping.abort(new AppError('CANCELLED'));
        return hotkeys;
      },
    });
    const id = await desk.begin(out());
    await expect(desk.givePassword(id, typed(), stopping.signal)).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    expect(done).toEqual(['begin 1']);
    expect(desk.task).toMatchObject({ step: 'secret', problem: null });
    await demandHere(computer.dataDir, computer.hotkey);
    expect(await isThere(file())).toBe(false);
  });

  it.each([
    ['too short a password', typed('short'), async () => undefined, 'PASSWORD_TOO_SHORT'],
    [
      'an order whose fate is open',
      typed(),
      async () => Promise.reject(new AppError('MOVE_ORDERS_OPEN', { count: 1 })),
      'MOVE_ORDERS_OPEN',
    ],
  ])('ends no run for %s', async (_what, password, settled, code) => {
    const computer = await oldComputer(home);
    let isBegun = false;
    const desk = deskOf(computer, { demandSettled: async () => (isBegun ? settled() : undefined) });
    const id = await desk.begin(out());
    isBegun = true;
    await expect(desk.givePassword(id, password, signal)).rejects.toMatchObject({ code });
    expect(done).toEqual([]);
    expect(desk.task).toMatchObject({ step: 'secret', problem: { code } });
  });

  it('takes no coldkeys along in a browser', async () => {
    const desk = deskOf(await oldComputer(home), { isBrowser: true });
    await expect(desk.begin({ ...out(), withColdkeys: true })).rejects.toMatchObject({
      code: 'MOVE_COLDKEYS_APP_ONLY',
    });
    expect(desk.task).toBeNull();
  });

  it('writes over nothing, and says so before a password is asked for', async () => {
    await writeFile(file(), 'a letter');
    const desk = deskOf(await oldComputer(home));
    await expect(desk.begin(out())).rejects.toMatchObject({ code: 'MOVE_FILE_THERE' });
  });
});

describe('bringing in with the host at work', () => {
  async function moved(): Promise<Ss58> {
    const computer = await oldComputer(home);
    const desk = deskOf(computer);
    await desk.givePassword(await desk.begin(out()), typed(), signal);
    done = [];
    return computer.hotkey;
  }

  it('changes nothing before a yes, ends the host at it, and is in place at the next start', async () => {
    const hotkey = await moved();
    const { ledger, ...here } = await newComputer();
    const desk = deskOf(here);
    const id = await desk.begin(into());
    expect(desk.task).toMatchObject({ step: 'secret', parts: null, hotkeys: [] });
    await desk.givePassword(id, typed(), signal);
    expect(desk.task).toMatchObject({
      step: 'confirm',
      hotkeys: [hotkey],
      conflicts: [join(here.dataDir, 'ledger.db')],
    });
    expect(await isThere(join(here.dataDir, 'runs.json'))).toBe(false);
    await desk.confirm(id, 'aside');
    expect(done).toEqual(['end of the host']);
    expect(desk.task).toMatchObject({ step: 'done', given: [] });
    // The host writes still while it ends, and closes its ledger.
    ledger.exec('INSERT INTO t VALUES (1)');
    ledger.close();
    await finishRenamings(here.dataDir, () => undefined);
    const [run] = (await keptRunsFile(here.dataDir, () => undefined).read()) ?? [];
    expect(run).toMatchObject({ id: hotkey, stoppedAtMs: null });
    const came = new Sqlite(join(here.dataDir, 'ledger.db'));
    expect(came.prepare('SELECT n FROM t').all()).toEqual([{ n: 42 }]);
    came.close();
    const mine = new Sqlite(join(here.dataDir, 'ledger.db.before-move-1'));
    expect(mine.prepare('SELECT n FROM t').all()).toEqual([{ n: 1 }]);
    mine.close();
    for (const folder of [here.dataDir, here.wallets])
      expect(await isThere(join(folder, '.moving-in'))).toBe(false);
  });

  it('puts aside what its host wrote there for the first time while it ended', async () => {
    await moved();
    const { ledger, ...here } = await newComputer();
    const desk = deskOf(here);
    const id = await desk.begin(into());
    await desk.givePassword(id, typed(), signal);
    await desk.confirm(id, 'aside');
    ledger.close();
    await writeFile(join(here.dataDir, 'settings.json'), 'of a switch that was turned meanwhile');
    await finishRenamings(here.dataDir, () => undefined);
    expect(await readFile(join(here.dataDir, 'settings.json'), 'utf8')).toContain('training.share');
    expect(await readFile(join(here.dataDir, 'settings.json.before-move-1'), 'utf8')).toContain('meanwhile');
    expect(await isThere(join(here.dataDir, '.moving-in'))).toBe(false);
  });

  it('leaves given up what could not be laid', { skip: process.platform === 'win32' }, async () => {
    const hotkey = await moved();
    const { ledger, dataDir } = await newComputer();
    ledger.close();
    // Given up here before the file was made elsewhere, which is what takes it back.
    await markMovedAway(dataDir, [hotkey], 1);
    // Nothing lies there, and nothing can: as on a disk that was unplugged.
    const wallets = join(home, 'unplugged');
    await symlink(join(home, 'media', 'stick'), wallets);
    const desk = deskOf({ dataDir, wallets });
    const id = await desk.begin(into());
    await desk.givePassword(id, typed(), signal);
    await expect(desk.confirm(id, 'aside')).rejects.toThrow();
    expect(desk.task).toMatchObject({ step: 'confirm' });
    await expect(demandHere(dataDir, hotkey)).rejects.toMatchObject({ code: 'HOTKEY_MOVED_AWAY' });
  });

  it('keeps what is here where its person wants that', async () => {
    const hotkey = await moved();
    const { ledger, ...here } = await newComputer();
    ledger.close();
    const before = await readFile(join(here.dataDir, 'ledger.db'));
    const desk = deskOf(here);
    const id = await desk.begin(into());
    await desk.givePassword(id, typed(), signal);
    await desk.confirm(id, 'keep');
    await finishRenamings(here.dataDir, () => undefined);
    expect(await readFile(join(here.dataDir, 'ledger.db'))).toEqual(before);
    expect((await keptRunsFile(here.dataDir, () => undefined).read())?.map(({ id }) => id)).toEqual([hotkey]);
  });

  it('asks for the password again where it was another, and lets go of the file when it is left', async () => {
    await moved();
    const { ledger, ...here } = await newComputer();
    ledger.close();
    const desk = deskOf(here);
    const id = await desk.begin(into());
    await expect(desk.givePassword(id, typed('not the same one'), signal)).rejects.toMatchObject({
      code: 'KEY_PASSWORD_WRONG',
    });
    expect(desk.task).toMatchObject({ step: 'secret', problem: { code: 'KEY_PASSWORD_WRONG' } });
    await expect(desk.confirm(id, 'aside')).rejects.toMatchObject({ code: 'NOT_NOW' });
    desk.leave(id);
    expect(desk.task).toBeNull();
    await expect(desk.givePassword(id, typed(), signal)).rejects.toMatchObject({ code: 'MOVE_TASK_GONE' });
  });

  it('refuses what is no such file before it asks for anything', async () => {
    await writeFile(file(), 'a letter');
    const { ledger, ...here } = await newComputer();
    ledger.close();
    await expect(deskOf(here).begin(into())).rejects.toMatchObject({ code: 'MOVE_FILE_UNREADABLE' });
  });

  it('is told what this computer gave up by that very file', async () => {
    const computer = await oldComputer(home);
    const desk = deskOf(computer);
    await desk.givePassword(await desk.begin(out()), typed(), signal);
    const id = await desk.begin(into());
    await desk.givePassword(id, typed(), signal);
    await desk.confirm(id, 'keep');
    expect(desk.task?.given).toEqual([computer.hotkey]);
    await expect(demandHere(computer.dataDir, computer.hotkey)).rejects.toMatchObject({
      code: 'HOTKEY_MOVED_AWAY',
    });
  });
});
