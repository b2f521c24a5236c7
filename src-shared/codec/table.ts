import * as v from 'valibot';
import { f32 } from './f32.ts';
import { fp16, fp16Result } from './fp16.ts';
import { int4 } from './int4.ts';
import { int8 } from './int8.ts';
import { int8Result } from './int8-result.ts';
import { sparse } from './sparse.ts';
import type { ResultCodec, ValueCodec } from './value-codec.ts';

/** All codecs of contributions by the names that profiles and messages use. */
export const valueCodecs = { f32, fp16, int8, int4, sparse } as const satisfies Record<string, ValueCodec>;
export type CodecId = keyof typeof valueCodecs;
const codecIds = Object.keys(valueCodecs) as readonly CodecId[];
export const codecSchema = v.picklist(codecIds);

/** All codecs of results. */
export const resultCodecs = { fp16: fp16Result, int8: int8Result } as const satisfies Record<
  string,
  ResultCodec
>;
export type ResultCodecId = keyof typeof resultCodecs;
export const resultCodecSchema = v.picklist(Object.keys(resultCodecs) as readonly ResultCodecId[]);

/** The codec of this number in a frame; null where none has it. */
export const codecOfWire = (wire: number): CodecId | null =>
  codecIds.find((id) => valueCodecs[id].wire === wire) ?? null;

/** The same of a result. */
export const resultCodecOfWire = (wire: number): ResultCodec | null =>
  Object.values(resultCodecs).find((codec) => codec.wire === wire) ?? null;
