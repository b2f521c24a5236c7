import type { Shape } from '../scale/types.ts';
import type { Pallet } from './pallet.ts';

/** Time of one slot in ms, one block each: clients take it for the block time. */
export const slotMs = (blockMs: number): bigint => BigInt(blockMs);

export const auraShapes: Readonly<Record<string, Shape>> = {
  SlotDuration: { path: 'sp_consensus_slots::SlotDuration', fields: ['u64'] },
};

/** The pace as clients ask for it. Nobody takes turns here: one process makes every block. */
export const aura = (blockMs: number): Pallet => ({
  name: 'Aura',
  index: 3,
  crate: 'pallet_aura',
  storage: {},
  calls: {},
  events: {},
  errors: {},
  constants: { SlotDuration: ['u64', slotMs(blockMs)] },
});
