import { rm } from 'node:fs/promises';
import { diskError } from '../../src-node/disk-error.ts';
import { createFile, publish } from '../../src-node/durable.ts';
import { isThere } from '../../src-node/is-there.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import { markMovedAway } from '../data-folder.ts';
import { sealLocked } from '../vault/locked/lock.ts';
import { APP_VERSION } from '../version.ts';
import { packCargo, withMark } from './cargo.ts';
import { type Gathered, gather } from './gather.ts';

export interface MoveOut {
  readonly dataDir: string;
  /** Where the file is to lie; nothing may be there. */
  readonly file: string;
  readonly withColdkeys: boolean;
  /** UTF-8, the caller's to wipe. */
  readonly password: Uint8Array;
  readonly nowMs: number;
  /** Runs that were ended for this, and go on where they come to; left out: the list says it. */
  readonly ran?: ReadonlySet<string>;
  /** Ends what may have begun to work with these hotkeys meanwhile: they are given up, so none begins any more. */
  endAll?(hotkeys: readonly Ss58[]): Promise<void>;
}

/** @throws {AppError} MOVE_FILE_THERE */
export async function demandFree(file: string): Promise<void> {
  if (await isThere(file)) throw new AppError('MOVE_FILE_THERE', { path: file });
}

/**
 * Puts everything that another computer needs into one file under a password, and marks its hotkeys as moved away. The
 * mark comes before the file has its name: at no moment do two computers have the right to work. With the folder locked,
 * and none of its runs at work.
 * @returns the hotkeys that this computer gave up
 * @throws {AppError} as `gather`; MOVE_FILE_THERE, TIMEOUT, CANCELLED, or of the disk
 */
export async function moveOut(move: MoveOut, signal: AbortSignal): Promise<readonly Ss58[]> {
  const { dataDir, file, withColdkeys, password, nowMs, ran, endAll } = move;
  await demandFree(file);
  const gathered: Gathered = await gather(dataDir, withColdkeys);
  const packed = await packCargo({
    ...gathered,
    runs: gathered.runs.map((run) => (ran?.has(run.id) ? { ...run, stoppedAtMs: null } : run)),
    hotkeys: [...gathered.hotkeys],
    madeAtMs: nowMs,
    madeBy: APP_VERSION,
  });
  const sealed = withMark(await sealLocked(packed, password, signal));
  packed.fill(0);
  const draft = `${file}.part`;
  try {
    // What an earlier try left there, which nobody has the key of any more.
    await rm(draft, { force: true });
    await createFile(draft, sealed);
    if (gathered.hotkeys.length > 0) await markMovedAway(dataDir, gathered.hotkeys, nowMs);
    await endAll?.(gathered.hotkeys);
    await publish(draft, file);
  } catch (thrown) {
    throw diskError(thrown, file);
  }
  return gathered.hotkeys;
}
