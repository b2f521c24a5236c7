/** A model trained and exported here, and its loss in Hugging Face's `transformers`. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { initialWeights } from '../../src-shared/model/initial-weights.ts';
import { parameterCount } from '../../src-shared/model/layout.ts';
import { practiceModel } from '../../src-shared/profile/shipped.ts';
import { createCpuEngine } from '../../src-worker/train/engine/cpu/create.ts';
import type { Engine } from '../../src-worker/train/engine/engine.ts';
import { writeModelFolder } from '../../src-worker/train/interchange/model-folder.ts';
import { heldOutSlices } from '../../src-worker/train/loop/evaluate.ts';
import { type EmbeddedCorpus, openEmbeddedCorpus } from '../../src-worker/train/pages/corpus.ts';
import { encodeDocument } from '../../src-worker/train/pages/gpt2.ts';
import { sliceBatch } from '../../src-worker/train/pages/packing.ts';
import { practiceVocabulary, toPractice } from '../../src-worker/train/pages/practice-vocabulary.ts';
import { buildKernels } from '../../tools/tasks/build-kernels.ts';
import { packCorpus } from '../../tools/tasks/pack-corpus.ts';
import { type Figure, figure, unmeasured } from '../report/figures.ts';

const NAME = 'hf-loss-diff';
const HELD = { floor: 1e-4, goal: 1e-5 };
const { model, tokenizer } = practiceModel();
const ADAMW = { lr: 1e-3, beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay: 0.1, clip: 1 };
const STEPS = 150;
const SEQUENCES = 4;
const WINDOWS = 64;
const PYTHON_MS = 5 * 60_000;
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;
/** Letters, digits, signs, spaces in a row and characters beyond ASCII. */
const TEXT = "The river's 1851 charter — it isn’t\n\n   kept in Zürich; 東京 has  two  copies!";

const run = promisify(execFile);
const python = process.env.BUTTERFLY_PYTHON ?? 'python3';

/**
 * Difference of the mean losses over the same held-out windows, in nats per token. `BUTTERFLY_PYTHON` names a Python that
 * has `torch` and `transformers`; they are too large to be fetched for one figure.
 */
export async function hfLossDiff(): Promise<Figure> {
  try {
    await run(python, ['-c', 'import torch, transformers'], { timeout: PYTHON_MS });
  } catch {
    return unmeasured(
      NAME,
      '',
      `${python} has no torch and transformers; BUTTERFLY_PYTHON names another`,
      HELD,
    );
  }
  await buildKernels();
  const corpus = await openEmbeddedCorpus(packCorpus(), { context: model.context, pageSequences: 64 });
  const home = await mkdtemp(join(tmpdir(), 'butterfly-hf-'));
  const engine = await createCpuEngine(model, { maxSequences: SEQUENCES, threads: 1 });
  try {
    await train(engine, corpus);
    const batches = [...heldOutSlices(corpus.heldOut, model.context, WINDOWS)];
    const losses = await engine.losses(batches);
    const tokens = batches.map(({ ids }) => ids.length);
    const ours = losses.reduce((sum, loss, i) => sum + loss * tokens[i]!, 0) / tokens.reduce((a, b) => a + b);

    const flat = new Float32Array(parameterCount(model));
    await engine.read('parameters', flat);
    const folder = join(home, 'model');
    const read = async (offset: number, length: number) => flat.subarray(offset, offset + length);
    const { signal } = new AbortController();
    await writeModelFolder(
      folder,
      { config: model, tokenizer, read, metadata: {} },
      { signal, seen: () => {} },
    );
    const all = (of: 'ids' | 'targets') => batches.flatMap((batch) => [...batch[of]]);
    const given = { context: model.context, ids: all('ids'), targets: all('targets'), text: TEXT };
    const theirs = await inTransformers(folder, join(home, 'windows.json'), given);
    const encoded = toPractice(practiceVocabulary(), encodeDocument(TEXT) ?? []);
    if (encoded.join() !== theirs.tokens.join() || theirs.text !== TEXT)
      throw new Error(`the exported tokenizer makes ${theirs.tokens} of what is ${encoded} here`);
    const seen = `ours ${ours.toFixed(7)}, theirs ${theirs.loss.toFixed(7)} after ${STEPS} steps, ${theirs.versions}; the tokenizer agrees`;
    return figure(NAME, Math.abs(ours - theirs.loss), 'nats', { ...HELD, seen });
  } finally {
    await engine.dispose();
    await rm(home, { recursive: true, force: true });
  }
}

async function train(engine: Engine, corpus: EmbeddedCorpus): Promise<void> {
  await engine.load(initialWeights(model, 'hf-loss'));
  const page = await corpus.loadPage(0, new AbortController().signal);
  for (let step = 0; step < STEPS; step++) {
    await engine.gradient([sliceBatch(page.tokens, model.context, (step * SEQUENCES) % 64, SEQUENCES)]);
    await engine.optimizerStep(ADAMW);
  }
}

interface Theirs {
  readonly loss: number;
  readonly tokens: readonly number[];
  readonly text: string;
  readonly versions: string;
}

async function inTransformers(folder: string, path: string, given: unknown): Promise<Theirs> {
  await writeFile(path, JSON.stringify(given));
  const script = fileURLToPath(new URL('./hf_loss.py', import.meta.url));
  const { stdout } = await run(python, [script, folder, path], {
    timeout: PYTHON_MS,
    maxBuffer: MAX_OUTPUT_BYTES,
    // Nothing is fetched: everything lies in the folder.
    env: { ...process.env, HF_HUB_OFFLINE: '1' },
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Theirs;
}
