/**
 * One number for each parameter, of which nobody needs more than a window at a time: it lies in an engine or on a
 * disk, or is computed as it is read. Only what has to be in one piece is held in memory.
 */
export interface VectorSource {
  /** It lies in a file: the next window may be read while the last one is still being used. */
  readonly isStored?: true;
  /**
   * Copies elements from `offset` on until `into` is full.
   * @throws {AppError} STATE_FILE_MALFORMED where its file is gone or shorter than it was
   */
  read(into: Float32Array, offset: number): Promise<void>;
}

/** Elements of one window: 4 MiB of float32. */
export const WINDOW_ELEMENTS = 2 ** 20;

/** Elements of a vector from `offset` on. */
export interface VectorWindow {
  readonly offset: number;
  readonly values: Float32Array;
}

export const inMemory = (vector: Float32Array): VectorSource => ({
  read: async (into, offset) => into.set(vector.subarray(offset, offset + into.length)),
});

/** All of it 0. */
export const zeros: VectorSource = { read: async (into) => void into.fill(0) };

/** The vector in one piece, for what needs all of it at a time. */
export async function whole(source: VectorSource, elements: number): Promise<Float32Array<ArrayBuffer>> {
  const vector = new Float32Array(elements);
  for (const { offset, length } of windowsOver(elements))
    await source.read(vector.subarray(offset, offset + length), offset);
  return vector;
}

/** Offsets and lengths of the windows over a vector of so many elements. */
export function* windowsOver(
  elements: number,
  most = WINDOW_ELEMENTS,
): Generator<{ readonly offset: number; readonly length: number }> {
  for (let offset = 0; offset < elements; offset += most)
    yield { offset, length: Math.min(most, elements - offset) };
}

/** The vector, window by window; each holds until the next is asked for. */
export async function* windowsOf(source: VectorSource, elements: number): AsyncGenerator<VectorWindow> {
  for await (const { offset, vectors } of windowsSideBySide([source], elements))
    yield { offset, values: vectors[0]! };
}

/** The same elements of several vectors. */
export interface SideBySide {
  readonly offset: number;
  readonly vectors: readonly Float32Array[];
}

/**
 * Vectors of one length, window by window; each holds until the next is asked for. Where all of them are stored the disk
 * reads the next one meanwhile; an engine is left alone while somebody works on what came of it.
 */
export async function* windowsSideBySide(
  sources: readonly VectorSource[],
  elements: number,
  most = WINDOW_ELEMENTS,
): AsyncGenerator<SideBySide> {
  const isAhead = sources.every(({ isStored }) => isStored);
  const size = Math.min(most, elements);
  const rooms = Array.from({ length: isAhead ? 2 : 1 }, () => sources.map(() => new Float32Array(size)));
  const windows = [...windowsOver(elements, most)];
  const read = async (n: number): Promise<SideBySide> => {
    const { offset, length } = windows[n]!;
    const vectors = rooms[n % rooms.length]!.map((room) => room.subarray(0, length));
    await Promise.all(sources.map((source, k) => source.read(vectors[k]!, offset)));
    return { offset, vectors };
  };
  let ahead: Promise<SideBySide> | null = null;
  try {
    for (let n = 0; n < windows.length; n += 1) {
      const window = await (ahead ?? read(n));
      ahead = isAhead && n + 1 < windows.length ? read(n + 1) : null;
      // Its failure is met when its turn comes.
      ahead?.catch(() => {});
      yield window;
    }
  } finally {
    await ahead?.catch(() => {});
  }
}
