import { join } from 'node:path';
import type { Hex } from '../../../src-shared/units.ts';

/**
 * The state folder of one hotkey in one run. N is the number of parameters; numbers are little endian; every file is
 * written to `<name>.tmp`, synced, renamed, its folder synced. "Sealed" means that 32 bytes end the file: SHA-256 over the
 * SHA-256 of the pieces of 4 MiB of everything before. Whatever CURRENT and `prepared.json` do not name is left over from a crash and is removed.
 *
 * CURRENT                      JSON with a checksum, the one file whose rename decides (current.ts): the committed standing, the last
 *                              settled round, and the names of state, the state before, residue, pending and local
 *                              snapshots.
 * state-<round>-<id>.f32       8 N bytes: base, then outer momentum, float32. Checked by its Merkle root (baseDigest),
 *                              not by a seal, since `swarm` serves it as it is. Never changed once it has its name.
 * stepped.f32                  A state that is being made and has no name yet, since its digest is part of that (state-file.ts).
 * residue-<serial>.f24         3 N bytes sealed: what earlier contributions owe, the upper three bytes of each float32
 *                              (residue-file.ts). Absent where nothing is owed.
 * local-<serial>.snap          The local replica (snapshot.ts): magic "BFLYSNP1", u32 header length h, h bytes of JSON
 *                              (base id, progress, AdamW step, loss scale), zero bytes up to a multiple of 4, then 12 N
 *                              bytes: parameters, first moments, second moments; sealed.
 * CURRENT.copy                 The same text, written right after it: what stands in where the disk spoilt CURRENT.
 * prepared.json                JSON with a checksum: the commit that lies ready for the open round (prepare.ts), with one bit per
 *                              chunk for "my contribution is in it". Its state file lies beside the current one.
 *
 * tilings.json                 JSON with a checksum: which tiles are fastest on a graphics card. It can be made again.
 * device-losses.json           JSON with a checksum, written when a graphics card is lost; it says nothing of the model.
 * device-losses.json.trying    Stands while a card or TensorFlow is started: one that is found was left by a process that
 *                              died of it.
 *
 * <any>.damaged-<n>            A file that could not be used. It was told, and is never touched again.
 *
 * One number, `serial`, grows with every CURRENT; files carry the serial of the CURRENT that first names them, so a
 * new file never overwrites one that the durable CURRENT still needs.
 *
 * Why a rebase happens once: a snapshot names the base it stands on, and CURRENT names a state together with the
 * snapshot, residue and pending contribution that belong to it. Either CURRENT with all four is in place, or its
 * predecessor with its own four; nothing is derived twice. After a commit the snapshot is still one on the base before:
 * CURRENT then names what it counts from too, until the next snapshot stands on the new base (decision 0062).
 */
export interface StateFolder {
  readonly current: string;
  readonly currentCopy: string;
  readonly prepared: string;
  path(name: string): string;
}

export const stateFolder = (root: string): StateFolder => ({
  current: join(root, 'CURRENT'),
  currentCopy: join(root, 'CURRENT.copy'),
  prepared: join(root, 'prepared.json'),
  path: (name) => join(root, name),
});

/** How the engine remembers a card that was lost. */
export const DEVICE_LOSSES_FILE = 'device-losses.json';
/** How it remembers which tiles are fastest on a card. */
export const TILINGS_FILE = 'tilings.json';

/** Names that CURRENT may hold: nothing that leaves the folder. */
export const FILE_NAME = /^[a-z0-9][a-z0-9.-]{0,95}$/;

export const stateName = (round: number, id: Hex): string =>
  `state-${round < 0 ? 'initial' : round}-${id.slice(0, 16)}.f32`;
export const residueName = (serial: number): string => `residue-${serial}.f24`;
export const localName = (serial: number): string => `local-${serial}.snap`;
