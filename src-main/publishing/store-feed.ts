import { rm } from 'node:fs/promises';
import { pause } from '../../src-node/waits.ts';
import type { ParamsOf, ResultOf } from '../../src-shared/contract/child.ts';
import type { StoredTensor } from '../../src-shared/contract/publish/extents.ts';
import type { PublishContract } from '../../src-shared/contract/publish.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import type { ModelConfig } from '../../src-shared/model/layout.ts';
import { type Extent, stateExtents } from '../../src-shared/published/extents.ts';
import type { Manifest } from '../../src-shared/published/manifest.ts';
import { CLAIM_AGAIN_MS, EXTENTS_AT_ONCE, NO_LIST_LOOKS } from './limits.ts';

/** What a store is asked, beside which store and which state it is. */
type Asked<N extends 'store.tensors' | 'store.extent'> = Omit<
  ParamsOf<PublishContract, N>,
  'job' | 'store' | 'secret' | 'tag'
>;

/** One state in one store. */
export interface FedState {
  /** For whoever takes it, and for logs. */
  readonly name: string;
  readonly manifest: Manifest;
  /** File of the store's own, filled by position. */
  readonly scratch: string;
  tensors(
    asked: Asked<'store.tensors'>,
    signal: AbortSignal,
  ): Promise<ResultOf<PublishContract, 'store.tensors'>>;
  extent(asked: Asked<'store.extent'>, signal: AbortSignal): Promise<unknown>;
}

/** What of a transfer a store needs; see `rounds/state-source.ts`. */
export interface FeedSink {
  claim(store: string): Promise<{ readonly extent: number | null; readonly isOver: boolean }>;
  give(store: string, extent: number, path: string): Promise<boolean>;
  drop(store: string, extent: number): Promise<void>;
}

/**
 * Brings extents of a state from one store, some at once, until the state is whole.
 * @throws {AppError} STORE_STATE_DAMAGED for what is not of the state, MODEL_FILE_MALFORMED, or of the store
 */
export async function feedFrom(
  state: FedState,
  model: ModelConfig,
  sink: FeedSink,
  signal: AbortSignal,
): Promise<void> {
  const extents = stateExtents(model);
  const places = await placesIn(state, extents, signal);
  const ending = new AbortController();
  const either = AbortSignal.any([signal, ending.signal]);
  try {
    await Promise.all(
      Array.from({ length: EXTENTS_AT_ONCE }, () =>
        drain(state, { extents, places, sink, signal: either }).catch((thrown: unknown) => {
          ending.abort();
          throw thrown;
        }),
      ),
    );
  } finally {
    await rm(state.scratch, { force: true });
  }
}

interface Draining {
  readonly extents: readonly Extent[];
  readonly places: ReadonlyMap<string, StoredTensor>;
  readonly sink: FeedSink;
  readonly signal: AbortSignal;
}

async function drain(state: FedState, { extents, places, sink, signal }: Draining): Promise<void> {
  let idle = 0;
  while (!signal.aborted) {
    const { extent, isOver } = await sink.claim(state.name);
    if (isOver) return;
    if (extent === null) {
      // Nobody has told the digests of the pieces, or others bring what is left.
      if (++idle > NO_LIST_LOOKS) return;
      await pause(CLAIM_AGAIN_MS, signal);
      continue;
    }
    idle = 0;
    try {
      const { begin, segments } = located(extents[extent]!, places, state.manifest.tag);
      await state.extent({ name: extents[extent]!.file, begin, segments, into: state.scratch }, signal);
    } catch (thrown) {
      await sink.drop(state.name, extent);
      throw thrown;
    }
    if (!(await sink.give(state.name, extent, state.scratch)))
      throw damaged(extents[extent]!.file, state.manifest.tag, 'a piece of it is not of this state');
  }
}

/** Tensors of all files of the state by file and name, read from the files' headers. */
async function placesIn(
  state: FedState,
  extents: readonly Extent[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, StoredTensor>> {
  const places = new Map<string, StoredTensor>();
  for (const name of new Set(extents.map(({ file }) => file))) {
    const file = state.manifest.files.find((one) => one.name === name);
    if (!file) throw damaged(name, state.manifest.tag, 'it is not among its files');
    const { tensors } = await state.tensors({ name, sizeBytes: file.sizeBytes }, signal);
    for (const tensor of tensors) places.set(`${name}/${tensor.name}`, tensor);
  }
  return places;
}

/** Where an extent begins in its file: its segments have to lie there one behind the other, as whole numbers of 4 bytes. */
function located({ file, segments }: Extent, places: ReadonlyMap<string, StoredTensor>, tag: string) {
  const found = segments.map(({ tensor, from, bytes }) => {
    const place = places.get(`${file}/${tensor}`);
    if (place?.dtype !== 'F32' || place.begin + from + bytes > place.end)
      throw damaged(file, tag, `${tensor} is not there as it should be`);
    return { begin: place.begin + from, bytes };
  });
  const [first] = found as [(typeof found)[number]];
  let end = first.begin;
  for (const { begin, bytes } of found) {
    if (begin !== end) throw damaged(file, tag, 'its tensors lie in another order');
    end += bytes;
  }
  return {
    begin: first.begin,
    segments: segments.map(({ bytes, at, turned }) => ({ bytes, at, turned: turned && { ...turned } })),
  };
}

const damaged = (name: string, tag: string, what: string) =>
  new AppError('STORE_STATE_DAMAGED', { name, tag, what });
