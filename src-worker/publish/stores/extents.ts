import type { FileHandle } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { openOrCreate, writeAt } from '../../../src-node/durable.ts';
import type { ReadSegment, StoredTensor } from '../../../src-shared/contract/publish/extents.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { headerBytes, PREFIX_BYTES, parseHeader } from '../../../src-shared/model/safetensors.ts';
import { Patience } from './retry.ts';
import type { StateReader, StoreGround } from './store.ts';

/** Elements that are turned at a stretch: some milliseconds. */
const TURNED_AT_ONCE = 1_048_576;
/** Rows and columns of a tile that stays in the processor's cache. */
const TILE = 64;

interface StoredFileAt {
  readonly tag: string;
  readonly name: string;
}

/** A store, and what is waited with where it breaks off. */
export interface ReadFrom {
  readonly store: StateReader;
  readonly ground: Pick<StoreGround, 'pause' | 'waiting'>;
}

/**
 * Where the tensors lie in a file of weights, by its header.
 * @throws {AppError} MODEL_FILE_MALFORMED, or of the store
 */
export async function tensorsOf(
  from: ReadFrom,
  { tag, name, sizeBytes }: StoredFileAt & { readonly sizeBytes: number },
  signal: AbortSignal,
): Promise<StoredTensor[]> {
  const read = (begin: number, bytes: number) =>
    exactly(readOn(from, { tag, name }, { begin, end: begin + bytes }, signal), bytes, name);
  const length = headerBytes(await read(0, PREFIX_BYTES), sizeBytes);
  const header = parseHeader(await read(PREFIX_BYTES, length), sizeBytes);
  return header.tensors.map((tensor) => ({
    name: tensor.name,
    dtype: tensor.dtype,
    begin: tensor.begin,
    end: tensor.end,
  }));
}

/**
 * Brings neighbouring bytes of one file by one request, and writes each stretch of them where it belongs in a file of
 * another order; a matrix that lies the other way round there is turned. What is written is believed by nobody.
 * @throws {AppError} of the store, or of the disk
 */
export async function readExtent(
  from: ReadFrom,
  extent: StoredFileAt & {
    readonly begin: number;
    readonly segments: readonly ReadSegment[];
    readonly into: string;
  },
  signal: AbortSignal,
): Promise<void> {
  const { tag, name, begin, segments, into } = extent;
  const bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
  const source = portions(readOn(from, { tag, name }, { begin, end: begin + bytes }, signal), name);
  try {
    const target = await openOrCreate(into);
    try {
      await fill(target);
    } finally {
      await target.close();
    }
  } finally {
    await source.end();
  }

  async function fill(target: FileHandle): Promise<void> {
    for (const { bytes: length, at, turned } of segments) {
      const stretch = await source.take(length);
      await writeAt(target, turned ? await turn(stretch, turned, signal) : stretch, at);
    }
  }
}

/** A stretch of a file, gone on with from where it broke off: one cut line among hundreds of requests is no failure. */
async function* readOn(
  { store, ground }: ReadFrom,
  { tag, name }: StoredFileAt,
  { begin, end }: { readonly begin: number; readonly end: number },
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const patience = new Patience(ground, signal);
  for (let at = begin; at < end; ) {
    const from = at;
    try {
      for await (const portion of store.read(tag, name, { begin: at, end }, signal)) {
        at += portion.length;
        yield portion;
      }
      if (at < end) throw brokeOff(name);
    } catch (thrown) {
      // The store was patient itself with what does not begin.
      if (at === from) throw thrown;
      await patience.after(thrown);
    }
  }
}

const brokeOff = (name: string) => new AppError('STORE_UNREACHABLE', { store: name, why: 'it broke off' });

async function exactly(source: AsyncIterable<Uint8Array>, bytes: number, name: string): Promise<Uint8Array> {
  const reading = portions(source, name);
  try {
    return await reading.take(bytes);
  } finally {
    await reading.end();
  }
}

/** Cuts what comes into stretches of the lengths that are wanted. */
function portions(source: AsyncIterable<Uint8Array>, name: string) {
  const iterator = source[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array(0);
  return {
    async take(bytes: number): Promise<Uint8Array> {
      const whole = new Uint8Array(bytes);
      for (let at = 0; at < bytes; ) {
        if (rest.length === 0) {
          const next = await iterator.next();
          if (next.done) throw brokeOff(name);
          rest = next.value;
        }
        const portion = rest.subarray(0, bytes - at);
        whole.set(portion, at);
        at += portion.length;
        rest = rest.subarray(portion.length);
      }
      return whole;
    },
    /** Nothing more is wanted: what sends on is ended. */
    async end(): Promise<void> {
      await iterator.return?.();
    },
  };
}

/** [inputs, outputs] as [outputs, inputs], numbers of four bytes. */
async function turn(
  bytes: Uint8Array,
  { inputs, outputs }: { readonly inputs: number; readonly outputs: number },
  signal: AbortSignal,
): Promise<Uint8Array> {
  const from = new Uint32Array(bytes.buffer, bytes.byteOffset, inputs * outputs);
  const to = new Uint32Array(inputs * outputs);
  const rowsAtOnce = Math.max(TILE, TILE * Math.floor(TURNED_AT_ONCE / inputs / TILE));
  for (let first = 0; first < outputs; first += rowsAtOnce) {
    signal.throwIfAborted();
    turnRows({ from, to, inputs, outputs }, first, Math.min(outputs, first + rowsAtOnce));
    await setImmediate();
  }
  return new Uint8Array(to.buffer);
}

interface Turning {
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  readonly inputs: number;
  readonly outputs: number;
}

function turnRows({ from, to, inputs, outputs }: Turning, first: number, end: number): void {
  for (let top = first; top < end; top += TILE)
    for (let left = 0; left < inputs; left += TILE)
      for (let row = top; row < Math.min(end, top + TILE); row++)
        for (let column = left; column < Math.min(inputs, left + TILE); column++)
          to[row * inputs + column] = from[column * outputs + row]!;
}
