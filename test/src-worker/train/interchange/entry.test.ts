import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { corpusDir, entryPath } from '../../../../src-main/entry-path.ts';
import { type SupervisedChild, superviseChild } from '../../../../src-main/supervisor/supervise.ts';
import { type ModelContract, modelContract } from '../../../../src-shared/contract/model.ts';
import { initialWeights } from '../../../../src-shared/model/initial-weights.ts';
import { parameterCount } from '../../../../src-shared/model/layout.ts';
import { profileHash } from '../../../../src-shared/profile/profile.ts';
import { practiceProfile } from '../../../../src-shared/profile/shipped.ts';
import { ss58 } from '../../../../src-shared/units.ts';
import { Slices } from '../../../../src-worker/train/slices.ts';
import { Disk } from '../../../../src-worker/train/state/disk.ts';
import { openReplica } from '../../../../src-worker/train/state/open.ts';
import { buildKernels } from '../../../../tools/tasks/build-kernels.ts';
import { packCorpus } from '../../../../tools/tasks/pack-corpus.ts';
import { VectorLocal } from '../state/rig.ts';

const hotkey = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
const practice = practiceProfile({
  witness: hotkey,
  ownerColdkey: hotkey,
  endpoint: '',
  bootstrap: [],
}).consensus;
/** The practice's tokens, in a model that is written and measured in a moment. */
const consensus = { ...practice, model: { ...practice.model, layers: 1, width: 16, heads: 2 } };
const { signal } = new AbortController();

let root: string;
let child: SupervisedChild<ModelContract>;
const at = (name: string) => join(root, name);

beforeAll(async () => {
  await buildKernels();
  packCorpus();
  root = await mkdtemp(join(tmpdir(), 'butterfly-model-'));
  await openReplica({
    ...{
      stateDir: at('state'),
      spoolDir: at('spool'),
      consensus,
      profileHash: profileHash(consensus),
      hotkey,
    },
    elements: parameterCount(consensus.model),
    initialWeights: async () => initialWeights(consensus.model, 'a test'),
    ...{ local: new VectorLocal(), disk: new Disk(), slices: new Slices() },
  });
  child = superviseChild({
    contract: modelContract,
    name: 'model',
    entry: entryPath('model'),
    extraEnv: {},
    init: () => ({ corpusDir: corpusDir() }),
  });
  await child.whenReady(signal);
});
afterAll(async () => {
  await child.stop();
  await rm(root, { recursive: true, force: true });
});

const { name, model, tokenizer, codec } = consensus;
const run = { consensus: { name, model, tokenizer, codec }, profileHash: profileHash(consensus), hotkey };
const exportTo = (into: string) =>
  child.call('exportModel', { ...run, stateDir: at('state'), which: 'base', into: at(into) }, signal);
const inspect = (path: string, begin: string | null, seed = 0) =>
  child.call('inspectModel', { path: at(path), begin, tokens: 12, seed }, signal);

test('a process exports a run’s model, and finds it whole, readable and as ignorant as it is', async () => {
  const progress: number[] = [];
  const off = child.on('progress', ({ done }) => progress.push(done));
  const exported = await exportTo('model');
  off();
  expect(exported).toMatchObject({ round: -1, parameters: parameterCount(model) });
  expect(progress.at(-1)).toBe(exported.sizeBytes);
  const found = await inspect('model', 'The river');
  expect(found).toMatchObject({ model, parameters: parameterCount(model), dtypes: ['F32'], tokenizer });
  // Nothing was learnt: every token is as likely as any other.
  expect(found.heldOut?.loss).toBeCloseTo(Math.log(model.vocab), 1);
  expect(found.written).not.toBe('');
  expect(await inspect('model', 'The river')).toEqual(found);
  expect((await inspect('model', 'The river', 1)).written).not.toBe(found.written);
  expect((await inspect('model', null)).written).toBeNull();
});

test('a model whose tokens are not known here is checked, and neither measured nor read', async () => {
  await exportTo('mute');
  await rm(at('mute/tokenizer.json'));
  expect(await inspect('mute', 'The river')).toMatchObject({ tokenizer: null, heldOut: null, written: null });
});

test('what cannot be done is refused by its code', async () => {
  await expect(inspect('nothing', null)).rejects.toMatchObject({ code: 'MODEL_FILE_MISSING' });
  const asked = { ...run, which: 'local', into: at('other') } as const;
  await expect(child.call('exportModel', { ...asked, stateDir: at('state') }, signal)).rejects.toMatchObject({
    code: 'MODEL_STATE_MISSING',
  });
  await expect(child.call('exportModel', { ...asked, stateDir: at('none') }, signal)).rejects.toMatchObject({
    code: 'MODEL_STATE_MISSING',
  });
  expect(await readdir(root)).not.toContain('other');
  await exportTo('short');
  for (const begin of ['The river. '.repeat(40), 'x'.repeat(5_000)])
    await expect(inspect('short', begin)).rejects.toMatchObject({ code: 'MODEL_TEXT_REFUSED' });
});
