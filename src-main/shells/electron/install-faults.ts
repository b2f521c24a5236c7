import { diskError } from '../../../src-node/disk-error.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';

/** What was to be installed, and where. */
export interface Installation {
  readonly version: string;
  /** What stands in the place that the other version gets, or is kept until then. */
  readonly place: string;
}

/** Whoever may not write there, or on nothing that is mounted so. */
const FORBIDDEN = new Set(['EACCES', 'EPERM', 'EROFS']);
/** Squirrel, which macOS is updated by, has no codes that reach us: it says these. */
const READ_ONLY_VOLUME = /read-only volume/i;
const SIGNATURE = /code signature|did not pass validation/i;
/** Chromium says its code in the message; others have it beside. */
const CODE = /^(?:net::)?([A-Z_0-9]{1,60})$/;
/** The answer of a server stands in a sentence of electron-updater. */
const ANSWER = /, status (\d{3}):/;

/** What the app's own installer failed with, in our words: never in those of a library. */
export function installFault(thrown: unknown, { version, place }: Installation): AppError {
  if (thrown instanceof AppError) return thrown;
  const { code, message = '', path } = (thrown ?? {}) as NodeJS.ErrnoException;
  const where = path ?? place;
  if (code === 'ERR_CHECKSUM_MISMATCH')
    return new AppError('UPDATE_FILE_WRONG', { version, why: 'another checksum' }, thrown);
  if (code === 'ERR_UPDATER_INVALID_SIGNATURE' || SIGNATURE.test(message))
    return new AppError('UPDATE_SIGNATURE_WRONG', { version }, thrown);
  if (FORBIDDEN.has(code ?? '') || READ_ONLY_VOLUME.test(message))
    return new AppError('UPDATE_PLACE_READ_ONLY', { version, path: where }, thrown);
  const ofDisk = diskError(thrown, where);
  if (ofDisk instanceof AppError) return ofDisk;
  return new AppError('UPDATE_HAND_OVER_FAILED', { version, why: whyOf(code, message) }, thrown);
}

function whyOf(code: string | undefined, message: string): string {
  const answer = ANSWER.exec(message)?.[1];
  if (answer) return `answer ${answer}`;
  return CODE.exec(code ?? '')?.[1] ?? CODE.exec(message)?.[1] ?? 'no reason given';
}
