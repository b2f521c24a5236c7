import * as v from 'valibot';
import { AppError } from '../errors/app-error.ts';
import { quotedName } from '../one-line.ts';
import { duplicateKey } from './duplicate-keys.ts';
import { jsonParts } from './json-parts.ts';

/**
 * The container in which models travel: 8 bytes with the length of a header (little endian), the header as JSON, then
 * the tensors one behind the other. Each entry of the header is `name: {dtype, shape, data_offsets: [begin, end]}`, in
 * bytes from the first tensor on; `__metadata__` maps texts to texts. Pure: files are read and written elsewhere, by
 * windows.
 */
export const PREFIX_BYTES = 8;
/** Of a header; the largest model that ships has 268 tensors of about 110 bytes each. */
export const HEADER_BYTES_MAX = 2 ** 20;
/**
 * Keys and values of a header: a GPT-2 of 128 layers, more than any profile may have, takes 26,000. Each costs a parser
 * some microseconds, in which nobody else is answered.
 */
export const HEADER_PARTS_MAX = 32_768;
/** Dimensions of one tensor. */
const RANK_MAX = 8;
/** What bytes a header is padded to with spaces, so that float32 data could be mapped in place. */
const ALIGNMENT = 8;
const METADATA = '__metadata__';

/** Bytes of an element, for each kind of element that a file may hold; a GPT-2 is read from the first three. */
const DTYPE_BYTES = {
  ...{ F32: 4, F16: 2, BF16: 2 },
  ...{ F64: 8, I64: 8, I32: 4, I16: 2, I8: 1, U64: 8, U32: 4, U16: 2, U8: 1, BOOL: 1 },
} as const;
export type Dtype = keyof typeof DTYPE_BYTES;

export interface Tensor {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
}

/** A tensor in a file; `begin` and `end` are bytes from the start of the file. */
export interface PlacedTensor extends Tensor {
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  /** In the order in which they lie in the file. */
  readonly tensors: readonly PlacedTensor[];
  readonly metadata: Readonly<Record<string, string>>;
}

const entrySchema = v.strictObject({
  dtype: v.picklist(Object.keys(DTYPE_BYTES) as Dtype[]),
  shape: v.pipe(v.array(v.pipe(v.number(), v.safeInteger(), v.minValue(0))), v.maxLength(RANK_MAX)),
  data_offsets: v.tuple([
    v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
    v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  ]),
});

/** Bytes of a tensor; not a safe integer where its shape is beyond any file. */
export const tensorBytes = ({ dtype, shape }: Pick<Tensor, 'dtype' | 'shape'>): number =>
  shape.reduce((product, size) => product * size, DTYPE_BYTES[dtype]);

/** Length prefix and header of a file whose tensors lie in the order given. */
export function encodeHeader(
  tensors: readonly Tensor[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  let at = 0;
  const entries = tensors.map(({ name, dtype, shape }) => {
    const begin = at;
    at += tensorBytes({ dtype, shape });
    return [name, { dtype, shape, data_offsets: [begin, at] }];
  });
  const json = new TextEncoder().encode(
    JSON.stringify(Object.fromEntries([[METADATA, metadata], ...entries])),
  );
  const length = Math.ceil(json.length / ALIGNMENT) * ALIGNMENT;
  const bytes = new Uint8Array(PREFIX_BYTES + length).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(json, PREFIX_BYTES);
  return bytes;
}

const malformed = (reason: string) => new AppError('MODEL_FILE_MALFORMED', { reason });

/**
 * How long the header of a file is, from its first bytes: known to be sane before anything is allocated for it.
 * @throws {AppError} MODEL_FILE_MALFORMED
 */
export function headerBytes(prefix: Uint8Array, fileBytes: number): number {
  if (fileBytes < PREFIX_BYTES || prefix.length < PREFIX_BYTES) throw malformed('it ends before its header');
  const length = new DataView(prefix.buffer, prefix.byteOffset).getBigUint64(0, true);
  if (length > BigInt(HEADER_BYTES_MAX)) throw malformed(`its header is said to have ${length} bytes`);
  if (PREFIX_BYTES + Number(length) > fileBytes) throw malformed('it ends within its header');
  return Number(length);
}

/**
 * The header of a file of so many bytes: each tensor has the bytes that its shape takes, and together they fill the file
 * without a gap, an overlap or a rest.
 * @throws {AppError} MODEL_FILE_MALFORMED
 */
export function parseHeader(header: Uint8Array, fileBytes: number): SafetensorsHeader {
  const { [METADATA]: metadata = {}, ...entries } = readJson(header);
  const first = PREFIX_BYTES + header.length;
  const tensors = Object.entries(entries).map(([name, entry]) => placed(name, entry, first));
  tensors.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let at = first;
  for (const { name, begin, end } of tensors) {
    if (begin < at) throw malformed(`${quotedName(name)} overlaps the tensor before it`);
    if (begin > at) throw malformed(`there is a hole of ${begin - at} bytes before ${quotedName(name)}`);
    if (end > fileBytes) throw malformed(`${quotedName(name)} lies beyond the end of the file`);
    at = end;
  }
  if (at !== fileBytes) throw malformed(`${fileBytes - at} bytes follow its last tensor`);
  return { tensors, metadata: metadataOf(metadata) };
}

function readJson(header: Uint8Array): Record<string, unknown> {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(header);
  } catch {
    throw malformed('its header is no JSON');
  }
  if (jsonParts(text) > HEADER_PARTS_MAX)
    throw malformed('its header names more than any model of this kind has');
  try {
    value = JSON.parse(text);
  } catch {
    throw malformed('its header is no JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw malformed('its header is no object');
  const twice = duplicateKey(text);
  if (twice !== null) throw malformed(`its header names ${quotedName(twice)} twice`);
  return value as Record<string, unknown>;
}

function placed(name: string, entry: unknown, first: number): PlacedTensor {
  const parsed = v.safeParse(entrySchema, entry);
  if (!parsed.success) {
    const issue = parsed.issues[0];
    throw malformed(
      `${quotedName(name)}: ${quotedName(v.getDotPath(issue) ?? 'entry')} is not as it must be`,
    );
  }
  const { dtype, shape, data_offsets } = parsed.output;
  const [begin, end] = data_offsets;
  if (end - begin !== tensorBytes({ dtype, shape }))
    throw malformed(`${quotedName(name)} takes ${end - begin} bytes, and its shape is another size`);
  return { name, dtype, shape, begin: first + begin, end: first + end };
}

/** By hand: a schema's record leaves out keys such as "prototype", which are names like any other here. */
function metadataOf(value: unknown): Readonly<Record<string, string>> {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const entries = isObject ? Object.entries(value) : null;
  if (!entries?.every((entry): entry is [string, string] => typeof entry[1] === 'string'))
    throw malformed('its metadata are no texts');
  return Object.fromEntries(entries);
}
