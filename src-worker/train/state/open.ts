import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { Consensus } from '../../../src-shared/profile/schema.ts';
import { genesisId } from '../../../src-shared/rounds/ids.ts';
import type { Hex } from '../../../src-shared/units.ts';
import { Turns } from '../turns.ts';
import { type Current, namedFiles, readCurrent, writeCurrent } from './current.ts';
import { type Disk, makeFolder } from './disk.ts';
import { stateFolder, stateName } from './layout.ts';
import { readPrepared } from './prepare.ts';
import type { LocalSide, Replica } from './replica.ts';
import { type LocalImage, readSnapshot } from './snapshot.ts';
import { digestOfState, readBase, writeStateFile } from './state-file.ts';
import { readSealedVector } from './vectors.ts';

export interface Opening {
  readonly stateDir: string;
  readonly spoolDir: string;
  readonly consensus: Consensus;
  readonly profileHash: Hex;
  readonly hotkey: string;
  readonly elements: number;
  /** The weights that the profile's seed gives; called where the folder holds no state that can be trusted. */
  initialWeights(): Float32Array;
  readonly local: LocalSide;
  readonly disk: Disk;
}

export interface Opened {
  readonly replica: Replica;
  /** null: the local replica starts at the base with zero moments. */
  readonly image: LocalImage | null;
}

/**
 * Opens a state folder in whatever condition a crash left it. A torn snapshot falls back to the one before, then to
 * the base; a residue or frozen snapshot that cannot be read counts as taken; a state that does not have its digest
 * falls back to the initial weights, from which the host sees that a newer state has to be loaded.
 */
export async function openReplica(opening: Opening): Promise<Opened> {
  const { consensus, elements, disk, local, spoolDir } = opening;
  const folder = stateFolder(opening.stateDir);
  await makeFolder(opening.stateDir);
  const common = { consensus, elements, folder, spoolDir, disk, local, books: new Turns() };
  const vectors = { residue: null, frozen: null, snapshotAtMs: performance.now() };

  const current = await readCurrent(folder);
  if (current) refuseForeign(current, opening);
  const base = current && (await baseOf(current, common));
  if (current && !base) console.error(`state ${current.standing.state} does not have its digest`);
  const replica: Replica =
    current && base
      ? { ...common, ...vectors, current, base }
      : { ...common, ...vectors, ...(await begin(opening)) };

  await readVectors(replica);
  const image = await newestImage(replica);
  await sweep(replica);
  return { replica, image };
}

const baseOf = (
  current: Current,
  { folder, elements, consensus }: Pick<Replica, 'folder' | 'elements' | 'consensus'>,
) =>
  readBase(folder.path(current.standing.state), elements, {
    digest: current.standing.baseDigest,
    pieceBytes: consensus.codec.pieceBytes,
  });

/** Another run or another hotkey owns this folder: opening it would end in its removal. */
function refuseForeign(current: Current, { profileHash, hotkey, elements, stateDir }: Opening): void {
  if (current.profileHash !== profileHash || current.hotkey !== hotkey || current.parameters !== elements)
    throw new AppError('STATE_FOREIGN', { path: stateDir });
}

/** Stands on the initial weights. */
async function begin(opening: Opening): Promise<{ current: Current; base: Float32Array }> {
  const { consensus, profileHash, hotkey, elements, disk } = opening;
  const folder = stateFolder(opening.stateDir);
  const base = opening.initialWeights();
  const momentum = new Float32Array(elements);
  const baseDigest = digestOfState(base, momentum, consensus.codec.pieceBytes);
  const id = genesisId(profileHash, baseDigest);
  const state = stateName(-1, id);
  await writeStateFile(disk, folder.path(state), base, momentum);
  const current: Current = {
    format: 1,
    profileHash,
    hotkey,
    parameters: elements,
    serial: 0,
    standing: { round: -1, id, baseDigest, state },
    settledRound: -1,
    medianNorm: null,
    residue: null,
    pending: null,
    local: null,
    previous: null,
  };
  await writeCurrent(disk, folder, current);
  return { current, base };
}

async function readVectors(replica: Replica): Promise<void> {
  const { folder, elements, current, base } = replica;
  const { residue, pending, standing } = current;
  if (residue) replica.residue = await readSealedVector(folder.path(residue), elements);
  if (!pending) return;
  const frozen = pending.frozen && (await readSnapshot(folder.path(pending.frozen), elements, standing.id));
  replica.frozen = pending.frozen === null ? base : frozen ? frozen.parameters : null;
}

async function newestImage({ folder, elements, current }: Replica): Promise<LocalImage | null> {
  for (const name of [current.local, current.previous, current.pending?.frozen]) {
    if (!name) continue;
    const image = await readSnapshot(folder.path(name), elements, current.standing.id);
    if (image) return image;
    console.error(`snapshot ${name} cannot be read, trying an older one`);
  }
  return null;
}

/** Removes what a crash left: temporary files, and files that no durable name leads to. */
async function sweep(replica: Replica): Promise<void> {
  const prepared = await readPrepared(replica);
  const kept = new Set(['CURRENT', ...namedFiles(replica.current)]);
  if (prepared) for (const name of ['prepared.json', prepared.state]) kept.add(name);
  await replica.disk.sweep(replica.folder.path(''), (name) => kept.has(name));
}
