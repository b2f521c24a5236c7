import * as v from 'valibot';
import type { ErrorParams } from '../../src-shared/errors/app-error.ts';
import { decodeWire, encodeWire } from '../../src-shared/wire.ts';
import { REASON_CHARS_MAX, REASON_PARAMS_MAX } from './limits.ts';

const paramsSchema = v.pipe(
  v.record(v.string(), v.union([v.string(), v.pipe(v.number(), v.finite()), v.bigint()])),
  v.check((params) => Object.keys(params).length <= REASON_PARAMS_MAX),
);

/** What fills the sentence of a failure, as the store keeps it; null where that is too long to be kept. */
export function reasonJson(params: ErrorParams): string | null {
  const text = encodeWire(params);
  return text.length > REASON_CHARS_MAX ? null : text;
}

/** @param text as a row of the store has it; null, for no words, of what no version of Butterfly wrote */
export function readReason(text: string | null): ErrorParams | null {
  if (text === null) return null;
  try {
    const parsed = v.safeParse(paramsSchema, decodeWire(text, REASON_CHARS_MAX));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}
