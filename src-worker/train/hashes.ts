import { createHash } from 'node:crypto';
import { type Hex, hex } from '../../src-shared/units.ts';

/** Node's own SHA-256, as the shared trees want it. */
export const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

export const sha256Hex = (bytes: Uint8Array): Hex => hex(createHash('sha256').update(bytes).digest('hex'));
