import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { EngineChoice } from '../../../../../src-shared/contract/train.ts';
import { profileHash } from '../../../../../src-shared/profile/profile.ts';
import { practiceProfile } from '../../../../../src-shared/profile/shipped.ts';
import { tensorFlowBackend } from '../../../../../src-worker/train/engine/tensorflow/create.ts';
import { buildKernels } from '../../../../../tools/tasks/build-kernels.ts';
import { packCorpus } from '../../../../../tools/tasks/pack-corpus.ts';
import { ALICE, BLOCK, BOB } from '../../loop/rig.ts';
import { TrainProcess } from '../../process.ts';
import { engineContract } from '../contract-suite.ts';
import { addForReal, lacksTensorFlow, tensorFlowFolder } from './native.ts';

/** Before anything is collected: what follows is there or not. */
const isLong = Boolean(process.env.BUTTERFLY_LONG);
const adding = isLong ? await addForReal().then(() => null, String) : null;
if (adding) console.warn(`TensorFlow could not be added: ${adding}.`);
const lacking = lacksTensorFlow();
if (lacking) console.warn(`TensorFlow itself is not tried: ${lacking}.`);
else engineContract('tensorflow', tensorFlowBackend(tensorFlowFolder()), 1);

it.skipIf(!isLong || adding !== null)('was added as a user adds it', () => {
  expect(lacksTensorFlow()).toBeNull();
});

describe.skipIf(lacking !== null)('a train process on TensorFlow', () => {
  const { consensus } = practiceProfile({
    witness: BOB,
    ownerColdkey: BOB,
    endpoint: 'ws://127.0.0.1:1',
    bootstrap: [],
  });
  const short = { ...consensus, inner: { ...consensus.inner, maxStepsPerRound: 3 } };

  async function lossAfterRound(engine: EngineChoice) {
    await buildKernels();
    const root = await mkdtemp(join(tmpdir(), 'train-tensorflow-'));
    const child = new TrainProcess();
    onTestFinished(async () => {
      await child.kill('SIGKILL');
      await rm(root, { recursive: true });
    });
    const ready = await child.start({
      stateDir: join(root, 'state'),
      spoolDir: join(root, 'spool'),
      corpusDir: packCorpus(),
      consensus: short,
      profileHash: profileHash(short),
      hotkey: ALICE,
      trains: true,
      engine,
      adversary: null,
      freeBytes: null,
      lostInUse: null,
    });
    const rested = child.step(({ innerStep }) => innerStep === 3);
    await child.call('openRound', { round: 0, blockHash: BLOCK });
    const { loss, gradNorm } = await rested;
    const question = { round: 0, hotkey: ALICE, blockHash: BLOCK, microBatches: [0] };
    const { sketches } = await child.call('recompute', question);
    return { engine: ready.engine, loss, gradNorm, sketch: sketches[0]! };
  }

  it('takes the steps and the sketches that one on the processor takes', async () => {
    const folder = tensorFlowFolder();
    const found = await lossAfterRound({ kind: 'tensorflow', threads: 1, device: null, share: 1, folder });
    const expected = await lossAfterRound({ kind: 'cpu', threads: 1, device: null, share: 1 });
    expect(found.engine).toMatch(/^TensorFlow 2\./);
    expect(expected.engine).toMatch(/^processor, 1 thread/);
    expect(Math.abs(found.loss - expected.loss)).toBeLessThan(1e-4);
    expect(Math.abs(found.gradNorm / expected.gradNorm - 1)).toBeLessThan(1e-3);
    for (const [index, value] of found.sketch.entries())
      expect(Math.abs(value - expected.sketch[index]!)).toBeLessThan(
        1e-4 * Math.abs(expected.sketch[index]!) + 1e-4,
      );
  });
});
