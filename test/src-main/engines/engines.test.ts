import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Adding } from '../../../src-main/engines/add-tensorflow.ts';
import { type Engines, openEngines } from '../../../src-main/engines/engines.ts';
import type { AddedEngineView } from '../../../src-shared/contract/page/engines.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { canWatchFiles, watchFiles } from '../../file-watch.ts';

let dataDir: string;
let opened: Engines[];
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'engines-'));
  opened = [];
});
afterEach(async () => {
  for (const engines of opened) await engines.stop();
  await rm(dataDir, { recursive: true });
});

const engineDir = () => join(dataDir, 'engines', 'tensorflow');

/** Puts something there that is as good as an engine. */
async function made({ folder, told }: Adding) {
  await mkdir(folder, { recursive: true });
  told('packages', null);
  await writeFile(join(folder, 'library'), 'x'.repeat(1_000));
  told('try', null);
  return { description: 'TensorFlow 2.15.1, 2 threads' };
}

async function open(
  add: (adding: Adding) => Promise<{ description: string }> = made,
  { isHeld = false, isUsed = (): boolean => false } = {},
) {
  const seen: AddedEngineView[] = [];
  const engines = await openEngines({
    dataDir,
    log: () => undefined,
    told: ([view]) => void seen.push(view!),
    async lock(folder) {
      if (isHeld) throw new AppError('DATA_DIR_IN_USE', { path: folder });
      await mkdir(folder, { recursive: true });
      return { release: async () => undefined };
    },
    async assertUnused() {
      if (isUsed()) throw new AppError('ENGINE_IN_USE', { engine: 'TensorFlow' });
    },
    add,
  });
  opened.push(engines);
  return { engines, seen, state: () => engines.all[0]!.state, problem: () => engines.all[0]!.problem };
}

describe('an engine that a user adds', () => {
  it('is absent until it was added, then there for this start and all that follow', async () => {
    const { engines, seen, state } = await open();
    expect(state()).toEqual({ kind: 'absent' });
    await engines.add('tensorflow');
    expect(seen.map((view) => [view.state.kind, 'stage' in view.state && view.state.stage])).toEqual([
      ['absent', false],
      ['adding', 'packages'],
      ['adding', 'packages'],
      ['adding', 'try'],
      ['there', false],
    ]);
    expect(state()).toEqual({ kind: 'there', description: 'TensorFlow 2.15.1, 2 threads', bytes: 1_000 });
    expect((await open()).state()).toEqual(state());
    expect(await readdir(join(dataDir, 'engines'))).toEqual(['tensorflow']);
  });

  it('that fails leaves nothing but what was downloaded, and says why', async () => {
    const { engines, state, problem } = await open(async (adding) => {
      await made(adding);
      await mkdir(adding.downloads);
      throw new AppError('ENGINE_COMPILER_MISSING');
    });
    await expect(engines.add('tensorflow')).rejects.toMatchObject({ code: 'ENGINE_COMPILER_MISSING' });
    expect(state()).toEqual({ kind: 'absent' });
    expect(problem()).toEqual({ code: 'ENGINE_COMPILER_MISSING', params: {} });
    expect(await readdir(join(dataDir, 'engines'))).toEqual(['.downloads']);
    expect((await open()).state()).toEqual({ kind: 'absent' });
  });

  it('that was added before stays in use while another one is put together, and when that fails', async () => {
    await (await open()).engines.add('tensorflow');
    const { engines, state, problem } = await open(async (adding) => {
      await made(adding);
      expect(existsSync(join(engineDir(), 'library'))).toBe(true);
      throw new AppError('ENGINE_BROKEN', { engine: 'TensorFlow', path: adding.folder });
    });
    await expect(engines.add('tensorflow')).rejects.toMatchObject({ code: 'ENGINE_BROKEN' });
    expect(state().kind).toBe('there');
    expect(problem()?.code).toBe('ENGINE_BROKEN');
    await engines.refresh();
    expect(problem()?.code).toBe('ENGINE_BROKEN');
    expect((await open()).state()).toEqual(state());
  });

  it('can be cancelled on the way, and is then what it was before', async () => {
    const begun = Promise.withResolvers<void>();
    const { engines, state, problem } = await open(
      (adding) =>
        new Promise((_, reject) => {
          begun.resolve();
          adding.signal.addEventListener('abort', () => reject(new Error('the program was ended')));
        }),
    );
    const adding = engines.add('tensorflow');
    adding.catch(() => undefined);
    await begun.promise;
    await engines.cancel('tensorflow');
    await expect(adding).rejects.toMatchObject({ code: 'CANCELLED' });
    expect([state(), problem()]).toEqual([{ kind: 'absent' }, null]);
  });

  it('is added once at a time, in this Butterfly and in any other', async () => {
    const go = Promise.withResolvers<void>();
    const { engines } = await open(async (adding) => {
      await go.promise;
      return made(adding);
    });
    const first = engines.add('tensorflow');
    expect(() => engines.add('tensorflow')).toThrow(/ENGINE_BUSY/);
    go.resolve();
    await first;
    const other = await open(made, { isHeld: true });
    await expect(other.engines.add('tensorflow')).rejects.toMatchObject({ code: 'ENGINE_BUSY' });
    expect([other.state().kind, other.problem()?.code]).toEqual(['there', 'ENGINE_BUSY']);
  });

  it('is removed with all that belongs to it', async () => {
    const { engines, state } = await open();
    await engines.add('tensorflow');
    expect(await engines.remove('tensorflow')).toBe(true);
    expect(state()).toEqual({ kind: 'absent' });
    expect(await readdir(join(dataDir, 'engines'))).toEqual([]);
    expect(await engines.remove('tensorflow')).toBe(false);
  });

  it.runIf(canWatchFiles)('is synced whole before it takes its name', async () => {
    const events = await watchFiles();
    await (await open()).engines.add('tensorflow');
    const [record, library] = ['engine.json', 'library'].map((name) =>
      events.findIndex((event) => event.what === 'sync' && event.name.startsWith(name)),
    );
    const named = events.findIndex((event) => event.what === 'rename' && event.path === engineDir());
    expect([library! >= 0, library! < record!, record! < named]).toEqual([true, true, true]);
  });

  it('that something computes with is neither removed nor replaced', async () => {
    await (await open()).engines.add('tensorflow');
    let isUsed = true;
    const { engines, state, problem } = await open(
      (adding) => {
        isUsed = true;
        return made(adding);
      },
      { isUsed: () => isUsed },
    );
    await expect(engines.remove('tensorflow')).rejects.toMatchObject({ code: 'ENGINE_IN_USE' });
    await expect(engines.add('tensorflow')).rejects.toMatchObject({ code: 'ENGINE_IN_USE' });
    isUsed = false;
    // A run that begins while another one is put together.
    await expect(engines.add('tensorflow')).rejects.toMatchObject({ code: 'ENGINE_IN_USE' });
    expect([state().kind, problem()?.code]).toEqual(['there', 'ENGINE_IN_USE']);
    expect(await readdir(join(dataDir, 'engines'))).toEqual(['tensorflow']);
  });

  it('is not believed in where its record is missing or damaged', async () => {
    await (await open()).engines.add('tensorflow');
    const record = join(engineDir(), 'engine.json');
    const whole = await readFile(record, 'utf8');
    const kindWith = async (text: string) => {
      await writeFile(record, text);
      return (await open()).state().kind;
    };
    expect(await kindWith(whole.slice(0, -3))).toBe('absent');
    expect(await kindWith('{"description":5}')).toBe('absent');
    expect(await kindWith(whole)).toBe('there');
  });

  it('that was broken off in between is cleared away, or finished where only its name was missing', async () => {
    const place = join(dataDir, 'engines');
    const fresh = join(place, '.tensorflow.0123456789ab.new');
    await mkdir(fresh, { recursive: true });
    await writeFile(join(fresh, 'library'), 'half of it');
    expect((await open(made, { isHeld: true })).state()).toEqual({ kind: 'absent' });
    expect(await readdir(place)).toEqual(['.tensorflow.0123456789ab.new']);
    expect((await open()).state()).toEqual({ kind: 'absent' });
    expect(await readdir(place)).toEqual([]);
    await (await open()).engines.add('tensorflow');
    await rename(engineDir(), fresh);
    await mkdir(join(place, '.tensorflow.0123456789ab.old'));
    expect((await open()).state()).toMatchObject({ kind: 'there' });
    expect(await readdir(place)).toEqual(['tensorflow']);
  });

  it('is put together in a folder of its own each time: programs of another time may still write in theirs', async () => {
    const folders: string[] = [];
    const { engines } = await open(async (adding) => {
      folders.push(adding.folder);
      return made(adding);
    });
    await engines.add('tensorflow');
    await engines.add('tensorflow');
    expect(new Set(folders).size).toBe(2);
  });

  it('that a terminal adds is seen when it is looked for again', async () => {
    const { engines, state } = await open();
    await (await open()).engines.add('tensorflow');
    expect(state().kind).toBe('absent');
    await engines.refresh();
    expect(state().kind).toBe('there');
  });
});
