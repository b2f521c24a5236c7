import type { FileHandle } from 'node:fs/promises';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import {
  decodeFloats,
  type FloatDtype,
  floatBytes,
  isFloatDtype,
} from '../../../src-shared/model/float-formats.ts';
import { type Gpt2Tensor, isDerived, OUTPUT_HEAD, rooted } from '../../../src-shared/model/gpt2-names.ts';
import {
  headerBytes,
  type PlacedTensor,
  PREFIX_BYTES,
  parseHeader,
} from '../../../src-shared/model/safetensors.ts';
import { quotedName } from '../../../src-shared/one-line.ts';
import { readExactly } from '../state/files.ts';
import { windowsOver } from '../vector-source.ts';

/** A window of a tensor as it lies in the file, where its first element belongs in the flat vector. */
export interface WeightsWindow {
  readonly name: string;
  readonly values: Float32Array;
  /** Puts the values where they belong in a whole flat vector. */
  into(flat: Float32Array): void;
}

/** A safetensors file of a GPT-2, checked to hold each tensor that it should once, with its shape, and nothing else. */
export interface WeightsFile {
  /** Kinds of numbers in it, in the order met. */
  readonly dtypes: readonly FloatDtype[];
  /** Every element, checked to be a finite number. @throws {AppError} MODEL_FILE_NOT_FINITE, MODEL_FILE_FOREIGN */
  windows(): AsyncGenerator<WeightsWindow>;
}

/**
 * Reads the header of an open file; nothing is allocated that the file's own size does not bear out.
 * @param tensors of the whole model, or those of this part of it; the embedding is the first of all
 * @throws {AppError} MODEL_FILE_MALFORMED, MODEL_FILE_FOREIGN
 */
export async function openWeights(
  file: FileHandle,
  fileBytes: number,
  tensors: readonly Gpt2Tensor[],
): Promise<WeightsFile> {
  const prefix = await readExactly(file, 0, Math.min(PREFIX_BYTES, fileBytes));
  const header = await readExactly(file, PREFIX_BYTES, headerBytes(prefix, fileBytes));
  const found = new Map<string, Sound>();
  for (const tensor of parseHeader(header, fileBytes).tensors) {
    if (isDerived(tensor.name)) continue;
    const name = rooted(tensor.name);
    if (found.has(name)) throw foreign(`it has ${quotedName(name)} with and without its root`);
    found.set(name, sound(tensor));
  }
  const head = found.get(OUTPUT_HEAD) ?? null;
  found.delete(OUTPUT_HEAD);
  const wanted = tensors.map((tensor) => {
    const there = found.get(tensor.name);
    if (!there) throw foreign(`${tensor.name} is missing`);
    found.delete(tensor.name);
    if (there.shape.join() !== tensor.shape.join())
      throw foreign(`${tensor.name} is ${there.shape.join(' × ')}, not ${tensor.shape.join(' × ')}`);
    return { tensor, there };
  });
  const [surplus] = found.keys();
  if (surplus !== undefined) throw foreign(`it holds ${quotedName(surplus)}, which no GPT-2 has`);
  const [{ there: wte }] = wanted as [(typeof wanted)[number]];
  return {
    dtypes: [...new Set(wanted.map(({ there }) => there.dtype))],
    async *windows() {
      if (head) await demandTied(file, wte, head);
      for (const { tensor, there } of wanted)
        for (const window of windowsOver(tensor.length)) {
          const values = await readWindow(file, there, window);
          demandFinite(tensor.name, values);
          const { offset, shape, transposed } = tensor;
          const at = window.offset;
          const into = (flat: Float32Array) =>
            transposed ? turn(values, at, shape, flat.subarray(offset)) : flat.set(values, offset + at);
          yield { name: tensor.name, values, into };
        }
    },
  };
}

type Sound = PlacedTensor & { readonly dtype: FloatDtype };

function sound(tensor: PlacedTensor): Sound {
  const { dtype } = tensor;
  if (!isFloatDtype(dtype)) throw foreign(`${quotedName(tensor.name)} holds ${dtype} numbers`);
  return { ...tensor, dtype };
}

const foreign = (reason: string) => new AppError('MODEL_FILE_FOREIGN', { reason });

async function readWindow(
  file: FileHandle,
  { dtype, begin }: Sound,
  { offset, length }: { readonly offset: number; readonly length: number },
): Promise<Float32Array> {
  const size = floatBytes(dtype);
  return decodeFloats(dtype, await readExactly(file, begin + size * offset, size * length));
}

function demandFinite(tensor: string, values: Float32Array): void {
  for (let i = 0; i < values.length; i++)
    if (!Number.isFinite(values[i])) throw new AppError('MODEL_FILE_NOT_FINITE', { tensor });
}

/** A head that is not the embedding once more is another model. */
async function demandTied(file: FileHandle, wte: Sound, head: Sound): Promise<void> {
  const untied = foreign('its output head is not its embedding');
  if (head.dtype !== wte.dtype || head.shape.join() !== wte.shape.join()) throw untied;
  const length = wte.shape.reduce((product, size) => product * size, 1);
  for (const window of windowsOver(length)) {
    const [one, other] = [await readWindow(file, wte, window), await readWindow(file, head, window)];
    if (one.some((value, i) => value !== other[i])) throw untied;
  }
}

/** Elements from `at` on of a matrix [inputs, outputs] into its transpose. */
function turn(values: Float32Array, at: number, shape: readonly number[], into: Float32Array): void {
  const [inputs = 1, outputs = 1] = shape;
  let row = Math.floor(at / outputs);
  let column = at - row * outputs;
  for (let i = 0; i < values.length; i++) {
    into[column * inputs + row] = values[i]!;
    column += 1;
    if (column === outputs) [row, column] = [row + 1, 0];
  }
}
