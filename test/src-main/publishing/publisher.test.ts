import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as scure from '@scure/sr25519';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PublishedRun } from '../../../src-main/publishing/prepare.ts';
import { type Publisher, type PublishOrder, startPublisher } from '../../../src-main/publishing/publisher.ts';
import type { UploadRow } from '../../../src-main/store/rows.ts';
import { openVault } from '../../../src-main/vault/vault.ts';
import type { CodedError } from '../../../src-shared/errors/app-error.ts';
import { profileHash } from '../../../src-shared/profile/profile.ts';
import { isSignedBy, readManifest } from '../../../src-shared/published/manifest.ts';
import { defaultSettings, type SettingValues } from '../../../src-shared/settings.ts';
import { importState } from '../../../src-worker/train/interchange/state-folder.ts';
import { soon } from '../../soon.ts';
import { ELEMENTS, smallConsensus, standingState } from '../../src-worker/train/interchange/published-rig.ts';

const { signal } = new AbortController();
let home: string;
let published: string;
let values: SettingValues;
let run: PublishedRun;
let state: Awaited<ReturnType<typeof standingState>>;
let rows: UploadRow[];
let notices: CodedError[];
let logged: string[];
let publishers: Publisher[];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'butterfly-publisher-'));
  published = join(home, 'published');
  await mkdir(published);
  const vault = openVault({ dir: join(home, 'keys') });
  const hotkey = await vault.ensureHotkey('default');
  state = await standingState(home, hotkey);
  run = {
    hotkey,
    profileHash: profileHash(smallConsensus),
    consensus: smallConsensus,
    stateDir: state.stateDir,
    spoolDir: join(home, 'spool'),
    sign: (manifest) => vault.signManifest('default', manifest),
    losses: async () => [
      { atMs: 1, loss: 9 },
      { atMs: 2, loss: 4 },
    ],
  };
  values = { ...defaultSettings, 'publishing.to': 'folder', 'publishing.folder': published };
  rows = [];
  notices = [];
  logged = [];
  publishers = [];
});
afterEach(async () => {
  for (const publisher of publishers) await publisher.stop();
  await rm(home, { recursive: true, force: true });
});

function start(): Publisher {
  const publisher = startPublisher({
    ...{ dataDir: join(home, 'data'), extraEnv: {}, log: (line) => void logged.push(line), settings: () => values },
    notices: { notice: (error) => void notices.push(error), clearNotice: () => undefined },
    store: { add: (_table, row) => void rows.push(row as UploadRow) },
    tokens: { reveal: () => Promise.reject(new Error('no token is needed')) },
  });
  publishers.push(publisher);
  return publisher;
}

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

  it('waits where its store is not there, is told, and goes on when it is', async () => {
    values = { ...values, 'publishing.folder': join(home, 'a-disk') };
    const publisher = start();
    publisher.order(order());
    await publisher.idle();
    expect(notices.map(({ code }) => code)).toEqual(['STORE_PLACE_MISSING']);
    expect((await waiting()).length).toBe(2);
    await mkdir(join(home, 'a-disk'));
    publisher.settingsChanged();
    await publisher.idle();
    expect(await readdir(join(home, 'a-disk'))).toEqual(['1.1.17']);
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
    expect(await readdir(join(home, 'a-disk'))).toEqual(['1.1.17']);
  });

  it('stands still while a round averages, and goes on after it', async () => {
    const publisher = start();
    publisher.setAveraging(run.hotkey, true);
    publisher.order(order());
    await soon(async () => expect(await readdir(published)).toContain('.1.1.17.new'));
    expect(await readdir(published)).toEqual(['.1.1.17.new']);
    publisher.setAveraging(run.hotkey, false);
    await publisher.idle();
    expect(await readdir(published)).toEqual(['1.1.17']);
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
    expect(logged.some((line) => line.includes('MODEL_STATE_MISSING'))).toBe(true);
    expect(await readdir(published)).toEqual([]);
  });
});
