import { seededOrder } from '../../src-shared/rounds/proposer.ts';
import type { Hex, Ss58 } from '../../src-shared/units.ts';

export interface CommittedRound {
  readonly round: number;
  readonly role: 'miner' | 'validator';
  readonly hotkey: Ss58;
  /** Miners in the roster of the round. */
  readonly members: readonly Ss58[];
  /** Hash of the round's first block, which nobody can choose. */
  readonly blockHash: Hex;
  readonly everyRounds: number;
}

/**
 * What a member publishes of a committed round: every so many rounds the whole state, and in between the one whose turn
 * it is by the block's seed; all other miners what the round changed, so that any state can be followed up. Pure.
 */
export function contentsDue({
  round,
  role,
  hotkey,
  members,
  blockHash,
  everyRounds,
}: CommittedRound): 'state' | 'update' | null {
  if (round % everyRounds === 0) return 'state';
  if (role === 'validator') return null;
  const [turn] = seededOrder(members, blockHash, 'publish');
  return turn === hotkey ? 'state' : 'update';
}
