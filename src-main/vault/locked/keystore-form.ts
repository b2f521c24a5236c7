import * as v from 'valibot';
import { AppError } from '../../../src-shared/errors/app-error.ts';

const text = v.pipe(v.string(), v.maxLength(1_024));

/** What a JSON keystore says of itself before it is unlocked. */
const keystoreSchema = v.object({
  encoded: text,
  encoding: v.object({
    content: v.union([text, v.pipe(v.array(text), v.minLength(1), v.maxLength(4))]),
    type: v.union([text, v.pipe(v.array(text), v.maxLength(4))]),
    version: text,
  }),
  address: v.nullish(text),
});
export type Keystore = v.InferOutput<typeof keystoreSchema>;

/** What is looked for first: a batch has the same outside, and no bound that we would want to read it with. */
const outsideSchema = v.object({
  encoded: v.string(),
  encoding: v.object({ content: v.union([v.string(), v.array(v.string())]) }),
});

/** Whether a file is meant to be one, damaged or not. */
export const isKeystore = (file: Uint8Array): boolean => v.is(outsideSchema, jsonOf(file));

/** Whether it lies open, so that no password is asked for. */
export const isOpenKeystore = ({ encoding }: Keystore): boolean => listOf(encoding.type).includes('none');

/** @throws {AppError} KEYSTORE_BATCH, KEYSTORE_OLD, KEYSTORE_KIND, KEY_FILE_CORRUPT */
export function parseKeystore(path: string, file: Uint8Array): Keystore {
  const outside = v.safeParse(outsideSchema, jsonOf(file));
  if (!outside.success) throw new AppError('KEY_FILE_CORRUPT', { path });
  if (listOf(outside.output.encoding.content).includes('batch-pkcs8'))
    throw new AppError('KEYSTORE_BATCH', { path });
  const found = v.safeParse(keystoreSchema, jsonOf(file));
  if (!found.success) throw new AppError('KEY_FILE_CORRUPT', { path });
  const { version, content, type } = found.output.encoding;
  if (version !== '3') throw new AppError('KEYSTORE_OLD', { path, version });
  const [form, kind = form] = listOf(content);
  if (form !== 'pkcs8' || kind !== 'sr25519')
    throw new AppError('KEYSTORE_KIND', { path, kind: kind ?? '?' });
  if (!['none', 'scrypt,xsalsa20-poly1305'].includes(listOf(type).join()))
    throw new AppError('KEY_FILE_CORRUPT', { path });
  return found.output;
}

function jsonOf(file: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf8', { fatal: true }).decode(file));
  } catch {
    return null;
  }
}

const listOf = (given: string | readonly string[]): readonly string[] =>
  typeof given === 'string' ? [given] : given;
