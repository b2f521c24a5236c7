import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Hex, Ss58 } from '../units.ts';

/**
 * An order of hotkeys that nobody can choose: by SHA-256 of the round's block hash, a purpose and the hotkey. Who
 * proposes and who is drawn follow from it, the same on every machine.
 */
export function seededOrder(
  hotkeys: readonly Ss58[],
  blockHash: Hex,
  purpose: 'propose' | 'draw' | 'publish',
): Ss58[] {
  const keyed = [...new Set(hotkeys)].map((hotkey) => ({
    hotkey,
    key: bytesToHex(sha256(utf8ToBytes(`butterfly/${purpose}/${blockHash}/${hotkey}`))),
  }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ hotkey }) => hotkey);
}

/**
 * How many witnesses' turns have come at an offset of the round: the first may propose from the roster offset on
 * whatever is ready by then, each next one after so many silent blocks more.
 */
export function turnsCome(
  clock: { readonly roster: number },
  silentProposerBlocks: number,
  offset: number,
): number {
  return offset < clock.roster ? 0 : 1 + Math.floor((offset - clock.roster) / silentProposerBlocks);
}

/** Every witness has had its turn and its silent blocks: from here on the round is skipped, whoever still proposes. */
export const rosterIsTooLate = (
  clock: { readonly roster: number },
  silentProposerBlocks: number,
  witnesses: number,
  offset: number,
): boolean => offset > clock.roster + silentProposerBlocks * witnesses;
