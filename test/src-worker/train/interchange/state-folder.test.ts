import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sha256Hex } from '../../../../src-node/sha256.ts';
import { profileHash } from '../../../../src-shared/profile/profile.ts';
import { spoolFolder } from '../../../../src-shared/spool.ts';
import {
  exportState,
  exportUpdate,
  importState,
} from '../../../../src-worker/train/interchange/state-folder.ts';
import { smallConsensus as consensus, OWNER as HOTKEY, standingState } from './published-rig.ts';

const { signal } = new AbortController();
const seen = () => undefined;
let root: string;
let into: string;

let state: Awaited<ReturnType<typeof standingState>>;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'butterfly-published-'));
  into = join(root, 'published');
  await mkdir(into);
  state = await standingState(root);
});
afterEach(() => rm(root, { recursive: true, force: true }));

const write = (bytesMax?: number) =>
  exportState(
    { stateDir: state.stateDir, profileHash: profileHash(consensus), hotkey: HOTKEY, consensus, into },
    { signal, seen, ...(bytesMax && { bytesMax }) },
  );
const back = (baseDigest: string, bytesMax?: number) =>
  importState(
    { folder: into, consensus, baseDigest: baseDigest as never, into: join(root, 'back.bin') },
    signal,
    bytesMax,
  );
describe('a state for everybody', () => {
  it.each([
    ['in one file each', undefined],
    ['in several', 20_000],
  ])('comes back to the bit, momentum included, %s', async (_how, bytesMax) => {
    const { baseDigest, round } = await write(bytesMax);
    expect(round).toBe(0);
    await back(baseDigest, bytesMax);
    const file = await readFile(join(root, 'back.bin'));
    expect(file.equals(await state.stateFile())).toBe(true);
    expect(file.subarray(file.length / 2).some((byte) => byte !== 0)).toBe(true);
  });

  it('names each of its files as it lies there', async () => {
    const { files } = await write(20_000);
    expect(files.map(({ name }) => name).sort()).toEqual((await readdir(into)).sort());
    for (const { name, sizeBytes, sha256 } of files) {
      const bytes = await readFile(join(into, name));
      expect([bytes.length, sha256Hex(bytes)]).toEqual([sizeBytes, sha256]);
    }
  });

  it('has parts below their bound where it has several, and a list of what is where', async () => {
    const { files } = await write(20_000);
    const parts = files.filter(({ name }) => /^model-\d{5}-of-\d{5}\.safetensors$/.test(name));
    expect(parts.length).toBeGreaterThan(1);
    const index = JSON.parse(await readFile(join(into, 'model.safetensors.index.json'), 'utf8'));
    expect(new Set(Object.values(index.weight_map))).toEqual(new Set(parts.map(({ name }) => name)));
  });

  it('is none where it comes to another digest than the chain names, and nothing of it stays', async () => {
    const { baseDigest } = await write();
    const path = join(into, 'outer.safetensors');
    const bytes = await readFile(path);
    bytes[bytes.length - 2]! ^= 1;
    await writeFile(path, bytes);
    await expect(back(baseDigest)).rejects.toMatchObject({ code: 'STORE_STATE_DAMAGED' });
    expect((await readdir(root)).filter((name) => name.startsWith('back'))).toEqual([]);
  });

  it('is none without one of its files', async () => {
    await expect(back('ab'.repeat(32))).rejects.toMatchObject({ code: 'MODEL_FILE_MISSING' });
  });

  it('has what a round changed as the round left it', async () => {
    const folder = join(root, 'spool', spoolFolder(7));
    await mkdir(folder, { recursive: true });
    const average = randomBytes(5_000_000);
    await writeFile(join(folder, 'average.bin'), average);
    await writeFile(join(folder, 'average.json'), '{}');
    const { files } = await exportUpdate({ spoolDir: join(root, 'spool'), round: 7, into }, signal);
    expect(files.map(({ name }) => name)).toEqual(['average.bin', 'average.json']);
    expect(files[0]).toMatchObject({ sizeBytes: average.length, sha256: sha256Hex(average) });
    expect((await readFile(join(into, 'average.bin'))).equals(average)).toBe(true);
    const gone = exportUpdate({ spoolDir: join(root, 'spool'), round: 8, into }, signal);
    await expect(gone).rejects.toMatchObject({ code: 'MODEL_STATE_MISSING' });
  });
});
