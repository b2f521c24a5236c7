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
export async function withWeights<T>(
  run: RunState,
  which: WhichWeights,
  use: (weights: OpenedWeights) => Promise<T>,
): Promise<T> {
  for (let look = 0; look < STATE_LOOKS; look += 1) {
    const current = await peekCurrent(stateFolder(run.stateDir));
    if (!current) break;
    if (
      current.profileHash !== run.profileHash ||
      current.hotkey !== run.hotkey ||
      current.parameters !== run.elements
    )
      throw new AppError('STATE_FOREIGN', { path: run.stateDir });
    const done = await (which === 'base' ? atBase(run, current, use) : atLocal(run, current, use));
    if (done) return done.value;
  }
  throw new AppError('MODEL_STATE_MISSING', { path: run.stateDir });
}

type Use<T> = (weights: OpenedWeights) => Promise<T>;

/** null: the file is gone, or is not what it was. */
function atBase<T>(run: RunState, { standing }: Current, use: Use<T>): Promise<{ value: T } | null> {
  const { elements, pieceBytes } = run;
  return withFile(stateFolder(run.stateDir).path(standing.state), async (file, sizeBytes) => {
    if (!(await isState(file, sizeBytes, elements, { digest: standing.baseDigest, pieceBytes }))) return null;
    return { value: await use({ round: standing.round, read: reader(file, 0) }) };
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
  (file: Parameters<typeof readExactly>[0], begin: number): FlatReader =>
  async (offset, length) =>
    floatsOf(await readExactly(file, begin + 4 * offset, 4 * length), 0, length);
