import { ChunkCoder } from '../../../src-shared/codec/chunk-coder.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { Consensus } from '../../../src-shared/profile/schema.ts';
import { chunkGrid } from '../../../src-shared/reduce/chunks.ts';
import { genesisId } from '../../../src-shared/rounds/ids.ts';
import type { Hex } from '../../../src-shared/units.ts';
import { SNAPSHOT_LEAST_MS } from '../limits.ts';
import type { Slices } from '../slices.ts';
import { Turns } from '../turns.ts';
import { inMemory, type VectorSource, zeros } from '../vector-source.ts';
import { rebased } from './algebra.ts';
import { type Current, namedFiles, type Rebase, readCurrent, writeCurrent } from './current.ts';
import type { Disk } from './disk.ts';
import { DEVICE_LOSSES_FILE, type StateFolder, stateFolder, stateName, TILINGS_FILE } from './layout.ts';
import { readPrepared } from './prepare.ts';
import type { LocalSide, Replica } from './replica.ts';
import { inResidue, isResidue } from './residue-file.ts';
import { type LocalImage, readSnapshot } from './snapshot.ts';
import { baseIn, STEPPED, soundBase, writeStateFile } from './state-file.ts';

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
    coder: new ChunkCoder(chunkGrid(elements, consensus.codec.chunkElements), consensus),
    ...{ residue: null, frozen: null, written: null, giveUpSnapshot: null },
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
  readonly base: VectorSource;
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
    const base = await soundBase(folder.path(state), elements, expected);
    if (!base) await disk.setAside(folder.path(state));
    return base;
  };
  const base = await baseOf(current.standing);
  if (base) return { current, base, isRescued: false };
  const { formerly } = current;
  const earlier = formerly && (await baseOf(formerly));
  if (!formerly || !earlier) return null;
  // Delta, residue and contribution belong to the base that is lost: what is on its way must not count twice.
  const none = { formerly: null, residue: null, pending: null, local: null, rebase: null, previous: null };
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
  const { consensus, profileHash, hotkey, elements, disk } = opening;
  const folder = stateFolder(opening.stateDir);
  const base = await opening.initialWeights();
  const stepped = folder.path(STEPPED);
  const shape = { elements, pieceBytes: consensus.codec.pieceBytes };
  const baseDigest = await writeStateFile(disk, stepped, { base: inMemory(base), momentum: zeros }, shape);
  const id = genesisId(profileHash, baseDigest);
  const state = stateName(-1, id);
  await disk.publish(stepped, folder.path(state));
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
    rebase: null,
    previous: null,
  };
  await writeCurrent(disk, folder, current);
  return { current, base: baseIn(folder.path(state)), isRescued: true };
}

async function readVectors(replica: Replica): Promise<void> {
  const { folder, elements, current, base, disk } = replica;
  const { residue, pending, standing } = current;
  if (residue) {
    const path = folder.path(residue);
    if (await isResidue(path, elements)) replica.residue = inResidue(path);
    else await disk.setAside(path);
  }
  if (!pending) return;
  if (pending.frozen === null) {
    replica.frozen = base;
    return;
  }
  const frozen = await readSnapshot(folder.path(pending.frozen), elements, standing.id);
  if (!frozen) await disk.setAside(folder.path(pending.frozen));
  replica.frozen = frozen?.parameters ?? null;
}

async function newestImage(replica: Replica): Promise<LocalImage | null> {
  const { folder, elements, current, disk, slices, base } = replica;
  const { rebase, standing } = current;
  for (const name of [current.local, current.previous, current.pending?.frozen, rebase?.from]) {
    if (!name) continue;
    const path = folder.path(name);
    const image = await readSnapshot(path, elements, rebase?.baseId ?? standing.id);
    if (!image) await disk.setAside(path);
    else if (!rebase) return image;
    else {
      const from = await startOf(replica, rebase);
      // Where nobody knows what it had learned before, nothing of it counts.
      return image.onto(from ? rebased(slices, base, { local: image.parameters, from }) : base);
    }
  }
  return null;
}

/** The weights that a snapshot on the base before counts from; null where their file is not what it was. */
async function startOf({ folder, elements, current, consensus, disk }: Replica, rebase: Rebase) {
  const { formerly } = current;
  const name = rebase.from ?? formerly?.state;
  if (!name) return null;
  const path = folder.path(name);
  const { pieceBytes } = consensus.codec;
  const found = rebase.from
    ? ((await readSnapshot(path, elements, rebase.baseId))?.parameters ?? null)
    : await soundBase(path, elements, { digest: formerly!.baseDigest, pieceBytes });
  if (!found) await disk.setAside(path);
  return found;
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
