import { hash } from 'node:crypto';
import { type Hex, hex } from '../src-shared/units.ts';

/** Node's own SHA-256: 32 bytes, as the shared trees want it. */
export const sha256 = (bytes: Uint8Array | string): Uint8Array => hash('sha256', bytes, 'buffer');

export const sha256Hex = (bytes: Uint8Array | string): Hex => hex(hash('sha256', bytes, 'hex'));
