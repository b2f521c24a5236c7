import type { Hex, Ss58 } from '../../src-shared/units.ts';
import type { Ask } from './hotkey-ledger.ts';
import { MAX_POINTS } from './limits.ts';
import type { EpochReturnRow, StakeMoveRow, SubnetPointRow } from './rows.ts';

/** What was seen of one subnet over time. */
export interface SubnetStore {
  /** Names it in the rows that are added. */
  readonly chain: string;
  points(sinceMs: number, points: number): Promise<readonly SubnetPointRow[]>;
  moves(sinceMs: number): Promise<readonly StakeMoveRow[]>;
  returns(sinceMs: number): Promise<readonly EpochReturnRow[]>;
  ownerSince(coldkey: Ss58): Promise<number | null>;
}

export const subnetStore = (ask: Ask, genesisHash: Hex, netuid: number): SubnetStore => {
  const chain = chainOf(genesisHash, netuid);
  return {
    chain,
    points: (sinceMs, points) =>
      ask('subnetPoints', { chain, sinceMs, points: Math.min(points, MAX_POINTS) }),
    moves: (sinceMs) => ask('stakeMoves', { chain, sinceMs }),
    returns: (sinceMs) => ask('epochReturns', { chain, sinceMs }),
    ownerSince: (coldkey) => ask('ownerSince', { chain, coldkey }),
  };
};

const chainOf = (genesisHash: Hex, netuid: number): string => `${genesisHash}/${netuid}`;

/** The most that a column of the database holds. */
const MOST = 2n ** 63n - 1n;

/** An amount as a column can hold it: what no chain can mean is not known. */
export const storable = <T extends bigint>(amount: T | null): T | null =>
  amount === null || amount > MOST || amount < -MOST ? null : amount;
