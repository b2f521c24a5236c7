import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { replaceFile } from './durable.ts';

/** Small files that must outlive a crash: written under a temporary name, synced, renamed. */

/** A file that cannot be read counts as absent. */
export async function readDurable<S extends v.GenericSchema>(
  path: string,
  schema: S,
  absent: v.InferOutput<S>,
): Promise<v.InferOutput<S>> {
  try {
    const parsed = v.safeParse(schema, JSON.parse(await readFile(path, 'utf8')));
    return parsed.success ? parsed.output : absent;
  } catch {
    return absent;
  }
}

/** Replaces the file whole; the newest of two writers at a time wins. */
export function writeDurable(path: string, value: unknown): Promise<void> {
  return replaceFile(path, JSON.stringify(value));
}
