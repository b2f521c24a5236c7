import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import * as v from 'valibot';
import { address, count, shortText } from '../../src-shared/contract/fields.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { MOVE_BYTES_MAX, MOVE_FILES_MAX } from './limits.ts';

const VERSION = 1;
/** In front of what is sealed, so that a newer form is told from damage before anybody types a password. */
const MARK = /^BUTTERFLY-MOVE (\d{1,4})\n/;
const markOf = (version: number): Buffer => Buffer.from(`BUTTERFLY-MOVE ${version}\n`, 'latin1');

/** Plain names of any script with slashes between them: nothing leads out of the folder that it is put below. */
const filePath = v.pipe(
  v.string(),
  v.maxLength(512),
  v.regex(/^[\p{L}\p{N}_][\p{L}\p{M}\p{N}_ .,@+()-]*(?:\/[\p{L}\p{N}_][\p{L}\p{M}\p{N}_ .,@+()-]*)*$/u),
  v.check((text) => !text.split('/').includes('..')),
);
/**
 * Base64 with its padding. Not by the library's own check: that is one expression for the whole text, and of each four
 * letters V8 keeps a step back, for which it has no room in a ledger of some megabytes.
 */
const isBase64 = (text: string): boolean =>
  text.length % 4 === 0 && !/[^A-Za-z0-9+/]/.test(text.replace(/={1,2}$/, ''));
const file = v.object({ path: filePath, base64: v.pipe(v.string(), v.check(isBase64)) });
const keyPlace = v.object({ below: v.picklist(['data', 'wallets']), path: filePath });
export type KeyPlace = v.InferOutput<typeof keyPlace>;
const cargoFields = v.object({
  version: v.literal(VERSION),
  madeAtMs: count,
  madeBy: shortText,
  /** Hotkeys that the other computer gives up. */
  hotkeys: v.pipe(v.array(address), v.maxLength(256)),
  /** Below the data folder. */
  data: v.pipe(v.array(file), v.maxLength(MOVE_FILES_MAX)),
  /** Below the folder of all wallets: the first name is that of a wallet. */
  wallets: v.pipe(v.array(file), v.maxLength(MOVE_FILES_MAX)),
  /** The list of runs, checked by whoever knows it; where a run's keys lie is said as below. */
  runs: v.array(v.unknown()),
  /** By hotkey: below which of the two its keys lie, and where there. */
  keysAt: v.record(v.pipe(v.string(), v.maxLength(64)), keyPlace),
});

const cargoSchema = v.pipe(
  cargoFields,
  v.check(({ data, wallets }) => data.length + wallets.length <= MOVE_FILES_MAX),
);

/** Everything that another computer needs. */
export type Cargo = v.InferOutput<typeof cargoSchema>;
export type CargoFile = v.InferOutput<typeof file>;

export const cargoFile = (path: string, bytes: Uint8Array): CargoFile => ({
  path,
  base64: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64'),
});
export const bytesOf = ({ base64 }: CargoFile): Buffer => Buffer.from(base64, 'base64');

/** What is packed can be unpacked: by the same schema. @throws {AppError} MOVE_TOO_LARGE, MOVE_NAME_ODD */
export async function packCargo(cargo: Omit<Cargo, 'version'>): Promise<Uint8Array> {
  const whole: Cargo = { ...cargo, version: VERSION };
  const text = JSON.stringify(whole);
  const files = cargo.data.length + cargo.wallets.length;
  if (Buffer.byteLength(text) > MOVE_BYTES_MAX || files > MOVE_FILES_MAX)
    throw new AppError('MOVE_TOO_LARGE', { mib: MOVE_BYTES_MAX / 2 ** 20 });
  const paths = [...cargo.data, ...cargo.wallets, ...Object.values(cargo.keysAt)].map(({ path }) => path);
  const odd = paths.find((path) => !v.is(filePath, path));
  if (odd !== undefined) throw new AppError('MOVE_NAME_ODD', { name: odd });
  if (!v.is(cargoSchema, whole)) throw new AppError('INTERNAL', {}, 'a cargo that fits no schema');
  return promisify(gzip)(text);
}

/** @param path for what is told of it. @throws {AppError} MOVE_FILE_UNREADABLE */
export async function unpackCargo(path: string, packed: Uint8Array): Promise<Cargo> {
  try {
    const text = await promisify(gunzip)(packed, { maxOutputLength: MOVE_BYTES_MAX });
    return v.parse(cargoSchema, JSON.parse(text.toString('utf8')));
  } catch {
    // Errors of parsers quote what they read, and keys are in it.
    throw new AppError('MOVE_FILE_UNREADABLE', { path, why: 'what is in it' });
  }
}

export const withMark = (sealed: Uint8Array): Uint8Array => Buffer.concat([markOf(VERSION), sealed]);

/** What lies behind the mark. @throws {AppError} MOVE_FILE_UNREADABLE, MOVE_FILE_NEWER */
export function behindMark(path: string, bytes: Uint8Array): Uint8Array {
  const [mark, version] = MARK.exec(Buffer.from(bytes.subarray(0, 32)).toString('latin1')) ?? [];
  if (mark === undefined) throw new AppError('MOVE_FILE_UNREADABLE', { path, why: 'how it begins' });
  if (Number(version) > VERSION) throw new AppError('MOVE_FILE_NEWER', { path });
  return bytes.subarray(mark.length);
}
