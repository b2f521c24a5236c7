import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkedText, checkedValue } from '../../../../src-node/durable-json.ts';
import { sha256, sha256Hex } from '../../../../src-node/sha256.ts';
import { parameterCount } from '../../../../src-shared/model/layout.ts';
import { profileHash } from '../../../../src-shared/profile/profile.ts';
import { practiceProfile } from '../../../../src-shared/profile/shipped.ts';
import { StateDigest } from '../../../../src-shared/reduce/state-digest.ts';
import { ss58 } from '../../../../src-shared/units.ts';
import { exportState, importState } from '../../../../src-worker/train/interchange/state-folder.ts';
import { Slices } from '../../../../src-worker/train/slices.ts';
import { type Current, peekCurrent } from '../../../../src-worker/train/state/current.ts';
import { Disk } from '../../../../src-worker/train/state/disk.ts';
import { stateFolder } from '../../../../src-worker/train/state/layout.ts';
import { openReplica } from '../../../../src-worker/train/state/open.ts';
import { VectorLocal } from '../state/rig.ts';

const HOTKEY = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
const profile = practiceProfile({ witness: HOTKEY, ownerColdkey: HOTKEY, endpoint: '', bootstrap: [] });
const consensus = {
  ...profile.consensus,
  model: { ...profile.consensus.model, layers: 2, width: 16, heads: 2, vocab: 512, context: 32 },
};
const ELEMENTS = parameterCount(consensus.model);

const { signal } = new AbortController();
const seen = () => undefined;
let root: string;
let into: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'butterfly-published-'));
  into = join(root, 'published');
  await mkdir(into);
  await openReplica({
    ...{ stateDir: stateDir(), spoolDir: join(root, 'spool'), consensus },
    ...{ profileHash: profileHash(consensus), hotkey: HOTKEY, elements: ELEMENTS },
    initialWeights: async () => Float32Array.from({ length: ELEMENTS }, (_, i) => Math.sin(i)),
    ...{ local: new VectorLocal(), disk: new Disk(), slices: new Slices() },
  });
  await giveMomentum();
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** As after a round: the same base with momentum, under its own digest. */
async function giveMomentum(): Promise<void> {
  const { standing } = (await peekCurrent(stateFolder(stateDir())))!;
  const path = join(stateDir(), standing.state);
  const bytes = await readFile(path);
  const momentum = Float32Array.from({ length: ELEMENTS }, (_, i) => Math.cos(i) / 3);
  bytes.set(new Uint8Array(momentum.buffer), 4 * ELEMENTS);
  await writeFile(path, bytes);
  const digest = new StateDigest(consensus.codec.pieceBytes, sha256);
  digest.update(bytes);
  const baseDigest = digest.finish().digest;
  const { current } = stateFolder(stateDir());
  const value = checkedValue(await readFile(current, 'utf8'))!.value as Current;
  await writeFile(current, checkedText({ ...value, standing: { ...standing, round: 0, baseDigest } }));
}

function stateDir(): string {
  return join(root, 'state');
}
const write = (bytesMax?: number) =>
  exportState(
    { stateDir: stateDir(), profileHash: profileHash(consensus), hotkey: HOTKEY, consensus, into },
    { signal, seen, ...(bytesMax && { bytesMax }) },
  );
const back = (baseDigest: string, bytesMax?: number) =>
  importState(
    { folder: into, consensus, baseDigest: baseDigest as never, into: join(root, 'back.bin') },
    signal,
    bytesMax,
  );
async function stateFile(): Promise<Buffer> {
  const { standing } = (await peekCurrent(stateFolder(stateDir())))!;
  return readFile(join(stateDir(), standing.state));
}

describe('a state for everybody', () => {
  it.each([
    ['in one file each', undefined],
    ['in several', 20_000],
  ])('comes back to the bit, momentum included, %s', async (_how, bytesMax) => {
    const { baseDigest, round } = await write(bytesMax);
    expect(round).toBe(0);
    await back(baseDigest, bytesMax);
    const file = await readFile(join(root, 'back.bin'));
    expect(file.equals(await stateFile())).toBe(true);
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
});
