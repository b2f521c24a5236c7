import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { superviseChild } from '../../../src-main/supervisor/supervise.ts';
import type { ResultOf } from '../../../src-shared/contract/child.ts';
import { onProcessor, type TrainContract, trainContract } from '../../../src-shared/contract/train.ts';
import type { CodedError } from '../../../src-shared/errors/app-error.ts';
import { profileHash } from '../../../src-shared/profile/profile.ts';
import type { Consensus } from '../../../src-shared/profile/schema.ts';
import { practiceProfile } from '../../../src-shared/profile/shipped.ts';
import { buildKernels } from '../../../tools/tasks/build-kernels.ts';
import { packCorpus } from '../../../tools/tasks/pack-corpus.ts';
import { chooseSoftwareGpu } from './engine/software-gpu.ts';
import { ALICE, BLOCK, BOB } from './loop/rig.ts';
import { dropRoot, newRoot } from './state/rig.ts';

const lacking = chooseSoftwareGpu();
const ENTRY = fileURLToPath(new URL('./fixtures/lose-device.ts', import.meta.url));
const STEPS = 4;

const practice = practiceProfile({
  ...{ witness: BOB, ownerColdkey: BOB, endpoint: 'ws://127.0.0.1:1', bootstrap: [] },
}).consensus;
const consensus: Consensus = {
  ...practice,
  model: { ...practice.model, layers: 1, width: 16, heads: 2 },
  // The profile's digest is that of its own, larger model.
  initialWeights: { ...practice.initialWeights, digest: null },
  inner: { ...practice.inner, maxStepsPerRound: STEPS },
};

let corpusDir: string;
const roots: string[] = [];
beforeAll(async () => {
  corpusDir = packCorpus();
  await buildKernels();
});
afterEach(async () => {
  for (const root of roots.splice(0)) await dropRoot(root);
});

/** A round on a card to which something happens after so many slices, supervised as the host does it. */
async function playRound(how: 'pulled' | 'killed', lostAfterSlices: number) {
  const root = await newRoot();
  roots.push(root);
  const notices: CodedError[] = [];
  const ready: (number | null)[] = [];
  const [stateDir, spoolDir] = [join(root, 'state'), join(root, 'spool')];
  const child = superviseChild({
    contract: trainContract,
    name: 'train',
    entry: ENTRY,
    extraEnv: {
      VK_DRIVER_FILES: process.env.VK_DRIVER_FILES!,
      XDG_RUNTIME_DIR: root,
      LOST_HOW: how,
      LOST_MARK: join(root, 'lost'),
      LOST_AFTER_SLICES: String(lostAfterSlices),
    },
    init: () => ({
      ...{
        stateDir,
        spoolDir,
        corpusDir,
        consensus,
        hotkey: ALICE,
        trains: true,
        adversary: null,
        freeBytes: null,
        lostInUse: null,
      },
      profileHash: profileHash(consensus),
      engine: { ...onProcessor(1), kind: 'gpu' as const },
    }),
    onNotice: (error) => notices.push(error),
    onReady: () => ready.push(performance.now()),
  });
  const signal = AbortSignal.timeout(240_000);
  const order = { round: 0, blockHash: BLOCK };
  let contributed: ResultOf<TrainContract, 'contribute'> | null = null;
  while (contributed === null) {
    await child.whenReady(signal);
    const lives = ready.length;
    const rested = new Promise<void>((resolve) => {
      const off = child.on('activity', (activity) => {
        const isDone = activity.kind === 'resting' && activity.steps === STEPS;
        if (!isDone) return;
        off();
        resolve();
      });
    });
    await child.call('openRound', order, signal);
    await Promise.race([rested, until(() => ready.length > lives || child.state.kind === 'failed', signal)]);
    if (ready.length > lives) continue;
    contributed = await child.call('contribute', { round: 0, codec: 'f32', medianNorm: null }, signal);
  }
  const lines = [...child.report];
  await child.stop();
  return { contributed, lives: ready.length, notices, lines };
}

async function until(isSo: () => boolean, signal: AbortSignal): Promise<void> {
  while (!isSo()) {
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

// Shaders take long to compile where a processor plays a card.
describe.skipIf(lacking !== null || !process.env.BUTTERFLY_LONG)('a graphics card', () => {
  const SLICES = 60;
  let expected: Awaited<ReturnType<typeof playRound>>;
  beforeAll(async () => {
    expected = await playRound('pulled', Number.MAX_SAFE_INTEGER);
    expect(expected).toMatchObject({ lives: 1, notices: [] });
  }, 300_000);

  it('that is pulled in mid-step is started again, and the round ends as if it had not been', async () => {
    const found = await playRound('pulled', SLICES);
    expect(found.lives).toBe(2);
    expect(found.lines.join('\n')).toContain('ENGINE_DEVICE_LOST');
    expect(found.contributed).toEqual(expected.contributed);
  }, 300_000);

  it('whose process is killed with -9 in mid-step ends the round as if it had not been', async () => {
    const found = await playRound('killed', SLICES);
    expect(found.lives).toBe(2);
    expect(found.contributed).toEqual(expected.contributed);
  }, 300_000);
});
