import type { FileHandle } from 'node:fs/promises';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { Hex } from '../../../src-shared/units.ts';
import { type Current, peekCurrent, type Rebase } from '../state/current.ts';
import { readExactly, withFile } from '../state/files.ts';
import { stateFolder } from '../state/layout.ts';
import { snapshotIn } from '../state/snapshot.ts';
import { isState } from '../state/state-file.ts';
import { floatsOf } from '../state/vectors.ts';
import { STATE_LOOKS } from './limits.ts';
import type { FlatReader } from './write-weights.ts';

/** Whose state lies in a folder, as whoever works there knows it. */
export interface RunState {
  readonly stateDir: string;
  readonly elements: number;
  readonly pieceBytes: number;
  readonly profileHash: Hex;
  readonly hotkey: string;
}

/** `base`: as the chain last agreed on it. `local`: as this hotkey's training last kept it. */
export type WhichWeights = 'base' | 'local';

export interface OpenedWeights {
  /** Round of the base that they are or stand on; -1 before the first commit. */
  readonly round: number;
  readonly read: FlatReader;
}

/**
 * Runs `use` on weights that lie in a run's state folder, whole by their digest. The run may be at work: its files are
 * only read, and one that is replaced meanwhile is looked for again under its new name.
 * @throws {AppError} STATE_FOREIGN, MODEL_STATE_MISSING
 */
export const withWeights = <T>(
  run: RunState,
  which: WhichWeights,
  use: (weights: OpenedWeights) => Promise<T>,
): Promise<T> =>
  atCurrent(run, (current) => (which === 'base' ? atBase(run, current, use) : atLocal(run, current, use)));

/** A whole committed state: what a newcomer stands on. */
export interface OpenedState {
  readonly round: number;
  readonly baseDigest: Hex;
  readonly base: FlatReader;
  readonly momentum: FlatReader;
}

/** The same with base and outer momentum of the committed state. @throws {AppError} as `withWeights` */
export const withState = <T>(run: RunState, use: (state: OpenedState) => Promise<T>): Promise<T> =>
  atCurrent(run, (current) =>
    inState(run, current.standing, (file) => {
      const { round, baseDigest } = current.standing;
      return use({ round, baseDigest, base: reader(file, 0), momentum: reader(file, 4 * run.elements) });
    }),
  );

async function atCurrent<T>(run: RunState, look: (current: Current) => Promise<Looked<T>>): Promise<T> {
  for (let looks = 0; looks < STATE_LOOKS; looks += 1) {
    const current = await peekCurrent(stateFolder(run.stateDir));
    if (!current) break;
    if (
      current.profileHash !== run.profileHash ||
      current.hotkey !== run.hotkey ||
      current.parameters !== run.elements
    )
      throw new AppError('STATE_FOREIGN', { path: run.stateDir });
    const done = await look(current);
    if (done) return done.value;
  }
  throw new AppError('MODEL_STATE_MISSING', { path: run.stateDir });
}

type Use<T> = (weights: OpenedWeights) => Promise<T>;

const atBase = <T>(run: RunState, { standing }: Current, use: Use<T>) =>
  inState(run, standing, (file) => use({ round: standing.round, read: reader(file, 0) }));

const inState = <T>(run: RunState, standing: Current['standing'], use: (file: FileHandle) => Promise<T>) =>
  lookInState(run, standing, async (file) => ({ value: await use(file) }));

const atLocal = async <T>(run: RunState, current: Current, use: Use<T>): Promise<Looked<T>> => {
  const { standing, local, rebase } = current;
  const used = async (read: FlatReader) => ({ value: await use({ round: standing.round, read }) });
  if (local === null) return null;
  if (!rebase) return lookInSnapshot(run, local, standing.id, used);
  // What it learned since it began has another base now.
  return lookInState(run, standing, (base) =>
    lookInSnapshot(run, local, rebase.baseId, (learned) =>
      lookAtStart(run, current, rebase, (from) => used(onto(reader(base, 0), learned, from))),
    ),
  );
};

/** null: a file is gone, or is not what it was. */
type Looked<T> = { readonly value: T } | null;
type Look<F, T> = (at: F) => Promise<Looked<T>>;

function lookInState<T>(
  { stateDir, elements, pieceBytes }: RunState,
  { state, baseDigest }: Current['standing'],
  look: Look<FileHandle, T>,
): Promise<Looked<T>> {
  return withFile(stateFolder(stateDir).path(state), async (file, sizeBytes) =>
    (await isState(file, sizeBytes, elements, { digest: baseDigest, pieceBytes })) ? look(file) : null,
  );
}

function lookInSnapshot<T>(
  { stateDir, elements }: RunState,
  name: string,
  baseId: Hex,
  look: Look<FlatReader, T>,
): Promise<Looked<T>> {
  return withFile(stateFolder(stateDir).path(name), async (file, sizeBytes) => {
    const found = await snapshotIn(file, sizeBytes, elements, baseId);
    return found && look(reader(file, found.begin));
  });
}

/** The weights that the local replica's progress counts from. */
async function lookAtStart<T>(
  run: RunState,
  { formerly }: Current,
  { baseId, from }: Rebase,
  look: Look<FlatReader, T>,
): Promise<Looked<T>> {
  if (from !== null) return lookInSnapshot(run, from, baseId, look);
  return formerly && lookInState(run, formerly, (file) => look(reader(file, 0)));
}

/** As `rebased`, to the last bit. */
const onto =
  (base: FlatReader, learned: FlatReader, from: FlatReader): FlatReader =>
  async (offset, length) => {
    const weights = await base(offset, length);
    const [local, before] = [await learned(offset, length), await from(offset, length)];
    return weights.map((weight, i) => weight + (local[i]! - before[i]!));
  };

const reader =
  (file: FileHandle, begin: number): FlatReader =>
  async (offset, length) =>
    floatsOf(await readExactly(file, begin + 4 * offset, 4 * length), 0, length);
