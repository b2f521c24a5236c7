import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as scure from '@scure/sr25519';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PublishedRun } from '../../../src-main/publishing/prepare.ts';
import { type Publisher, type PublishOrder, startPublisher } from '../../../src-main/publishing/publisher.ts';
import { type SharedPublish, sharePublish } from '../../../src-main/publishing/shared-publish.ts';
import type { UploadRow } from '../../../src-main/store/rows.ts';
import { openVault } from '../../../src-main/vault/vault.ts';
import type { PublishingView } from '../../../src-shared/contract/page/publishing.ts';
import { type CodedError, describeError } from '../../../src-shared/errors/app-error.ts';
import { profileHash } from '../../../src-shared/profile/profile.ts';
import { isSignedBy, readManifest } from '../../../src-shared/published/manifest.ts';
import { defaultSettings, type SettingValues } from '../../../src-shared/settings.ts';
import { hex } from '../../../src-shared/units.ts';
import { importState } from '../../../src-worker/train/interchange/state-folder.ts';
import { soon } from '../../soon.ts';
import { ELEMENTS, smallConsensus, standingState } from '../../src-worker/train/interchange/published-rig.ts';

const { signal } = new AbortController();
/** What costs as much as all that is tried: a run with its state, that state published, and a process that is ready. */
let house: string;
let run: PublishedRun;
let state: Awaited<ReturnType<typeof standingState>>;
let ready: SharedPublish;
let home: string;
let published: string;
let values: SettingValues;
let rows: UploadRow[];
let notices: CodedError[];
let cleared: string[];
let views: PublishingView[];
let logged: string[];
let publishers: Publisher[];

beforeAll(async () => {
  house = await mkdtemp(join(tmpdir(), 'butterfly-publisher-'));
  const vault = openVault({ dir: join(house, 'keys') });
  const hotkey = await vault.ensureHotkey('default');
  state = await standingState(house, hotkey);
  run = {
    hotkey,
    profileHash: profileHash(smallConsensus),
    consensus: smallConsensus,
    stateDir: state.stateDir,
    spoolDir: join(house, 'spool'),
    sign: (manifest) => vault.signManifest('default', manifest),
    lineage: () => [
      {
        round: 0,
        rosterDigest: hex('5a'.repeat(32)),
        resultsDigest: hex('5b'.repeat(32)),
        baseDigest: state.baseDigest,
      },
    ],
    measured: () => ({ heldOutLoss: 4.25, ownTokens: 8_192 }),
    losses: async () => [
      { atMs: 1, loss: 9 },
      { atMs: 2, loss: 4 },
    ],
  };
  await begin();
  ready = sharePublish({ ...ground(), onGaveUp: (error) => void notices.push(error) });
  const publisher = start(ready);
  publisher.order(order());
  await publisher.idle();
  await publisher.stop();
  await cp(published, join(house, 'published'), { recursive: true });
});
afterAll(async () => {
  await ready.stop();
  await rm(house, { recursive: true, force: true });
});
beforeEach(begin);
afterEach(async () => {
  for (const publisher of publishers) await publisher.stop();
});

async function begin(): Promise<void> {
  home = await mkdtemp(join(house, 'home-'));
  published = join(home, 'published');
  await mkdir(published);
  values = { ...defaultSettings, 'publishing.to': 'folder', 'publishing.folder': published };
  rows = [];
  notices = [];
  cleared = [];
  views = [];
  logged = [];
  publishers = [];
}

const ground = () => ({
  ...{ dataDir: join(home, 'data'), extraEnv: {} },
  notices: {
    notice: (error: CodedError) => void notices.push(error),
    clearNotice: (code: string) => void cleared.push(code),
  },
  log: (line: string) => void logged.push(line),
});

/** @param shared outlives the publisher; without it the publisher has a process of its own, as in a host */
function start(shared?: SharedPublish): Publisher {
  const publish = shared ?? sharePublish({ ...ground(), onGaveUp: (error) => void notices.push(error) });
  const publisher = startPublisher({
    ...{ ...ground(), publish, settings: () => values },
    store: {
      add: (_table, row) => void rows.push(row as UploadRow),
      uploads: async () => ({ newest: rows.toReversed(), sentBytes: 7 }),
    },
    shown: (view) => void views.push(view),
    tokens: { reveal: () => Promise.reject(new Error('no token is needed')) },
  });
  const stop = async () => {
    await publisher.stop();
    if (!shared) await publish.stop();
  };
  publishers.push({ ...publisher, stop });
  return { ...publisher, stop };
}

/** A publisher beside a folder in which the state of round 0 is published. */
async function besidePublished(): Promise<Publisher> {
  await cp(join(house, 'published'), published, { recursive: true });
  return start(ready);
}

async function listsOf(source: ReturnType<Publisher['sourceOf']>) {
  const lists = [];
  for await (const list of source.lineages(signal)) lists.push(list);
  return lists;
}

const nobodyTells = async () => [];

const order = (kind: 'state' | 'update' = 'state', round = 0): PublishOrder => ({
  ...{ run, runId: 1, kind, isPublic: false },
  of: { round, baseDigest: state.baseDigest, innerStep: 17 },
});
const waiting = () => readdir(join(home, 'data/publish/uploads')).catch(() => []);

describe('what is published of a round', () => {
  it('is a state that its hotkey signed, and that somebody can join from', async () => {
    const publisher = start();
    publisher.order(order());
    await publisher.idle();
    expect(notices).toEqual([]);
    const folder = join(published, '1.1.17');
    const manifest = readManifest(await readFile(join(folder, 'manifest.json'), 'utf8'))!;
    expect(manifest).toMatchObject({
      kind: 'state',
      round: 0,
      baseDigest: state.baseDigest,
      hotkey: run.hotkey,
      measured: { heldOutLoss: 4.25, ownTokens: 8_192 },
    });
    expect(isSignedBy(manifest, (message, signature, key) => scure.verify(message, signature, key))).toBe(
      true,
    );
    expect(manifest.files.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'config.json',
        'model.safetensors',
        'outer.safetensors',
        'profile.json',
        'README.md',
        'loss.svg',
      ]),
    );
    const into = join(home, 'state.bin');
    await importState({ folder, consensus: smallConsensus, baseDigest: manifest.baseDigest, into }, signal);
    expect((await readFile(into)).equals(await state.stateFile())).toBe(true);
    expect(rows).toMatchObject([{ runId: 1, tag: '1.1.17', kind: 'state', round: 0, code: null }]);
    expect(rows[0]!.sentBytes).toBeGreaterThan(8 * ELEMENTS);
    expect(await waiting()).toEqual([]);
  });

  it('is had by a newcomer from the store alone, list of rounds and state file', async () => {
    const publisher = await besidePublished();
    values = { ...values, 'publishing.from': `folder:${published}` };
    const source = publisher.sourceOf(run, nobodyTells);
    const lists = await listsOf(source);
    expect(lists).toEqual([run.lineage()]);
    const path = join(home, 'fetched.bin');
    const wanted = { round: 0, baseDigest: state.baseDigest, path };
    expect(await source.fetch({ ...wanted, baseDigest: hex('00'.repeat(32)) }, signal)).toBe(false);
    expect(await source.fetch(wanted, signal)).toBe(true);
    expect((await readFile(path)).equals(await state.stateFile())).toBe(true);
  });

  it('is had from a store that a member tells, also where another cannot be asked what they tell', async () => {
    const publisher = await besidePublished();
    const told = { kind: 'folder', path: published } as const;
    const elsewhere = { kind: 'folder', path: join(home, 'nowhere') } as const;
    expect(await listsOf(publisher.sourceOf(run, async () => [elsewhere, told]))).toEqual([run.lineage()]);
    const silent = () => Promise.reject(new Error('no node answers'));
    expect(await listsOf(publisher.sourceOf(run, silent))).toEqual([]);
    values = { ...values, 'publishing.from': `folder:${published}` };
    expect(await listsOf(publisher.sourceOf(run, silent))).toEqual([run.lineage()]);
  });

  it('is had from another store where the first one lies, of its list and of its state', async () => {
    const publisher = await besidePublished();
    const lying = join(home, 'lying');
    await cp(published, lying, { recursive: true });
    for (const name of ['lineage.json', 'outer.safetensors']) {
      const bytes = await readFile(join(lying, '1.1.17', name));
      bytes[bytes.length - 3]! ^= 1;
      await writeFile(join(lying, '1.1.17', name), bytes);
    }
    const told = [lying, published].map((path) => ({ kind: 'folder', path }) as const);
    const source = publisher.sourceOf(run, async () => told);
    expect(await listsOf(source)).toEqual([run.lineage()]);
    const path = join(home, 'fetched.bin');
    expect(await source.fetch({ round: 0, baseDigest: state.baseDigest, path }, signal)).toBe(true);
    expect((await readFile(path)).equals(await state.stateFile())).toBe(true);
  });

  it('is nothing to a newcomer of another run', async () => {
    const publisher = await besidePublished();
    values = { ...values, 'publishing.from': `folder:${published}` };
    const source = publisher.sourceOf({ ...run, profileHash: hex('12'.repeat(32)) }, nobodyTells);
    expect(await listsOf(source)).toEqual([]);
  });

  it('is not taken where files are larger than the model, or other than they say', async () => {
    const publisher = await besidePublished();
    values = { ...values, 'publishing.from': `folder:${published}` };
    const source = publisher.sourceOf(run, nobodyTells);
    const path = join(published, '1.1.17/outer.safetensors');
    const bytes = await readFile(path);
    bytes[bytes.length - 1]! ^= 1;
    await writeFile(path, bytes);
    const wanted = { round: 0, baseDigest: state.baseDigest, path: join(home, 'fetched.bin') };
    await expect(source.fetch(wanted, signal)).rejects.toMatchObject({ code: 'STORE_STATE_DAMAGED' });
    const manifestPath = join(published, '1.1.17/manifest.json');
    const manifest = JSON.parse(await readFile(manifestPath, 'utf8'));
    for (const file of manifest.files) if (file.name === 'model.safetensors') file.sizeBytes = 1e12;
    await writeFile(manifestPath, JSON.stringify(manifest));
    await expect(source.fetch(wanted, signal)).rejects.toMatchObject({ code: 'STORE_STATE_DAMAGED' });
  });

  it('is had from the next store where one gives something else, and nothing of it stays behind', async () => {
    const publisher = await besidePublished();
    const lying = join(home, 'lying');
    await cp(published, lying, { recursive: true });
    await writeFile(join(lying, '1.1.17/lineage.json'), 'x');
    const path = join(lying, '1.1.17/outer.safetensors');
    const bytes = await readFile(path);
    bytes[0]! ^= 1;
    await writeFile(path, bytes);
    // Newer by its name, and nothing that can be read.
    await mkdir(join(lying, '1.2.0'));
    await writeFile(join(lying, '1.2.0/manifest.json'), '{}');
    values = { ...values, 'publishing.from': `folder:${lying}` };
    const source = publisher.sourceOf(run, async () => [{ kind: 'folder', path: published }]);
    expect(await listsOf(source)).toEqual([run.lineage()]);
    const into = join(home, 'fetched.bin');
    expect(await source.fetch({ round: 0, baseDigest: state.baseDigest, path: into }, signal)).toBe(true);
    expect((await readFile(into)).equals(await state.stateFile())).toBe(true);
    expect(await readdir(join(home, 'data/publish/downloads'))).toEqual([]);
  });

  it('is the whole state still where an update was ordered before that had its turn', async () => {
    const publisher = start();
    publisher.order(order());
    publisher.order({ ...order('update', 2), of: { ...order().of, round: 2, innerStep: 18 } });
    await publisher.idle();
    expect(rows.map(({ tag, kind }) => [tag, kind])).toEqual([['1.1.18', 'state']]);
  });

  it('waits where its store is not there, is told, and goes on when it is', async () => {
    values = { ...values, 'publishing.folder': join(home, 'a-disk') };
    const publisher = start();
    publisher.order(order());
    await publisher.idle();
    expect(notices.map(({ code }) => code)).toEqual(['STORE_PLACE_MISSING']);
    expect((await waiting()).length).toBe(2);
    const failed = { code: 'STORE_PLACE_MISSING', params: { place: join(home, 'a-disk') } };
    await soon(() => expect(views.at(-1)!.uploads).toMatchObject([failed]));
    expect(logged.join('\n')).toContain(describeError(failed as CodedError).sentence);
    await mkdir(join(home, 'a-disk'));
    publisher.settingsChanged();
    expect(cleared).toEqual(['STORE_PLACE_MISSING']);
    await publisher.idle();
    expect(await readdir(join(home, 'a-disk'))).toEqual(['1.1.17', 'states.json']);
    expect(await waiting()).toEqual([]);
  });

  it('is gone on with by the next start where this one ended before it was sent', async () => {
    values = { ...values, 'publishing.folder': join(home, 'a-disk') };
    const first = start();
    first.order(order());
    await first.idle();
    await first.stop();
    await mkdir(join(home, 'a-disk'));
    const second = start();
    second.settingsChanged();
    await second.idle();
    expect(await readdir(join(home, 'a-disk'))).toEqual(['1.1.17', 'states.json']);
  });

  it('stands still while a round averages, and goes on after it', async () => {
    const publisher = start();
    publisher.setAveraging(run.hotkey, true);
    publisher.order(order());
    await soon(async () => expect(await readdir(published)).toContain('.1.1.17.new'));
    expect(await readdir(published)).toEqual(['.1.1.17.new']);
    publisher.setAveraging(run.hotkey, false);
    await publisher.idle();
    expect(await readdir(published)).toEqual(['1.1.17', 'states.json']);
  });

  it('is shown while it is made and sent, and what came of it afterwards', async () => {
    const publisher = start();
    publisher.setAveraging(run.hotkey, true);
    publisher.order(order());
    await soon(() => expect(views.at(-1)).toMatchObject({ isHeld: true, current: { phase: 'sending' } }));
    publisher.setAveraging(run.hotkey, false);
    await publisher.idle();
    const phases = new Set(views.map(({ current }) => current?.phase));
    expect([...phases]).toEqual([undefined, 'making', 'checking', 'sending', 'committing']);
    await soon(() =>
      expect(views.at(-1)).toMatchObject({
        ...{ current: null, isHeld: false, sentDayBytes: 7 },
        uploads: [{ tag: '1.1.17', kind: 'state', place: `folder:${published}`, code: null, params: null }],
      }),
    );
    expect(views.at(-1)!.uploads[0]).not.toHaveProperty('runId');
  });

  it('can be tried before there is anything to publish', async () => {
    const publisher = start();
    expect(await publisher.test(signal)).toMatchObject({ place: published, account: null });
    expect(await readdir(published)).toEqual([]);
    values = { ...values, 'publishing.folder': join(home, 'none') };
    await expect(publisher.test(signal)).rejects.toMatchObject({ code: 'STORE_PLACE_MISSING' });
    values = { ...values, 'publishing.to': 'nowhere' };
    await expect(publisher.test(signal)).rejects.toMatchObject({ code: 'STORE_NOT_CHOSEN' });
  });

  it('is nothing where nobody chose a place', async () => {
    values = { ...values, 'publishing.to': 'nowhere' };
    const publisher = start();
    publisher.order(order());
    await publisher.idle();
    expect(await readdir(published)).toEqual([]);
    expect(rows).toEqual([]);
  });

  it('is nothing where the round has left the spool already', async () => {
    const publisher = start();
    publisher.order(order('update', 5));
    await publisher.idle();
    expect(logged).toContainEqual(expect.stringContaining('MODEL_STATE_MISSING'));
    expect(await readdir(published)).toEqual([]);
  });
});
