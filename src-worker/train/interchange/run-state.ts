import type { FileHandle } from 'node:fs/promises';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { Hex } from '../../../src-shared/units.ts';
import { type Current, peekCurrent } from '../state/current.ts';
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
    inState(run, current, (file) => {
      const { round, baseDigest } = current.standing;
      return use({ round, baseDigest, base: reader(file, 0), momentum: reader(file, 4 * run.elements) });
    }),
  );

async function atCurrent<T>(
  run: RunState,
  look: (current: Current) => Promise<{ readonly value: T } | null>,
): Promise<T> {
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

const atBase = <T>(run: RunState, current: Current, use: Use<T>) =>
  inState(run, current, (file) => use({ round: current.standing.round, read: reader(file, 0) }));

/** null: the file is gone, or is not what it was. */
function inState<T>(
  { stateDir, elements, pieceBytes }: RunState,
  { standing }: Current,
  use: (file: FileHandle) => Promise<T>,
): Promise<{ value: T } | null> {
  return withFile(stateFolder(stateDir).path(standing.state), async (file, sizeBytes) => {
    if (!(await isState(file, sizeBytes, elements, { digest: standing.baseDigest, pieceBytes }))) return null;
    return { value: await use(file) };
  });
}

async function atLocal<T>(
  run: RunState,
  { standing, local }: Current,
  use: Use<T>,
): Promise<{ value: T } | null> {
  if (local === null) return null;
  return withFile(stateFolder(run.stateDir).path(local), async (file, sizeBytes) => {
    const found = await snapshotIn(file, sizeBytes, run.elements, standing.id);
    return found && { value: await use({ round: standing.round, read: reader(file, found.begin) }) };
  });
}

const reader =
  (file: FileHandle, begin: number): FlatReader =>
  async (offset, length) =>
    floatsOf(await readExactly(file, begin + 4 * offset, 4 * length), 0, length);
