import { randomBytes } from 'node:crypto';
import promises, { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { demandHere, finishRenamings } from '../../../src-main/data-folder.ts';
import type { Conversation } from '../../../src-main/entry/conversation.ts';
import { moveAway, moveBack, moveHere } from '../../../src-main/entry/run-move.ts';
import { resetWith } from '../../../src-main/entry/run-reset.ts';
import { behindMark, bytesOf, unpackCargo } from '../../../src-main/moving/cargo.ts';
import { type Answer, moveIn, openMoveFile, readMoveFile } from '../../../src-main/moving/move-in.ts';
import { moveOut } from '../../../src-main/moving/move-out.ts';
import { keptRunsFile } from '../../../src-main/runs/kept-runs.ts';
import { ensureAccountKey } from '../../../src-main/vault/account-key.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { cutEverywhere } from '../../power-cut.ts';
import { momentsApart } from '../../runs.ts';
import { type Old, oldComputer } from './old-computer.ts';

const { signal } = new AbortController();
const PASSWORD = new TextEncoder().encode('long enough to keep');
const NOW_MS = Date.UTC(2026, 10, 30);
/** One whole move for each change to the disk, some forty with a key derived in each: 15 s on two busy cores. */
const POWER_CUTS_MS = 240_000;
/** Where one expression checked the whole text of a file, V8 had no room for it from 4 MiB on. */
const LEDGER_BYTES = (process.env.BUTTERFLY_LONG ? 24 : 6) * 2 ** 20;
const folders: string[] = [];
let home = '';
beforeEach(async () => {
  home = await newFolder();
});
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});
async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'butterfly-moving-'));
  folders.push(folder);
  return folder;
}

const old = (at = home): Promise<Old> => oldComputer(at);
const out = ({ dataDir }: Pick<Old, 'dataDir'>, file = join(home, 'a.move'), nowMs = NOW_MS) =>
  moveOut({ dataDir, file, withColdkeys: false, password: PASSWORD, nowMs }, signal);
/** Another joined run beside the first, whose wallet lies in that folder. */
async function another({ dataDir }: Old, folder: string): Promise<Ss58> {
  const { address: id } = await ensureAccountKey(join(folder, 'hotkeys', 'default'));
  const file = keptRunsFile(dataDir, () => undefined);
  const [first, ...rest] = (await file.read()) ?? [];
  if (first?.origin.kind !== 'joined') return expect.unreachable();
  await file.write([first, ...rest, { ...first, id, origin: { ...first.origin, keysDir: folder } }]);
  return id;
}
const opened = async (file = join(home, 'a.move')) =>
  openMoveFile(file, await readMoveFile(file), PASSWORD, signal);
const neverAsked = async (): Promise<Answer> => expect.unreachable();

/** Types these answers one after another, and this password. */
function person(answers: readonly string[] = [], password = 'long enough to keep') {
  const said: string[] = [];
  const left = [...answers];
  const talk: Conversation = {
    say: (line) => void said.push(line),
    ask: async (question) => {
      said.push(question);
      return left.shift() ?? '';
    },
    askHidden: async () => new TextEncoder().encode(password),
    clear: () => undefined,
  };
  return { talk, said };
}

describe('what moves out', () => {
  it('is whole with a ledger of many years', async () => {
    const from = await old();
    const path = join(from.dataDir, 'ledger.db');
    const ledger = new Sqlite(path);
    ledger.prepare('INSERT INTO t VALUES (?)').run(randomBytes(LEDGER_BYTES));
    ledger.close();
    await out(from);
    const cargo = await opened();
    const came = cargo.data.find((one) => one.path === 'ledger.db');
    expect(came && bytesOf(came).equals(await readFile(path))).toBe(true);
  });

  it('leaves behind what works beside a practice, which stays as well', async () => {
    const from = await old();
    const file = keptRunsFile(from.dataDir, () => undefined);
    const [first] = (await file.read()) ?? [];
    const { address: id } = await ensureAccountKey(join(home, 'own', 'hotkeys', 'default'));
    if (first?.origin.kind !== 'joined') return expect.unreachable();
    await file.write([first, { ...first, id, origin: { ...first.origin, beside: 'practice' } }]);
    expect(await out(from)).toEqual([from.hotkey]);
    expect((await opened()).wallets.map(({ path }) => path)).toEqual(['main/hotkeys/default']);
  });

  it('is all that another computer needs, and neither model nor peer key nor coldkey', async () => {
    const from = await old();
    expect(await out(from)).toEqual([from.hotkey]);
    const cargo = await opened();
    expect(cargo.data.map(({ path }) => path).sort()).toEqual([
      'ledger.db',
      `runs/tag-genesis/${from.hotkey}/registration.json`,
      'settings.json',
    ]);
    expect(cargo.wallets.map(({ path }) => path)).toEqual(['main/hotkeys/default']);
    const settings = JSON.parse(Buffer.from(cargo.data[0]?.base64 ?? '', 'base64').toString());
    expect(settings.values).toEqual({ 'training.share': 50, 'newer.setting': 1 });
  });

  it('takes coldkeys along where that was asked for', async () => {
    const from = await old();
    const file = join(home, 'b.move');
    await moveOut({ ...from, file, withColdkeys: true, password: PASSWORD, nowMs: NOW_MS }, signal);
    expect((await opened(file)).wallets.map(({ path }) => path)).toContain('main/coldkey');
  });

  it('is refused here from then on, until it is taken back with the word for it', async () => {
    const from = await old();
    await out(from);
    await expect(demandHere(from.dataDir, from.hotkey)).rejects.toMatchObject({ code: 'HOTKEY_MOVED_AWAY' });
    await expect(moveBack(from.dataDir, person(['yes']).talk)).rejects.toMatchObject({ code: 'CANCELLED' });
    await moveBack(from.dataDir, person(['take back']).talk);
    await demandHere(from.dataDir, from.hotkey);
  });

  it('says nothing to who has not its password', async () => {
    const from = await old();
    await out(from);
    const bytes = await readFile(join(home, 'a.move'));
    expect(bytes.includes(from.hotkey)).toBe(false);
    const wrong = new TextEncoder().encode('another one');
    await expect(
      openMoveFile('a', await readMoveFile(join(home, 'a.move')), wrong, signal),
    ).rejects.toMatchObject({
      code: 'KEY_PASSWORD_WRONG',
    });
  });

  it('holds each key of two wallets of one name, and one below the data folder that is none of its own', async () => {
    const from = await old();
    const same = await another(from, join(home, 'elsewhere', 'Main'));
    const below = await another(from, join(from.dataDir, 'wallets', 'third'));
    await out(from);
    const { keysAt, wallets } = await opened();
    expect(Object.keys(keysAt).sort()).toEqual([from.hotkey, same, below].sort());
    expect(wallets.map(({ path }) => path).sort()).toEqual([
      'Main-2/hotkeys/default',
      'main/hotkeys/default',
      'third/hotkeys/default',
    ]);
  });

  it('is refused while it could not be opened there: nothing is given up then', async () => {
    const from = await old();
    await another(from, join(home, 'Кошелёк (старый)'));
    await another(from, join(home, 'a:b'));
    await expect(out(from)).rejects.toMatchObject({
      code: 'MOVE_NAME_ODD',
      params: { name: 'a:b/hotkeys/default' },
    });
    await demandHere(from.dataDir, from.hotkey);
  });

  it('is refused where another key stands under the name of a run’s', async () => {
    const from = await old();
    await rm(join(from.wallets, 'main', 'hotkeys', 'default'));
    await ensureAccountKey(join(from.wallets, 'main', 'hotkeys', 'default'));
    await expect(out(from)).rejects.toMatchObject({ code: 'KEYS_FOLDER_WITHOUT_KEYS' });
    await demandHere(from.dataDir, from.hotkey);
  });

  it('is written over nothing', async () => {
    const from = await old();
    await writeFile(join(home, 'a.move'), 'mine');
    await expect(out(from)).rejects.toMatchObject({ code: 'MOVE_FILE_THERE' });
    await demandHere(from.dataDir, from.hotkey);
  });

  it('whenever the power goes: a file that has its name belongs to hotkeys that are given up', {
    timeout: POWER_CUTS_MS,
  }, async () => {
    const ground = async () => {
      const at = await newFolder();
      return { at, from: await old(at) };
    };
    const seen = new Set<boolean>();
    const changes = await cutEverywhere(
      ground,
      ({ at, from }) => out(from, join(at, 'a.move')),
      async ({ at, from }) => {
        const isThere = (await readdir(at)).includes('a.move');
        seen.add(isThere);
        if (isThere)
          await expect(demandHere(from.dataDir, from.hotkey)).rejects.toMatchObject({
            code: 'HOTKEY_MOVED_AWAY',
          });
        else expect(await out(from, join(at, 'a.move'))).toEqual([from.hotkey]);
        expect((await opened(join(at, 'a.move'))).hotkeys).toEqual([from.hotkey]);
      },
      momentsApart(3),
    );
    expect(changes).toBeGreaterThan(10);
    expect(seen).toEqual(new Set([true, false]));
  });
});

describe('what moves in', () => {
  const here = (at = home) => ({ dataDir: join(at, 'new'), walletsRoot: join(at, 'new-wallets') });
  const text = (...names: string[]) => readFile(join(...names), 'utf8');
  const rows = (path: string) => {
    const db = new Sqlite(path, { readonly: true });
    try {
      return db.prepare('SELECT n FROM t').pluck().all();
    } finally {
      db.close();
    }
  };

  it('is in place, with runs that find their keys', async () => {
    const from = await old();
    await out(from);
    const to = here();
    await mkdir(to.dataDir);
    await moveIn(await opened(), to, neverAsked);
    const [run] = (await keptRunsFile(to.dataDir, () => undefined).read()) ?? [];
    expect(run).toMatchObject({ id: from.hotkey, stoppedAtMs: null });
    const keysDir = run?.origin.kind === 'joined' ? run.origin.keysDir : '';
    expect(await text(keysDir)).toBe(await text(from.wallets, 'main', 'hotkeys', 'default'));
    expect(rows(join(to.dataDir, 'ledger.db'))).toEqual([42]);
    const names = (await readdir(to.dataDir)).filter((name) => !/-(?:wal|shm)$|\.copy$/.test(name));
    expect(names.sort()).toEqual(['ledger.db', 'runs', 'runs.json', 'settings.json']);
    expect(await readdir(to.walletsRoot)).toEqual(['main']);
  });

  it('comes back to where it left by a file that was made there later, and not by the one that it left by', async () => {
    const from = await old();
    await out(from);
    const at = { dataDir: from.dataDir, walletsRoot: from.wallets };
    const keep = async (): Promise<Answer> => 'keep';
    expect(await moveIn(await opened(), at, keep)).toEqual([from.hotkey]);
    await expect(demandHere(from.dataDir, from.hotkey)).rejects.toMatchObject({ code: 'HOTKEY_MOVED_AWAY' });
    const to = here();
    await mkdir(to.dataDir);
    expect(await moveIn(await opened(), to, neverAsked)).toEqual([]);
    await out(to, join(home, 'back.move'), NOW_MS + 1);
    expect(await moveIn(await opened(join(home, 'back.move')), at, keep)).toEqual([]);
    await demandHere(from.dataDir, from.hotkey);
  });

  it('keeps apart wallets whose names come together here', async () => {
    const from = await old();
    const moved = await another(from, join(home, 'elsewhere', 'main-moved'));
    await out(from);
    const to = here();
    await mkdir(to.dataDir);
    await mkdir(join(to.walletsRoot, 'main', 'hotkeys'), { recursive: true });
    await writeFile(join(to.walletsRoot, 'main', 'hotkeys', 'default'), 'mine');
    await moveIn(await opened(), to, neverAsked);
    const runs = (await keptRunsFile(to.dataDir, () => undefined).read()) ?? [];
    const keys = await Promise.all(
      runs.map(async ({ id, origin }) => [id, await text(origin.kind === 'joined' ? origin.keysDir : '')]),
    );
    expect(Object.fromEntries(keys)).toEqual({
      [from.hotkey]: await text(from.wallets, 'main', 'hotkeys', 'default'),
      [moved]: await text(home, 'elsewhere', 'main-moved', 'hotkeys', 'default'),
    });
  });

  it('takes the place of a ledger together with what that had in its journal still', async () => {
    const from = await old();
    await out(from);
    const to = here();
    await mkdir(to.dataDir);
    const name = join(to.dataDir, 'ledger.db');
    const db = new Sqlite(name);
    db.pragma('journal_mode = WAL');
    db.exec('CREATE TABLE t (n); INSERT INTO t VALUES (7)');
    // As a host leaves it that was killed: its journal is not in the database yet.
    const killed = await Promise.all(['', '-wal'].map((end) => readFile(`${name}${end}`)));
    db.close();
    for (const [at, end] of ['', '-wal'].entries()) await writeFile(`${name}${end}`, killed[at] ?? '');
    await moveIn(await opened(), to, async () => 'aside');
    expect(rows(name)).toEqual([42]);
    expect(rows(`${name}.before-move-1`)).toEqual([7]);
  });

  it('is refused where it cannot be seen what stands there', async () => {
    const from = await old();
    await out(from);
    const to = here();
    await mkdir(join(to.dataDir, 'settings.json'), { recursive: true });
    await expect(moveIn(await opened(), to, neverAsked)).rejects.toMatchObject({ code: 'PATH_IS_FOLDER' });
  });

  it('leaves no key behind where the disk is full halfway', async () => {
    const from = await old();
    await out(from);
    const to = here();
    await mkdir(to.dataDir);
    const real = promises.mkdir;
    const full = async (path: string, ...rest: never[]) => {
      if (path === join(to.dataDir, '.moving-in')) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
      return real(path, ...rest);
    };
    Object.assign(promises, { mkdir: full });
    syncBuiltinESMExports();
    try {
      await expect(moveIn(await opened(), to, neverAsked)).rejects.toMatchObject({ code: 'DISK_FULL' });
    } finally {
      Object.assign(promises, { mkdir: real });
      syncBuiltinESMExports();
    }
    expect(await readdir(to.walletsRoot)).toEqual([]);
  });

  it('writes over nothing: another file is asked about, and another wallet of that name keeps it', async () => {
    const from = await old();
    await out(from);
    const to = here();
    await mkdir(to.dataDir);
    await writeFile(join(to.dataDir, 'settings.json'), 'mine');
    await writeFile(join(to.dataDir, 'ledger.db'), 'mine');
    await mkdir(join(to.walletsRoot, 'main', 'hotkeys'), { recursive: true });
    await writeFile(join(to.walletsRoot, 'main', 'hotkeys', 'default'), 'mine');
    await moveIn(await opened(), to, async ({ path }) => (path.endsWith('settings.json') ? 'aside' : 'keep'));
    expect(await text(to.dataDir, 'settings.json.before-move-1')).toBe('mine');
    expect(await text(to.dataDir, 'settings.json')).toContain('training.share');
    expect(await text(to.dataDir, 'ledger.db')).toBe('mine');
    expect(await text(to.walletsRoot, 'main', 'hotkeys', 'default')).toBe('mine');
    expect(await readdir(to.walletsRoot)).toEqual(['main', 'main-moved']);
  });

  it('is all there or nothing is, whenever the power goes, once the next start went on', {
    timeout: POWER_CUTS_MS,
  }, async () => {
    const from = await old();
    await out(from);
    const cargo = await opened();
    const ground = async () => {
      const to = here(await newFolder());
      await mkdir(to.dataDir);
      await writeFile(join(to.dataDir, 'settings.json'), 'mine');
      return to;
    };
    const take = (to: ReturnType<typeof here>) => moveIn(cargo, to, async () => 'aside');
    const changes = await cutEverywhere(ground, take, async (to) => {
      await finishRenamings(to.dataDir, () => undefined);
      const isIn = (await text(to.dataDir, 'settings.json')) !== 'mine';
      expect((await keptRunsFile(to.dataDir, () => undefined).read()) !== null).toBe(isIn);
      const wallets: string[] = await readdir(to.walletsRoot).catch(() => []);
      expect(wallets.includes('main')).toBe(isIn);
      await take(to);
      expect(await text(to.dataDir, 'settings.json.before-move-1')).toBe('mine');
      expect(rows(join(to.dataDir, 'ledger.db'))).toEqual([42]);
    });
    expect(changes).toBeGreaterThan(40);
  });
});

describe('a file that is none', () => {
  it.each([
    ['empty', ''],
    ['something else', 'PK and so on'],
    ['of an unknown form', 'BUTTERFLY-MOVE x\n'],
  ])('%s is refused', async (_title, content) => {
    await writeFile(join(home, 'x'), content);
    await expect(readMoveFile(join(home, 'x'))).rejects.toMatchObject({ code: 'MOVE_FILE_UNREADABLE' });
  });

  it('of a newer Butterfly is told as such', () => {
    expect(() => behindMark('x', Buffer.from('BUTTERFLY-MOVE 2\n…'))).toThrow('MOVE_FILE_NEWER');
  });

  it('whose bytes were changed anywhere is refused whole', async () => {
    await out(await old());
    const bytes = await readFile(join(home, 'a.move'));
    for (const at of [20, 60, bytes.length - 1]) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      const sealed = behindMark('x', changed);
      await expect(openMoveFile('x', sealed, PASSWORD, signal)).rejects.toMatchObject({
        code: expect.stringMatching(/^KEY_(?:PASSWORD_WRONG|FILE_CORRUPT)$/),
      });
    }
  });

  it('that names a place outside of the folder is refused', async () => {
    const { gzipSync } = await import('node:zlib');
    for (const path of ['../x', '/x', 'a/../../x', 'a\\..\\x', '.hidden', 'a//b']) {
      const cargo = { version: 1, madeAtMs: 1, madeBy: '1', hotkeys: [], wallets: [], runs: [], keysAt: {} };
      const packed = gzipSync(JSON.stringify({ ...cargo, data: [{ path, base64: '' }] }));
      await expect(unpackCargo('x', packed)).rejects.toMatchObject({ code: 'MOVE_FILE_UNREADABLE' });
    }
  });
});

describe('at a terminal', () => {
  it('a person moves out and in again', async () => {
    const from = await old();
    const file = join(home, 'a.move');
    await moveAway({ dataDir: from.dataDir, file, withColdkeys: false }, person().talk, signal);
    const dataDir = join(home, 'new');
    await mkdir(dataDir);
    const { talk, said } = person();
    await moveHere({ dataDir, file }, talk, signal, join(home, 'new-wallets'));
    expect(said.at(-1)).toContain('It is in place.');
    expect(await readdir(dataDir)).toContain('runs.json');
  });

  it('nothing moves or is reset while the fate of an order is open', async () => {
    const from = await old();
    const db = new Sqlite(join(from.dataDir, 'ledger.db'));
    db.exec('CREATE TABLE own_transaction (is_open); INSERT INTO own_transaction VALUES (1)');
    db.close();
    const refused = { code: 'MOVE_ORDERS_OPEN', params: { count: 1 } };
    await expect(
      moveAway({ dataDir: from.dataDir, file: join(home, 'a'), withColdkeys: false }, person().talk, signal),
    ).rejects.toMatchObject(refused);
    await expect(resetWith(from.dataDir, person(['reset']).talk)).rejects.toMatchObject(refused);
    const other = await old(await newFolder());
    await out(other);
    const file = join(home, 'a.move');
    await expect(
      moveHere({ dataDir: from.dataDir, file }, person().talk, signal, home),
    ).rejects.toMatchObject(refused);
  });

  it('a reset wants its word, and says where everything lies', async () => {
    const from = await old();
    await expect(resetWith(from.dataDir, person(['yes']).talk)).rejects.toMatchObject({
      code: 'RESET_NOT_TYPED',
    });
    const { talk, said } = person(['reset']);
    await resetWith(from.dataDir, talk);
    expect(said.at(-1)).toContain(join(from.dataDir, 'before-reset-1'));
    expect(await readdir(from.dataDir)).toEqual(['before-reset-1']);
  });
});
