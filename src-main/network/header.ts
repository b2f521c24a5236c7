import * as v from 'valibot';
import { hexText } from './storage.ts';

/** A block number as nodes write it in a header: hex with 0x, of any length that a safe integer has. */
export const hexNumber = v.pipe(v.string(), v.regex(/^0x[0-9a-f]{1,13}$/), v.transform(Number));

export const headerSchema = v.object({ number: hexNumber, parentHash: hexText });
