import type { AddressKind } from './kind.ts';
import { relayed } from './relayed.ts';
import { tcp } from './tcp.ts';

/** Every kind of address that peers of this version have, in the order in which they are tried. */
export const addressKinds: readonly AddressKind[] = [tcp(), relayed()];
