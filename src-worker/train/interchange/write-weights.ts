import type { Gpt2Tensor } from '../../../src-shared/model/gpt2-names.ts';
import { encodeHeader } from '../../../src-shared/model/safetensors.ts';
import { bytesOf } from '../state/vectors.ts';
import { WINDOW_ELEMENTS, windowsOver } from '../vector-source.ts';

/** So many elements of a flat vector from `offset` on. */
export type FlatReader = (offset: number, length: number) => Promise<Float32Array>;

/**
 * Tensors of a model as the bytes of a safetensors file, float32. One matrix of one layer is in memory at a time; the embeddings
 * pass by in windows.
 */
export async function* weightsFile(
  tensors: readonly Gpt2Tensor[],
  read: FlatReader,
  metadata: Readonly<Record<string, string>>,
): AsyncGenerator<Uint8Array> {
  yield encodeHeader(
    tensors.map(({ name, shape }) => ({ name, shape, dtype: 'F32' })),
    // Loaders want to know which library's conventions the names follow.
    { format: 'pt', ...metadata },
  );
  for (const tensor of tensors) yield* tensor.transposed ? turned(tensor, read) : asItLies(tensor, read);
}

async function* asItLies({ offset, length }: Gpt2Tensor, read: FlatReader): AsyncGenerator<Uint8Array> {
  for (const window of windowsOver(length)) yield bytesOf(await read(offset + window.offset, window.length));
}

/** Ours [outputs, inputs] as [inputs, outputs], some rows at a time. */
async function* turned({ offset, length, shape }: Gpt2Tensor, read: FlatReader): AsyncGenerator<Uint8Array> {
  const [inputs = 0, outputs = 0] = shape;
  const matrix = await read(offset, length);
  const rows = Math.max(1, Math.floor(WINDOW_ELEMENTS / outputs));
  for (let first = 0; first < inputs; first += rows) {
    const count = Math.min(rows, inputs - first);
    yield bytesOf(transposed(matrix, { outputs, inputs, first, count }));
  }
}

/** Rows [first, first + count) of the transpose of a matrix [outputs, inputs]. */
function transposed(
  matrix: Float32Array,
  part: { readonly outputs: number; readonly inputs: number; readonly first: number; readonly count: number },
): Float32Array {
  const { outputs, inputs, first, count } = part;
  const rows = new Float32Array(count * outputs);
  for (let row = 0; row < count; row++)
    for (let o = 0; o < outputs; o++) rows[row * outputs + o] = matrix[o * inputs + first + row]!;
  return rows;
}
