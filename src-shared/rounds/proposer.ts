import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Consensus } from '../profile/schema.ts';
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

/**
 * How many witnesses' turns have come to propose a list of results: the first may as soon as its own exchange is over,
 * each next one after so many silent blocks more, counted from the end that the exchange has at the latest.
 * @param sinceRoster blocks since the agreed roster came
 */
export function listTurnsCome(
  { exchangeBlocks, silentListBlocks }: Pick<Consensus['reduce'], 'exchangeBlocks' | 'silentListBlocks'>,
  sinceRoster: number,
): number {
  return 1 + Math.max(0, Math.floor((sinceRoster - exchangeBlocks) / silentListBlocks));
}

/** A record needs one block at least to be written in. */
const RECORD_BLOCK = 1;

/** What is listed from here on can be fetched, prepared and recorded by nobody before the outcome block. */
export const listIsTooLate = (
  {
    clock,
    reduce,
  }: {
    readonly clock: { readonly outcome: number };
    readonly reduce: Pick<Consensus['reduce'], 'fetchBlocks' | 'prepareBlocks'>;
  },
  offset: number,
): boolean => offset >= clock.outcome - reduce.fetchBlocks - reduce.prepareBlocks - RECORD_BLOCK;
