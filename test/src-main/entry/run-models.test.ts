import { mkdtemp, readdir, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { readCommandLine } from '../../../src-main/commands/command-line.ts';
import type { ModelsOptions } from '../../../src-main/commands/models.ts';
import { lockFolder } from '../../../src-main/data-folder/lock.ts';
import { modelsAtTerminal } from '../../../src-main/entry/run-models.ts';
import { packCorpus } from '../../../tools/tasks/pack-corpus.ts';
import { publishedModel } from '../models/published-model.ts';

const never = new AbortController().signal;
let home: string;
let store: string;
let dataDir: string;
let said: string[];

beforeAll(async () => {
  packCorpus();
  home = await mkdtemp(join(tmpdir(), 'butterfly-models-'));
  store = join(home, 'store');
  const measured = { atMs: Date.UTC(2026, 10, 30, 13), heldOutLoss: 4.5, ownTokens: null };
  await publishedModel(store, home, { measured });
});
afterAll(() => rm(home, { recursive: true, force: true }));
beforeEach(async () => {
  dataDir = await mkdtemp(join(home, 'data-'));
  said = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
});
afterEach(() => void vi.restoreAllMocks());

async function run(...words: readonly string[]): Promise<{ readonly code: number; readonly text: string }> {
  const read = readCommandLine(['models', ...words, '--data-dir', dataDir]);
  if (read.kind !== 'run') throw new Error(read.kind);
  said = [];
  const code = await modelsAtTerminal(read.asked.said as ModelsOptions, never);
  return { code, text: said.join('') };
}

describe('models on a terminal', () => {
  it('say how to begin where no store is known', async () => {
    expect(await run('list')).toMatchObject({ code: 0, text: expect.stringContaining('models add hub:') });
  });

  it('are listed with what their publisher says, unknown values as a dash', async () => {
    expect((await run('add', store)).text).toContain('1.1.5  a test round 0  loss 4.500  tokens —');
    const { text } = await run('list', '--json');
    const { sources, downloads } = JSON.parse(text);
    expect(sources).toMatchObject([
      { address: `folder:${store}`, states: [{ tag: '1.1.5', isSigned: true }] },
    ]);
    expect(downloads).toEqual([]);
    await run('remove', store);
    expect((await run('list')).text).toContain('No store is known.');
  });

  it('are downloaded by one line, tried, exported and deleted', async () => {
    const { code, text } = await run('download', 'newest', '--store', store);
    expect(code).toBe(0);
    expect(text).toContain('Every file is what the manifest says.');
    expect(text).toContain('The weights come to the base digest that it names.');
    const tried = await run('try', '1.1.5', '--begin', 'The whale', '--seed', '3', '--temperature', '0.5');
    expect(tried).toMatchObject({ code: 0, text: expect.stringMatching(/^The whale./s) });
    expect(
      (await run('try', '1.1.5', '--begin', 'The whale', '--seed', '3', '--temperature', '0.5')).text,
    ).toBe(tried.text);
    const into = join(dataDir, 'exported');
    await run('export', '1.1.5', '--into', into);
    expect(await readdir(into)).toEqual(expect.arrayContaining(['config.json', 'model.safetensors']));
    await run('delete', '1.1.5');
    await expect(run('check', '1.1.5')).rejects.toMatchObject({ code: 'MODEL_UNKNOWN' });
  });

  it('end as failed where one is damaged', async () => {
    await run('download', '1.1.5', '--store', store);
    const [name] = (await readdir(join(dataDir, 'models'))).filter((one) => /^1\.1\.5-[0-9a-f]+$/.test(one));
    await truncate(join(dataDir, 'models', name!, 'config.json'), 3);
    expect(await run('check', '1.1.5')).toMatchObject({
      code: 1,
      text: expect.stringContaining('config.json'),
    });
  });

  it.each([
    [['download', '9.9.9'], 'MODEL_NOT_LISTED'],
    [['download', 'newest', '--store', '/not/there'], 'STORE_PLACE_MISSING'],
    [['try', '1.1.5'], 'OPTION_MISSING'],
    [['export', '1.1.5'], 'OPTION_MISSING'],
    [['check'], 'OPTION_MISSING'],
    [['list', '--into', '/x'], 'OPTION_NEEDS'],
    [['list', '1.1.5'], 'OPTION_NEEDS'],
    [['add', 'nothing of the kind'], 'MODEL_SOURCE_UNKNOWN'],
  ])('%j is refused with %s', async (words, code) => {
    await expect(run(...words)).rejects.toMatchObject({ code });
  });

  it('leave the folder to a Butterfly that runs on it', async () => {
    const hold = await lockFolder(dataDir);
    await expect(run('list')).rejects.toMatchObject({ code: 'DATA_DIR_IN_USE' });
    await hold.release();
  });
});
