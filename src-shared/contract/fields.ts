import * as v from 'valibot';
import type { Hex, Ss58 } from '../units.ts';

/** Field schemas that several contracts share. Each bounds what it accepts. */
export const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
export const finite = v.pipe(v.number(), v.finite());
export const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
/** A file system path below the data folder. */
export const path = v.pipe(v.string(), v.minLength(1), v.maxLength(4096));
export const digest = v.pipe(
  v.string(),
  v.regex(/^[0-9a-f]{64}$/),
  v.transform((text) => text as Hex),
);
/** 8 bytes of the profile hash: names a run wherever a full digest is too long. */
export const runTag = v.pipe(
  v.string(),
  v.regex(/^[0-9a-f]{16}$/),
  v.transform((text) => text as Hex),
);
/** An SS58 address of prefix 42; its checksum is verified where the address enters. */
export const address = v.pipe(
  v.string(),
  v.regex(/^[1-9A-HJ-NP-Za-km-z]{46,48}$/),
  v.transform((text) => text as Ss58),
);
/** One character for each chunk of a model, '1' where a contribution was taken; 17 billion parameters have so many. */
export const takenBits = v.pipe(v.string(), v.regex(/^[01]*$/), v.maxLength(262_144));
export const bytes = v.instance(Uint8Array);
export const shortText = v.pipe(v.string(), v.maxLength(512));
export const multiaddr = v.pipe(v.string(), v.startsWith('/'), v.maxLength(256));
/** Peers that are asked first: more of them than anybody dials. A profile's come from whoever keeps its store. */
export const bootstrapPeers = v.pipe(v.array(multiaddr), v.maxLength(64));
export const none = v.undefined();
