import { cp, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OwnRounds } from '../../../src-main/models/losses.ts';
import { type Models, openModels } from '../../../src-main/models/models.ts';
import { readStore, type StoreOfModels } from '../../../src-main/models/sources.ts';
import { type SharedPublish, sharePublish } from '../../../src-main/publishing/shared-publish.ts';
import type { ModelPrompt, ModelWriting } from '../../../src-shared/contract/page/models.ts';
import type { CodedError } from '../../../src-shared/errors/app-error.ts';
import { profileHash } from '../../../src-shared/profile/profile.ts';
import { type Manifest, writeManifest } from '../../../src-shared/published/manifest.ts';
import { STATE_INDEX, writeStateIndex } from '../../../src-shared/published/state-index.ts';
import { hex } from '../../../src-shared/units.ts';
import { packCorpus } from '../../../tools/tasks/pack-corpus.ts';
import { folderServer } from '../../fakes/stores/folder-server.ts';
import { soon } from '../../soon.ts';
import { madeState } from '../../src-worker/publish/stores/made-state.ts';
import { publishedModel, speaking } from './published-model.ts';

let home: string;
let published: string;
let manifest: Manifest;
let dataDir: string;
let publish: SharedPublish;
let opened: Models[];
let notices: CodedError[];
let stores: readonly StoreOfModels[];
let own: readonly OwnRounds[];
let writing: ModelWriting[];
const prompt: ModelPrompt = { text: 'The whale', temperature: 0.8, topK: 40, seed: 7 };

beforeAll(async () => {
  packCorpus();
  home = await mkdtemp(join(tmpdir(), 'butterfly-models-'));
  published = join(home, 'published');
  ({ manifest } = await publishedModel(published, home, {
    measured: { atMs: 1_700_000_000_000, heldOutLoss: 4.5, ownTokens: 9_000 },
  }));
  const ground = { extraEnv: {}, log: () => undefined, onGaveUp: () => undefined };
  const noticed = { notice: () => undefined, clearNotice: () => undefined };
  publish = sharePublish({ ...ground, dataDir: join(home, 'publish'), notices: noticed });
  await begin();
  await withDownload();
  await end();
  await cp(dataDir, join(home, 'downloaded'), { recursive: true });
});
afterAll(async () => {
  await publish.stop();
  await rm(home, { recursive: true, force: true });
});
beforeEach(begin);
afterEach(end);

async function begin(): Promise<void> {
  dataDir = await mkdtemp(join(home, 'data-'));
  [opened, notices, stores, own, writing] = [[], [], [], [], []];
}
async function end(): Promise<void> {
  for (const models of opened) await models.stop();
}

async function start(): Promise<Models> {
  const models = await openModels({
    ...{ dataDir, publish, extraEnv: {}, log: () => undefined, nowMs: Date.now },
    stores: async () => stores,
    ownRounds: async () => own,
    shown: ({ modelWriting }) => void (modelWriting && writing.push(modelWriting)),
    told: (error) => void notices.push(error),
    signal: new AbortController().signal,
  });
  opened.push(models);
  return models;
}

/** A computer that knows the store, and has its one state whole. */
async function withDownload() {
  const models = await start();
  const source = await models.add(published);
  await models.look('once');
  await models.download(source, manifest.tag);
  await models.idle();
  return { models };
}

/** Such a computer at a later start: only what is told of the way there needs a download of its own. */
async function withKeptDownload() {
  await cp(join(home, 'downloaded'), dataDir, { recursive: true });
  const models = await start();
  const [download] = models.downloads;
  return { models, id: download!.id };
}

describe('what stores have', () => {
  it('is told of each state as its manifest says, by the path of a folder alone', async () => {
    const models = await start();
    await models.add(`  ${published} `);
    await models.look('once');
    const [source] = models.view.sources;
    expect(source).toMatchObject({
      address: `folder:${published}`,
      why: 'added',
      problem: null,
      unreadable: 0,
    });
    expect(source!.states).toMatchObject([
      {
        ...{ tag: '1.1.5', round: 0, runName: 'a test', isSigned: true, hotkey: manifest.hotkey },
        ...{ publishedAtMs: 1_700_000_000_000, heldOutLoss: 4.5, ownTokens: 9_000, link: null },
        sizeBytes: manifest.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      },
    ]);
  });

  it('is known at the next start without the store, with the age that it has', async () => {
    const models = await start();
    const gone = join(dataDir, 'gone');
    await madeState(join(gone, '1.3.4'), '1.3.4');
    await models.add(gone);
    await models.look('once');
    await models.stop();
    await rm(gone, { recursive: true });
    const again = await start();
    const [known] = again.view.sources;
    expect(known!.states.map(({ tag }) => tag)).toEqual(['1.3.4']);
    expect(known!.lookedAtMs).not.toBeNull();
    await again.look('again');
    expect(again.view.sources[0]).toMatchObject({
      problem: { code: 'STORE_PLACE_MISSING' },
      lookedAtMs: known!.lookedAtMs,
      states: known!.states,
    });
  });

  it('says of a hotkey that did not sign that it did not, and of what no manifest is how many there are', async () => {
    const store = join(dataDir, 'store');
    await madeState(join(store, '1.3.4'), '1.3.4');
    await madeState(join(store, '1.4.4'), '1.4.4');
    await writeFile(join(store, '1.4.4/manifest.json'), '{"format":1');
    const models = await start();
    await models.add(store);
    await models.look('once');
    expect(models.view.sources[0]).toMatchObject({
      unreadable: 1,
      problem: null,
      states: [{ tag: '1.3.4', isSigned: false, heldOutLoss: null, publishedAtMs: null, ownTokens: null }],
    });
  });

  it('is told of a folder behind a server of the web as of the folder itself', async () => {
    const root = join(dataDir, 'served');
    await cp(published, root, { recursive: true });
    const state = { tag: manifest.tag, revision: '1' };
    await writeFile(join(root, STATE_INDEX), writeStateIndex([state]));
    const server = await folderServer(root);
    try {
      const models = await start();
      const source = await models.add(server.url);
      await models.look('once');
      expect(models.view.sources).toMatchObject([
        { id: source, address: server.url, problem: null, states: [{ tag: manifest.tag, isSigned: true }] },
      ]);
      await models.download(source, manifest.tag);
      await models.idle();
      expect(models.downloads).toMatchObject([{ phase: { kind: 'here' } }]);
    } finally {
      await server.stop();
    }
  });

  it('leaves single rounds out of the models, and takes their losses', async () => {
    const store = join(dataDir, 'store');
    await madeState(join(store, '1.3.4'), '1.3.4', 10, { kind: 'update' });
    const models = await start();
    await models.add(store);
    await models.look('once');
    expect(models.view.sources[0]).toMatchObject({ states: [], unreadable: 0 });
  });

  it('is not asked for again at once, unless somebody wants it', async () => {
    const store = join(dataDir, 'store');
    await madeState(join(store, '1.3.4'), '1.3.4');
    const models = await start();
    await models.add(store);
    await models.look('once');
    await madeState(join(store, '1.4.4'), '1.4.4');
    await models.look('once');
    expect(models.view.sources[0]!.states.map(({ tag }) => tag)).toEqual(['1.3.4']);
    await models.look('again');
    expect(models.view.sources[0]!.states.map(({ tag }) => tag)).toEqual(['1.4.4', '1.3.4']);
  });

  it('refuses what is no address', async () => {
    const models = await start();
    await expect(models.add('not an address')).rejects.toMatchObject({ code: 'MODEL_SOURCE_UNKNOWN' });
    expect(models.view.sources).toEqual([]);
  });

  it('takes the page of the Hub for its repository, and forgets a store that is removed', async () => {
    const models = await start();
    const id = await models.add('https://huggingface.co/somebody/sn38-states/tree/main');
    expect(models.view.sources).toMatchObject([{ id, address: 'hub:somebody/sn38-states' }]);
    await models.remove(id);
    expect(models.view.sources).toEqual([]);
    expect((await start()).view.sources).toEqual([]);
  });

  it('names a bucket without the key that its address carries', async () => {
    stores = [
      readStore(
        {
          ...{ kind: 's3', endpoint: 'example.org', bucket: 'states' },
          readKey: { keyId: 'id', secretKey: 'hidden' },
        },
        'announced',
      ),
    ];
    const models = await start();
    expect(models.view.sources).toMatchObject([{ address: 's3:example.org/states', why: 'announced' }]);
    expect(JSON.stringify(models.view)).not.toContain('hidden');
  });
});

describe('curves', () => {
  const hash = profileHash(speaking);
  const rounds = (losses: readonly number[]) =>
    losses.map((loss, round) => ({ round, loss, baseDigest: hex('ab'.repeat(32)) }));

  it('join what was measured here with what publishers say, and own measurements win', async () => {
    own = [{ runName: 'mine', profileHash: hash, rounds: rounds([5, 4.8]).slice(1) }];
    const models = await start();
    await models.add(published);
    await models.look('once');
    expect(models.view.losses).toMatchObject([
      {
        profileHash: hash,
        rise: null,
        points: [
          { round: 0, loss: 4.5, isOwn: false },
          { round: 1, loss: 4.8, isOwn: true },
        ],
      },
    ]);
    own = [{ runName: 'mine', profileHash: hash, rounds: rounds([5, 4.8]) }];
    await models.roundsChanged();
    expect(models.view.losses[0]!.points[0]).toEqual({ round: 0, loss: 5, isOwn: true });
  });
});

describe('a download', () => {
  it('is checked file by file, by its signature and by its base digest', async () => {
    const { models } = await withDownload();
    expect(models.downloads).toMatchObject([
      {
        phase: { kind: 'here', problem: null },
        check: { damaged: [], isSigned: true, weights: 'same', chain: 'unknown' },
      },
    ]);
  });

  it.each([
    ['the digest of the chain', 'same', () => manifest.baseDigest],
    ['another digest than the chain', 'other', () => hex('ab'.repeat(32))],
  ] as const)('is held against what a run of this computer knows: %s', async (_name, chain, baseDigest) => {
    own = [
      {
        ...{ runName: 'mine', profileHash: profileHash(speaking) },
        rounds: [{ round: 0, loss: null, baseDigest: baseDigest() }],
      },
    ];
    const { models } = await withDownload();
    expect(models.downloads[0]!.check).toMatchObject({ chain });
  });

  it('is there at the next start, and a folder that nothing speaks of is gone', async () => {
    const { models, id } = await withKeptDownload();
    await models.stop();
    const stray = join(dataDir, 'models', `1.9.9-${'0'.repeat(16)}`);
    await mkdir(stray);
    const again = await start();
    expect(again.downloads).toMatchObject([{ id, phase: { kind: 'here' }, check: { weights: 'same' } }]);
    expect(await readdir(join(dataDir, 'models'))).not.toContain(`1.9.9-${'0'.repeat(16)}`);
  });

  it('says which file is damaged when it is checked again', async () => {
    const { models, id } = await withKeptDownload();
    await truncate(join(models.downloads[0]!.folder, 'model.safetensors'), 100);
    models.check(id);
    await models.idle();
    expect(models.downloads[0]!.check).toMatchObject({ damaged: ['model.safetensors'], weights: 'unknown' });
  });

  it('of weights that are sound files and another model comes to another digest', async () => {
    const { models, id } = await withKeptDownload();
    const { folder } = models.downloads[0]!;
    const bytes = await readFile(join(folder, 'outer.safetensors'));
    await writeFile(join(folder, 'model.safetensors'), bytes);
    const named = (name: string) => manifest.files.find((file) => file.name === name)!;
    const files = manifest.files.map((file) =>
      file.name === 'model.safetensors' ? { ...named('outer.safetensors'), name: file.name } : file,
    );
    await writeFile(join(folder, 'manifest.json'), writeManifest({ ...manifest, files }));
    models.check(id);
    await models.idle();
    expect(models.downloads[0]!.check).toMatchObject({ damaged: [], isSigned: false, weights: 'other' });
  });

  it('that was stopped goes on where it ended', async () => {
    const models = await start();
    const source = await models.add(published);
    await models.look('once');
    const id = await models.download(source, manifest.tag);
    models.cancel(id);
    await models.idle();
    expect(models.downloads).toMatchObject([{ id, phase: { kind: 'stopped', problem: null }, check: null }]);
    expect(() => models.write(id, prompt)).toThrow(expect.objectContaining({ code: 'MODEL_BUSY' }));
    await models.stop();
    const again = await start();
    expect(again.downloads).toMatchObject([{ id, phase: { kind: 'stopped' } }]);
    await again.resume(id);
    await again.idle();
    expect(again.downloads).toMatchObject([{ id, phase: { kind: 'here' }, check: { weights: 'same' } }]);
    await again.remove(source);
    await expect(again.resume(id)).rejects.toMatchObject({ code: 'MODEL_SOURCE_GONE' });
  });

  it('is refused where the disk has no room, before a byte comes', async () => {
    const store = join(dataDir, 'store');
    const huge = { name: 'model.safetensors', sizeBytes: 2 ** 52, sha256: hex('00'.repeat(32)) };
    await madeState(join(store, '1.3.4'), '1.3.4', 10, { files: [huge] });
    const models = await start();
    const source = await models.add(store);
    await models.look('once');
    await expect(models.download(source, '1.3.4')).rejects.toMatchObject({ code: 'MODEL_NO_ROOM' });
    expect(models.downloads).toEqual([]);
  });

  it('takes no more than was listed, whatever the store serves by now', async () => {
    const store = join(dataDir, 'store');
    await madeState(join(store, '1.3.4'), '1.3.4', 1_000);
    const models = await start();
    const source = await models.add(store);
    await models.look('once');
    await madeState(join(store, '1.3.4'), '1.3.4', 5_000);
    await models.download(source, '1.3.4');
    await models.idle();
    expect(models.downloads).toMatchObject([
      { phase: { kind: 'stopped', problem: { code: 'STORE_STATE_DAMAGED' } } },
    ]);
    expect(await readdir(models.downloads[0]!.folder).catch(() => [])).toEqual([]);
  });

  it('is handed to other programs without what only a run needs', async () => {
    const { models, id } = await withKeptDownload();
    const into = join(dataDir, 'exported');
    models.exportTo(id, into);
    await models.idle();
    expect(models.downloads[0]).toMatchObject({ exportedTo: into, phase: { kind: 'here', problem: null } });
    const names = await readdir(into);
    expect(names).toEqual(expect.arrayContaining(['config.json', 'model.safetensors', 'tokenizer.json']));
    expect(names).not.toContain('outer.safetensors');
    expect(names).not.toContain('profile.json');
    models.exportTo(id, into);
    await models.idle();
    expect(models.downloads[0]!.phase).toMatchObject({ problem: { code: 'MODEL_FOLDER_TAKEN' } });
  });

  it('leaves nothing when it is deleted', async () => {
    const { models, id } = await withKeptDownload();
    await models.delete(id);
    expect(models.downloads).toEqual([]);
    expect((await readdir(join(dataDir, 'models'))).filter((name) => name.includes(id))).toEqual([]);
    await expect(models.delete(id)).rejects.toMatchObject({ code: 'MODEL_UNKNOWN' });
  });
});

describe('a text of a downloaded model', () => {
  it('comes bit by bit, is the same for the same seed, and another one for another', async () => {
    const { models, id } = await withKeptDownload();
    const written = async (seed: number) => {
      models.write(id, { ...prompt, seed });
      await models.idle();
      const last = writing.at(-1)!;
      expect(last).toMatchObject({ download: id, phase: 'ended', problem: null });
      return last.written;
    };
    const first = await written(7);
    expect(first.length).toBeGreaterThan(0);
    expect(writing.map(({ phase }) => phase)).toEqual(
      expect.arrayContaining(['loading', 'writing', 'ended']),
    );
    expect(await written(7)).toBe(first);
    expect(await written(8)).not.toBe(first);
  });

  it('is refused where it is longer than what the model reads', async () => {
    const { models, id } = await withKeptDownload();
    models.write(id, { ...prompt, text: 'whale '.repeat(200) });
    await models.idle();
    expect(writing.at(-1)).toMatchObject({ phase: 'stopped', problem: { code: 'MODEL_TEXT_REFUSED' } });
  });

  it('ends when it is stopped, and nobody calls that a problem', async () => {
    const { models, id } = await withKeptDownload();
    models.write(id, prompt);
    await soon(() => expect(writing.at(-1)?.phase).toBe('loading'));
    models.stopText();
    await models.idle();
    expect(writing.at(-1)).toMatchObject({ phase: 'stopped', problem: null });
  });
});
