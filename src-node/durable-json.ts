import * as v from 'valibot';
import type { AppError, CodedError } from '../src-shared/errors/app-error.ts';
import { replaceFile } from './durable.ts';
import { isThere } from './is-there.ts';
import { JSON_BYTES_MAX } from './limits.ts';
import { readTextBounded } from './read-bounded.ts';
import { setAside } from './set-aside.ts';
import { sha256Hex } from './sha256.ts';
import { turns } from './turns.ts';

/**
 * Small JSON files that must outlive a crash. Each is written whole or not at all and carries a checksum of its value,
 * so that one flipped bit is noticed; a damaged one is moved aside and told, never read and never written over.
 */
export interface DurableJson<T> {
  /**
   * @returns the value, or null when there is none: no file, or a damaged one that now lies aside
   * @throws {AppError} what `refuse` says, or of the disk
   */
  read(): Promise<T | null>;
  /** What a sound file holds. Moves, repairs and tells nothing: for a look before the folder is ours. */
  peek(): Promise<T | null>;
  /**
   * On disk and synced when this resolves; writes end in the order of their calls.
   * @throws {AppError} of the disk
   */
  write(value: T): Promise<void>;
}

export interface DurableJsonOptions<S extends v.GenericSchema> {
  readonly path: string;
  readonly schema: S;
  /** A damaged file was moved aside, or came back from its second copy. */
  told(error: CodedError): void;
  /** For what cannot be made again: a second copy, `NAME.copy`, from which damage is repaired. */
  readonly secondCopy?: 'kept';
  /** For what must not be guessed: nothing is moved, and this is thrown instead. */
  refuse?(): AppError;
}

export function durableJson<const S extends v.GenericSchema>(
  options: DurableJsonOptions<S>,
): DurableJson<v.InferOutput<S>> {
  type Value = v.InferOutput<S>;
  const { path, schema, told } = options;
  const copyPath = options.secondCopy ? `${path}.copy` : null;
  /** Fields that a newer version wrote: this one does not know them, and hands them on. */
  let unknown: Readonly<Record<string, unknown>> = {};

  async function read(): Promise<Value | null> {
    const main = await look(path, schema);
    const copy: Found<Value> = copyPath ? await look(copyPath, schema) : { kind: 'absent' };
    if (main.kind === 'sound') {
      if (copyPath && (copy.kind !== 'sound' || copy.text !== main.text))
        await replaceFile(copyPath, main.text);
      unknown = main.unknown;
      return main.value;
    }
    if (copy.kind === 'sound') {
      unknown = copy.unknown;
      return repair(main, copy);
    }
    const damaged = [main.kind === 'damaged' ? path : null, copy.kind === 'damaged' ? copyPath : null];
    const paths = damaged.filter((one) => one !== null);
    if (paths.length > 0 && options.refuse) throw options.refuse();
    for (const one of paths)
      told({ code: 'FILE_DAMAGED', params: { path: one, movedTo: await setAside(one) } });
    return null;
  }

  async function repair(main: Found<Value>, copy: Sound<Value>): Promise<Value> {
    const movedTo = main.kind === 'damaged' ? await setAside(path) : null;
    await replaceFile(path, copy.text);
    told(
      movedTo
        ? { code: 'FILE_REPAIRED', params: { path, movedTo } }
        : { code: 'FILE_RESTORED', params: { path } },
    );
    return copy.value;
  }

  async function write(value: Value): Promise<void> {
    const text = checkedText(isRecord(value) ? { ...unknown, ...value } : value);
    // The copy first: at every moment one of the two is whole, and the copy is never the older one. Where there is no
    // file yet it comes first: a copy that stands alone would look like the rest of a loss.
    const isFirst = !(await isThere(path));
    const paths = isFirst ? [path, copyPath] : [copyPath, path];
    for (const one of paths) if (one) await replaceFile(one, text);
  }

  async function peek(): Promise<Value | null> {
    for (const one of copyPath ? [path, copyPath] : [path]) {
      const found = await look(one, schema);
      if (found.kind === 'sound') return found.value;
    }
    return null;
  }

  const inTurn = turns();
  return { read: () => inTurn(read), peek, write: (value) => inTurn(() => write(value)) };
}

interface Sound<T> {
  readonly kind: 'sound';
  readonly value: T;
  readonly text: string;
  readonly unknown: Readonly<Record<string, unknown>>;
}
type Found<T> = { readonly kind: 'absent' } | { readonly kind: 'damaged' } | Sound<T>;

async function look<S extends v.GenericSchema>(path: string, schema: S): Promise<Found<v.InferOutput<S>>> {
  const text = await readTextBounded(path, JSON_BYTES_MAX);
  if (text === undefined) return { kind: 'absent' };
  const decoded = text === null ? null : checkedValue(text);
  const parsed = decoded && v.safeParse(schema, decoded.value);
  return text !== null && parsed?.success
    ? { kind: 'sound', value: parsed.output, text, unknown: unknownOf(decoded?.value, parsed.output) }
    : { kind: 'damaged' };
}

/** What stands in a file beside the fields that its schema knows. */
function unknownOf(found: unknown, known: unknown): Readonly<Record<string, unknown>> {
  if (!isRecord(found) || !isRecord(known)) return {};
  return Object.fromEntries(Object.entries(found).filter(([name]) => !Object.hasOwn(known, name)));
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const checksumOf = (value: unknown): string => sha256Hex(JSON.stringify(value));

/** The text of a value with its checksum, as every small file of ours has it. */
export const checkedText = (value: unknown): string =>
  `${JSON.stringify({ value, sha256: checksumOf(value) }, null, 2)}\n`;

/**
 * The value of a file, or null for damage. Files of before the checksum hold the value alone; none of them is an
 * object with one of the two names, so that a flip in a name of ours is not taken for one of those.
 */
export function checkedValue(text: string): { readonly value: unknown } | null {
  const file = parseJson(text);
  if (file === undefined) return null;
  if (typeof file !== 'object' || file === null || !('value' in file || 'sha256' in file))
    return { value: file };
  if (!('value' in file && 'sha256' in file)) return null;
  return file.sha256 === checksumOf(file.value) ? { value: file.value } : null;
}

/** undefined for what is no JSON. Editors of some systems put a byte order mark in front. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
}
