import * as v from 'valibot';

const decoder = new TextDecoder('utf-8', { fatal: true });
const encoder = new TextEncoder();

export const toBytes = (value: unknown): Uint8Array => encoder.encode(JSON.stringify(value));

/** Bytes from a peer as a value of the schema; null for everything else. */
export function fromBytes<S extends v.GenericSchema>(schema: S, bytes: Uint8Array): v.InferOutput<S> | null {
  try {
    const parsed = v.safeParse(schema, JSON.parse(decoder.decode(bytes)));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}
