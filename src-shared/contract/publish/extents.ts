import * as v from 'valibot';
import { PART_BYTES_MAX } from '../../published/manifest.ts';
import { count, shortText } from '../fields.ts';

/** A tensor in a file of weights; `begin` and `end` in bytes from the file's first. */
export const storedTensorSchema = v.object({
  name: v.pipe(v.string(), v.maxLength(256)),
  dtype: shortText,
  begin: count,
  end: count,
});

export type StoredTensor = v.InferOutput<typeof storedTensorSchema>;

/** Neighbouring bytes of a file, and where they are written; a matrix of 4-byte numbers may have to be turned. */
export const readSegmentSchema = v.object({
  bytes: v.pipe(count, v.minValue(1), v.maxValue(PART_BYTES_MAX)),
  at: count,
  turned: v.nullable(v.object({ inputs: count, outputs: count })),
});

export type ReadSegment = v.InferOutput<typeof readSegmentSchema>;

/** Segments of one extent: tensors of many small layers. */
export const SEGMENTS_MAX = 4_096;
/** Tensors of one file: a GPT-2 of 128 layers, more than any profile may have, has some 1,500. */
export const TENSORS_MAX = 8_192;
