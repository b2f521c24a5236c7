import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gpt2Tensors } from '../../../../src-shared/model/gpt2-names.ts';
import { parameterCount } from '../../../../src-shared/model/layout.ts';
import {
  encodeHeader,
  headerBytes,
  parseHeader,
  type Tensor,
} from '../../../../src-shared/model/safetensors.ts';
import {
  flatOf,
  withModelFolder,
  writeModelFolder,
} from '../../../../src-worker/train/interchange/model-folder.ts';
import { WINDOW_ELEMENTS } from '../../../../src-worker/train/vector-source.ts';
import { runs } from '../../../runs.ts';
import { TINY, testWeights } from '../engine/support.ts';

const flat = testWeights(TINY);
const never = new AbortController().signal;
const model = {
  config: TINY,
  tokenizer: 'practice-4096',
  read: async (offset: number, length: number) => flat.slice(offset, offset + length),
  metadata: { butterfly: 'a test' },
} as const;

let root: string;
let into: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'butterfly-model-'));
  into = join(root, 'model');
});
afterEach(() => rm(root, { recursive: true, force: true }));

const write = (signal = never, seen: (bytes: number) => void = () => {}) =>
  writeModelFolder(into, model, { signal, seen });
const readBack = () => withModelFolder(into, (config, weights) => flatOf(config, weights, never));

/** One tensor of the file, by its name in the file, changed on the way. */
type Change = (tensor: Tensor & { bytes: Uint8Array }) => (Tensor & { bytes: Uint8Array }) | null;

/** A weights file made here, not by the writer that is tested: from the names, the shapes and the flat vector. */
async function writeByHand(
  change: Change = (tensor) => tensor,
  more: (Tensor & { bytes: Uint8Array })[] = [],
) {
  const tensors = gpt2Tensors(TINY).map(({ name, shape, offset, length, transposed }) => {
    const values = flat.slice(offset, offset + length);
    const [inputs = 1, outputs = 1] = shape;
    const turned = values.map((_, i) => values[(i % outputs) * inputs + Math.floor(i / outputs)]!);
    const bytes = new Uint8Array((transposed ? turned : values).buffer);
    return { name, shape, dtype: 'F32' as Tensor['dtype'], bytes };
  });
  const left = [...tensors.map(change).filter((tensor) => tensor !== null), ...more];
  await write();
  const parts = [encodeHeader(left), ...left.map(({ bytes }) => bytes)];
  await writeFile(join(into, 'model.safetensors'), Buffer.concat(parts));
}

async function changeConfig(change: Readonly<Record<string, unknown>>) {
  await write();
  const path = join(into, 'config.json');
  await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), ...change }));
}

const refusal = (code: string, reason: RegExp) =>
  expect.objectContaining({
    code,
    params: expect.objectContaining({ reason: expect.stringMatching(reason) }),
  });

describe('a model folder', () => {
  it('gives back every weight as it was', async () => {
    const seen: number[] = [];
    const bytes = await write(never, (so) => seen.push(so));
    expect(bytes).toBeGreaterThan(4 * parameterCount(TINY));
    expect(seen.at(-1)).toBe(bytes);
    expect(await readBack()).toEqual(flat);
  });

  it('gives back tensors that pass by in several windows', async () => {
    const config = { layers: 1, width: 520, heads: 2, context: 9, vocab: 2_100 };
    const large = Float32Array.from({ length: parameterCount(config) }, (_, i) => Math.fround(Math.sin(i)));
    const read = async (offset: number, length: number) => large.slice(offset, offset + length);
    expect(Math.min(4 * config.width ** 2, config.vocab * config.width)).toBeGreaterThan(WINDOW_ELEMENTS);
    await writeModelFolder(into, { ...model, config, read }, { signal: never, seen: () => {} });
    expect(Buffer.from((await readBack()).buffer).equals(Buffer.from(large.buffer))).toBe(true);
    // The first row of what they call Conv1D is our first column.
    const { name, offset, length } = gpt2Tensors(config).find((tensor) =>
      tensor.name.endsWith('mlp.c_fc.weight'),
    )!;
    const bytes = await readFile(join(into, 'model.safetensors'));
    const header = parseHeader(bytes.subarray(8, 8 + headerBytes(bytes, bytes.length)), bytes.length);
    const { begin } = header.tensors.find((tensor) => tensor.name === name)!;
    const outputs = length / config.width;
    for (const [row, column] of [
      [0, 1],
      [519, 0],
      [519, 2_079],
    ] as const)
      expect(bytes.readFloatLE(begin + 4 * (row * outputs + column))).toBe(
        large[offset + column * config.width + row],
      );
  });

  it('holds what GPT2LMHeadModel and its tokenizer load', async () => {
    await write();
    expect((await readdir(into)).sort()).toEqual([
      'config.json',
      'generation_config.json',
      'merges.txt',
      'model.safetensors',
      'tokenizer.json',
      'tokenizer_config.json',
      'vocab.json',
    ]);
    const config = JSON.parse(await readFile(join(into, 'config.json'), 'utf8'));
    expect(config).toMatchObject({ model_type: 'gpt2', n_layer: 2, n_embd: 16, n_head: 2, vocab_size: 37 });
  });

  it('is byte for byte what the names, the shapes and the weights say', async () => {
    await writeByHand();
    expect(await readBack()).toEqual(flat);
    const byHand = await readFile(join(into, 'model.safetensors'));
    await rm(into, { recursive: true });
    await write();
    const written = await readFile(join(into, 'model.safetensors'));
    const dataBytes = 4 * parameterCount(TINY);
    expect(written.subarray(-dataBytes).equals(byHand.subarray(-dataBytes))).toBe(true);
  });

  it('is not written over something', async () => {
    await mkdir(into);
    await writeFile(join(into, 'mine.txt'), 'x');
    await expect(write()).rejects.toMatchObject({ code: 'MODEL_FOLDER_TAKEN' });
    expect(await readdir(root)).toEqual(['model']);
    await rm(join(into, 'mine.txt'));
    await write();
    expect(await readBack()).toEqual(flat);
  });

  it('is whole or not there: stopped half-way it leaves nothing', async () => {
    const stop = new AbortController();
    await expect(write(stop.signal, () => stop.abort())).rejects.toThrow();
    expect(await readdir(root)).toEqual([]);
  });
});

describe('a model of another program is taken', () => {
  it('in float16', async () => {
    await writeByHand((tensor) => {
      const values = new Float32Array(tensor.bytes.buffer);
      return { ...tensor, dtype: 'F16', bytes: new Uint8Array(Float16Array.from(values).buffer) };
    });
    expect(await readBack()).toEqual(Float32Array.from(Float16Array.from(flat)));
  });

  it('in bfloat16', async () => {
    const cut = (value: number) => new Uint32Array(Float32Array.of(value).buffer)[0]! >>> 16;
    await writeByHand((tensor) => {
      const halves = Uint16Array.from(new Float32Array(tensor.bytes.buffer), cut);
      return { ...tensor, dtype: 'BF16', bytes: new Uint8Array(halves.buffer) };
    });
    const words = Uint32Array.from(flat, (value) => cut(value) << 16);
    expect(await readBack()).toEqual(new Float32Array(words.buffer));
  });

  it('under the names of the first GPT-2 files, with their masks and a head that is the embedding', async () => {
    const wte = new Uint8Array(flat.slice(0, TINY.vocab * TINY.width).buffer);
    const mask = {
      name: 'h.0.attn.bias',
      dtype: 'U8' as const,
      shape: [1, 1, 2, 2],
      bytes: new Uint8Array(4),
    };
    const head = {
      name: 'lm_head.weight',
      dtype: 'F32' as const,
      shape: [TINY.vocab, TINY.width],
      bytes: wte,
    };
    await writeByHand(
      (tensor) => ({ ...tensor, name: tensor.name.replace('transformer.', '') }),
      [mask, head],
    );
    expect(await readBack()).toEqual(flat);
  });
});

describe('a model is refused', () => {
  const qkv = 'transformer.h.1.attn.c_attn.weight';

  it('that is not there', async () => {
    await expect(readBack()).rejects.toMatchObject({
      code: 'MODEL_FILE_MISSING',
      params: { name: 'config.json' },
    });
    await write();
    await rm(join(into, 'model.safetensors'));
    await expect(readBack()).rejects.toMatchObject({ code: 'MODEL_FILE_MISSING' });
  });

  it('whose file was cut off', async () => {
    await write();
    const whole = await readFile(join(into, 'model.safetensors'));
    for (const length of [0, 5, 20, whole.length - 1]) {
      await writeFile(join(into, 'model.safetensors'), whole.subarray(0, length));
      await expect(readBack()).rejects.toMatchObject({ code: 'MODEL_FILE_MALFORMED' });
    }
  });

  it('without one of its tensors', async () => {
    await writeByHand((tensor) => (tensor.name === qkv ? null : tensor));
    await expect(readBack()).rejects.toEqual(refusal('MODEL_FILE_FOREIGN', /c_attn.weight is missing/));
  });

  it('with one more', async () => {
    await writeByHand(
      (tensor) => tensor,
      [{ name: 'extra', dtype: 'F32', shape: [1], bytes: new Uint8Array(4) }],
    );
    await expect(readBack()).rejects.toEqual(refusal('MODEL_FILE_FOREIGN', /extra/));
  });

  it('with a tensor under both of its names', async () => {
    const bytes = new Uint8Array(4 * TINY.width);
    await writeByHand((tensor) => tensor, [{ name: 'ln_f.bias', dtype: 'F32', shape: [TINY.width], bytes }]);
    await expect(readBack()).rejects.toEqual(refusal('MODEL_FILE_FOREIGN', /with and without/));
  });

  it('with a matrix the other way round', async () => {
    await writeByHand((tensor) =>
      tensor.name === qkv ? { ...tensor, shape: tensor.shape.toReversed() } : tensor,
    );
    await expect(readBack()).rejects.toEqual(refusal('MODEL_FILE_FOREIGN', /48 × 16, not 16 × 48/));
  });

  it('of whole numbers', async () => {
    await writeByHand((tensor) => (tensor.name === qkv ? { ...tensor, dtype: 'I32' } : tensor));
    await expect(readBack()).rejects.toEqual(refusal('MODEL_FILE_FOREIGN', /I32/));
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('that holds %s', async (value) => {
    await writeByHand((tensor) => {
      if (tensor.name === qkv) new Float32Array(tensor.bytes.buffer)[7] = value;
      return tensor;
    });
    await expect(readBack()).rejects.toMatchObject({
      code: 'MODEL_FILE_NOT_FINITE',
      params: { tensor: qkv },
    });
  });

  it('whose head is not its embedding', async () => {
    const shape = [TINY.vocab, TINY.width];
    const bytes = new Uint8Array(4 * TINY.vocab * TINY.width);
    await writeByHand((tensor) => tensor, [{ name: 'lm_head.weight', dtype: 'F32', shape, bytes }]);
    await expect(readBack()).rejects.toEqual(refusal('MODEL_FILE_FOREIGN', /output head/));
  });

  it.each([
    ['of another family', { model_type: 'llama' }, /model_type/],
    ['with another activation', { activation_function: 'relu' }, /activation_function/],
    ['with another epsilon', { layer_norm_epsilon: 1e-6 }, /layer_norm_epsilon/],
    ['with a head of its own', { tie_word_embeddings: false }, /tie_word_embeddings/],
    ['with another width inside', { n_inner: 3 }, /n_inner/],
    ['with a width that no engine has', { n_embd: 18, n_head: 3 }, /n_embd/],
    ['with more tokens than a token has bits', { vocab_size: 65_536 }, /vocab_size/],
    ['with heads that do not fit', { n_head: 3 }, /equal heads/],
    ['with more layers than anybody has', { n_layer: 1e9 }, /n_layer/],
    ['with a context of no number', { n_positions: 'nine' }, /n_positions/],
  ])('%s', async (_name, change, reason) => {
    await changeConfig(change);
    await expect(readBack()).rejects.toEqual(refusal('MODEL_FILE_FOREIGN', reason));
  });

  it('or read, whatever happened to its bytes, and never anything else', async () => {
    await write();
    const path = join(into, 'model.safetensors');
    const whole = await readFile(path);
    const damage = fc.record({
      at: fc.nat(whole.length - 1),
      byte: fc.nat(255),
      length: fc.nat(whole.length + 9),
    });
    const judge = async (bytes: Uint8Array) => {
      await writeFile(path, bytes);
      const found = await readBack().catch((thrown: unknown) => thrown);
      if (found instanceof Float32Array) expect(found.every(Number.isFinite)).toBe(true);
      else
        expect(found).toMatchObject({
          code: expect.stringMatching(/^MODEL_FILE_(MALFORMED|FOREIGN|NOT_FINITE)$/),
        });
    };
    await fc.assert(
      fc.asyncProperty(damage, async ({ at, byte, length }) => {
        const flipped = whole.slice();
        flipped[at] = byte;
        await judge(flipped);
        await judge(Buffer.concat([whole, Buffer.alloc(9)]).subarray(0, length));
      }),
      { numRuns: runs(50, 1_000) },
    );
  });

  it('that is a file and no folder', async () => {
    await writeFile(into, 'x');
    await expect(readBack()).rejects.toMatchObject({ code: 'PATH_IS_FILE' });
  });

  it.skipIf(process.platform === 'win32')(
    'that is a pipe, which would wait for whoever writes it',
    async () => {
      for (const name of ['model.safetensors', 'config.json']) {
        await rm(into, { recursive: true, force: true });
        await write();
        await rm(join(into, name));
        execFileSync('mkfifo', [join(into, name)]);
        await expect(readBack()).rejects.toMatchObject({ code: 'PATH_NO_FILE' });
      }
    },
  );

  it('that is a folder', async () => {
    await write();
    await rm(join(into, 'model.safetensors'));
    await mkdir(join(into, 'model.safetensors'));
    await expect(readBack()).rejects.toMatchObject({ code: 'PATH_IS_FOLDER' });
  });

  it('whose config is no JSON', async () => {
    await write();
    await writeFile(join(into, 'config.json'), '{');
    await expect(readBack()).rejects.toEqual(refusal('MODEL_FILE_FOREIGN', /no JSON/));
  });
});
