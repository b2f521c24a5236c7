import * as v from 'valibot';
import { count } from './fields.ts';

/** What there is of something at the start of a process, and the most that it will take; null: nobody can tell. */
const shareSchema = v.object({ bytes: count, freeBytes: v.nullable(count) });

/** What training takes of the computer beside its card. */
export const footprintSchema = v.object({
  /** Memory of the computer, what the processor computes in included. */
  ram: shareSchema,
  /** Room on the disk, beyond what its files there take already. */
  disk: shareSchema,
});

export type Footprint = v.InferOutput<typeof footprintSchema>;

/** Whether there is less than will be taken. */
export const isShort = ({ bytes, freeBytes }: Footprint['ram']): boolean =>
  freeBytes !== null && freeBytes < bytes;
