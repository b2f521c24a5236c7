import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { Consensus } from '../../../src-shared/profile/schema.ts';
import { genesisId } from '../../../src-shared/rounds/ids.ts';
import type { Hex } from '../../../src-shared/units.ts';
import { SNAPSHOT_LEAST_MS } from '../limits.ts';
import type { Slices } from '../slices.ts';
import { Turns } from '../turns.ts';
import { type Current, namedFiles, readCurrent, writeCurrent } from './current.ts';
import type { Disk } from './disk.ts';
import { DEVICE_LOSSES_FILE, type StateFolder, stateFolder, stateName, TILINGS_FILE } from './layout.ts';
import { readPrepared } from './prepare.ts';
import type { LocalSide, Replica } from './replica.ts';
import { type LocalImage, readSnapshot } from './snapshot.ts';
import { digestOfState, readBase, writeStateFile } from './state-file.ts';
import { inFile, inMemory } from './vector-source.ts';
import { isSealedVector } from './vectors.ts';

export interface Opening {
  readonly stateDir: string;
  readonly spoolDir: string;
  readonly consensus: Consensus;
  readonly profileHash: Hex;
  readonly hotkey: string;
  readonly elements: number;
  /** The weights that the profile's seed gives; called where the folder holds no state that can be trusted. */
  initialWeights(): Promise<Float32Array>;
  readonly local: LocalSide;
  readonly disk: Disk;
  readonly slices: Slices;
}

export interface Opened {
  readonly replica: Replica;
  /** null: the local replica starts at the base with zero moments. */
  readonly image: LocalImage | null;
}

/**
 * Opens a state folder in whatever condition a crash or the disk left it. What cannot be read is set aside and told:
 * a torn snapshot falls back to the one before, then to the base; a residue or frozen snapshot counts as taken; a
 * state that does not have its digest falls back to the state before it, then to the initial weights, from which the
 * host sees that a newer state has to be loaded.
 */
export async function openReplica(opening: Opening): Promise<Opened> {
  const { consensus, elements, disk, slices, local, spoolDir } = opening;
  const folder = stateFolder(opening.stateDir);
  await disk.makeFolder(opening.stateDir);
  const found = await readCurrent(disk, folder);
  if (found) refuseForeign(found, opening);
  const sound = (found && (await newestSound(found, opening, folder))) ?? (await begin(opening));

  const replica: Replica = {
    ...{ consensus, elements, folder, spoolDir, disk, slices, local, books: new Turns() },
    ...{ residue: null, frozen: null, giveUpSnapshot: null },
    snapshotDueMs: performance.now() + SNAPSHOT_LEAST_MS,
    snapshotPauseMs: SNAPSHOT_LEAST_MS,
    current: sound.current,
    base: sound.base,
  };
  await readVectors(replica);
  const image = await newestImage(replica);
  await sweep(replica, { isRescued: sound.isRescued });
  return { replica, image };
}

interface Sound {
  readonly current: Current;
  readonly base: Float32Array;
  /** It does not name what the folder held before: that is moved aside rather than removed. */
  readonly isRescued: boolean;
}

/** null where no state that CURRENT names has its digest. */
async function newestSound(
  current: Current,
  { elements, consensus, disk }: Opening,
  folder: StateFolder,
): Promise<Sound | null> {
  const baseOf = async ({ state, baseDigest }: Current['standing']) => {
    const expected = { digest: baseDigest, pieceBytes: consensus.codec.pieceBytes };
    const base = await readBase(folder.path(state), elements, expected);
    if (!base) await disk.setAside(folder.path(state));
    return base;
  };
  const base = await baseOf(current.standing);
  if (base) return { current, base, isRescued: false };
  const { formerly } = current;
  const earlier = formerly && (await baseOf(formerly));
  if (!formerly || !earlier) return null;
  // Delta, residue and contribution belong to the base that is lost: what is on its way must not count twice.
  const none = { formerly: null, residue: null, pending: null, local: null, previous: null };
  const rescued = { ...current, ...none, serial: current.serial + 1, standing: formerly };
  await writeCurrent(disk, folder, rescued);
  return { current: rescued, base: earlier, isRescued: true };
}

/** Another run or another hotkey owns this folder: opening it would end in its removal. */
function refuseForeign(current: Current, { profileHash, hotkey, elements, stateDir }: Opening): void {
  if (current.profileHash !== profileHash || current.hotkey !== hotkey || current.parameters !== elements)
    throw new AppError('STATE_FOREIGN', { path: stateDir });
}

/** Stands on the initial weights. */
async function begin(opening: Opening): Promise<Sound> {
  const { consensus, profileHash, hotkey, elements, disk, slices } = opening;
  const folder = stateFolder(opening.stateDir);
  const base = await opening.initialWeights();
  const momentum = new Float32Array(elements);
  const baseDigest = await digestOfState(slices, { base, momentum }, consensus.codec.pieceBytes);
  const id = genesisId(profileHash, baseDigest);
  const state = stateName(-1, id);
  await writeStateFile(disk, folder.path(state), { base, momentum: inMemory(momentum) });
  const current: Current = {
    format: 1,
    profileHash,
    hotkey,
    parameters: elements,
    serial: 0,
    standing: { round: -1, id, baseDigest, state },
    formerly: null,
    settledRound: -1,
    medianNorm: null,
    residue: null,
    pending: null,
    local: null,
    previous: null,
  };
  await writeCurrent(disk, folder, current);
  return { current, base, isRescued: true };
}

async function readVectors(replica: Replica): Promise<void> {
  const { folder, elements, current, base, disk } = replica;
  const { residue, pending, standing } = current;
  if (residue) {
    const path = folder.path(residue);
    if (await isSealedVector(path, elements)) replica.residue = inFile(path, 0);
    else await disk.setAside(path);
  }
  if (!pending) return;
  if (pending.frozen === null) {
    replica.frozen = inMemory(base);
    return;
  }
  const frozen = await readSnapshot(folder.path(pending.frozen), elements, standing.id);
  if (!frozen) await disk.setAside(folder.path(pending.frozen));
  replica.frozen = frozen?.parameters ?? null;
}

async function newestImage({ folder, elements, current, disk }: Replica): Promise<LocalImage | null> {
  for (const name of [current.local, current.previous, current.pending?.frozen]) {
    if (!name) continue;
    const image = await readSnapshot(folder.path(name), elements, current.standing.id);
    if (image) return image;
    await disk.setAside(folder.path(name));
  }
  return null;
}

/** Removes what a crash left: temporary files, and files that no durable name leads to. */
async function sweep(replica: Replica, { isRescued }: Pick<Sound, 'isRescued'>): Promise<void> {
  const { disk, folder, current } = replica;
  const prepared = await readPrepared(replica);
  const kept = new Set(['CURRENT', 'CURRENT.copy', DEVICE_LOSSES_FILE, TILINGS_FILE, ...namedFiles(current)]);
  if (prepared) for (const name of ['prepared.json', prepared.state]) kept.add(name);
  const keep = (name: string) => kept.has(name);
  if (isRescued) await disk.sweepAside(folder.path(''), keep);
  else await disk.sweep(folder.path(''), keep);
}
