import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  MANIFEST,
  MANIFEST_BYTES_MAX,
  type Manifest,
  writeManifest,
} from '../../../../src-shared/published/manifest.ts';
import { downloadState } from '../../../../src-worker/publish/stores/download.ts';
import type { StateStore } from '../../../../src-worker/publish/stores/store.ts';
import { type MadeState, madeState } from './made-state.ts';
import { plainGround } from './rig.ts';

const { signal } = new AbortController();
const { progress } = plainGround();
let home: string;
let made: MadeState;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'download-'));
  made = await madeState(join(home, 'made'), '1.4.17');
});
afterEach(() => rm(home, { recursive: true }));

/** A store that answers with whatever stands here, however wrong. */
function storeOf(files: Readonly<Record<string, () => AsyncIterable<Uint8Array>>>): StateStore {
  const unused = () => Promise.reject(new Error('not asked for'));
  return {
    ...{ verify: unused, list: unused, put: unused, putProfile: unused, keepFrom: unused },
    read: (_tag, name) => files[name]!(),
  };
}

async function* of(...parts: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}

const manifest = (changes: Partial<Manifest> = {}) => writeManifest({ ...made.manifest, ...changes });
const honest = () => ({
  [MANIFEST]: () => of(manifest()),
  'config.json': () => of(made.files['config.json']!),
  'model.safetensors': () => of(made.files['model.safetensors']!),
});
const into = () => join(home, 'into');
const bring = (files: Parameters<typeof storeOf>[0], names: readonly string[] | null = null) =>
  downloadState(storeOf(files), { tag: '1.4.17', names, into: into() }, progress, signal);
const damaged = { code: 'STORE_STATE_DAMAGED' };

describe('what a store gives', () => {
  it('is taken where it is what its manifest says', async () => {
    await bring(honest());
    expect((await readdir(into())).sort()).toEqual(['config.json', 'manifest.json', 'model.safetensors']);
  });

  it('is not read beyond what a manifest may be', async () => {
    let sent = 0;
    async function* endless() {
      for (;;) {
        sent += 65_536;
        yield new Uint8Array(65_536);
      }
    }
    await expect(bring({ ...honest(), [MANIFEST]: endless })).rejects.toMatchObject(damaged);
    expect(sent).toBeLessThanOrEqual(MANIFEST_BYTES_MAX + 65_536);
  });

  it('is not read beyond the length that a file has', async () => {
    let sent = 0;
    async function* endless() {
      for (;;) {
        sent += 65_536;
        yield new Uint8Array(65_536);
      }
    }
    await expect(bring({ ...honest(), 'model.safetensors': endless })).rejects.toMatchObject(damaged);
    expect(sent).toBeLessThanOrEqual(300_000 + 2 * 65_536);
    expect(await readdir(into())).not.toContain('model.safetensors.part');
  });

  it('is no state where its manifest is of another', async () => {
    const other = () => of(manifest({ tag: '1.5.0' }));
    await expect(bring({ ...honest(), [MANIFEST]: other })).rejects.toMatchObject(damaged);
  });

  it('is gone on with where it broke off', async () => {
    const weights = made.files['model.safetensors']!;
    const half = () => of(weights.subarray(0, 100_000));
    await expect(bring({ ...honest(), 'model.safetensors': half })).rejects.toMatchObject({
      code: 'STORE_UNREACHABLE',
    });
    const rest = () => of(weights.subarray(100_000));
    const { foundBytes } = await bring({ ...honest(), 'model.safetensors': rest });
    expect(foundBytes).toBe(100_000 + made.files['config.json']!.length);
  });

  it('is had whole where what another store began is something else', async () => {
    const begun = () => of(new Uint8Array(100_000));
    await expect(bring({ ...honest(), 'model.safetensors': begun })).rejects.toMatchObject({
      code: 'STORE_UNREACHABLE',
    });
    const store: StateStore = {
      ...storeOf(honest()),
      read: (_tag, name, { begin }) => of(name === MANIFEST ? manifest() : made.files[name]!.subarray(begin)),
    };
    await downloadState(store, { tag: '1.4.17', names: null, into: into() }, progress, signal);
    expect((await readdir(into())).sort()).toEqual(['config.json', 'manifest.json', 'model.safetensors']);
  });

  it('has no file that its manifest does not name', async () => {
    await expect(bring(honest(), ['other.bin'])).rejects.toMatchObject(damaged);
  });

  it('is whole only once its manifest is there, which comes last', async () => {
    const wrong = () => of(new Uint8Array(300_000));
    await expect(bring({ ...honest(), 'model.safetensors': wrong })).rejects.toMatchObject(damaged);
    expect(await readdir(into())).not.toContain(MANIFEST);
  });
});
