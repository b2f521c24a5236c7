import { parseStoreAddress, printStoreAddress, type StoreAddress } from '../stores/store-address.ts';
import { type Hex, hex } from '../units.ts';

/**
 * What the owner of a subnet says on chain of the run that works there. It stands as one line in the field `additional`
 * of the subnet's identity, which the owner's coldkey alone can write, so the transaction is its signature:
 * `butterfly-run/1 BLOCK HASH ADDRESS`.
 */
export interface RunAnnouncement {
  /** At which it was made: whoever saw a later one believes no node that shows an earlier. */
  readonly block: number;
  /** Of the profile's consensus part. */
  readonly profileHash: Hex;
  /** Where the profile lies, under `profilePath`. */
  readonly store: StoreAddress;
}

const WORD = 'butterfly-run/1';
const LINE = /^butterfly-run\/1 ([1-9]\d{0,8}) ([0-9a-f]{64}) (\S.*)$/;

/** A chain of 12 s reaches it in 380 years. */
export const ANNOUNCEMENT_BLOCK_MAX = 999_999_999;

/** Where a profile lies in a store: named by its content, so that a store can serve no other in its place unnoticed. */
export const profilePath = (profileHash: Hex): string => `run-profiles/${profileHash}.json`;

/** @throws {RangeError} for a block that does not fit */
export function printAnnouncement({ block, profileHash, store }: RunAnnouncement): string {
  if (!Number.isInteger(block) || block < 1 || block > ANNOUNCEMENT_BLOCK_MAX)
    throw new RangeError('the block of an announcement is one of its chain');
  return `${WORD} ${block} ${profileHash} ${printStoreAddress(store)}`;
}

/** The announcement in what a subnet says of itself; null where there is none, or more than one line calls itself one. */
export function announcementIn(additional: string): RunAnnouncement | null {
  const [line, second] = additional.split('\n').filter(isAnnouncement);
  return line === undefined || second !== undefined ? null : parseLine(line);
}

/** The same text with this announcement in the place of any before; with null, without one. */
export function withAnnouncement(additional: string, announcement: RunAnnouncement | null): string {
  const others = additional.split('\n').filter((line) => line !== '' && !isAnnouncement(line));
  return [...others, ...(announcement ? [printAnnouncement(announcement)] : [])].join('\n');
}

/** Of a later format too: a version that does not know it replaces it whole rather than leave two. */
const isAnnouncement = (line: string): boolean => line.startsWith('butterfly-run/');

function parseLine(line: string): RunAnnouncement | null {
  const [, block, profileHash, address] = LINE.exec(line) ?? [];
  const store = address === undefined ? null : parseStoreAddress(address);
  if (block === undefined || profileHash === undefined || !store) return null;
  return { block: Number(block), profileHash: hex(profileHash), store };
}
