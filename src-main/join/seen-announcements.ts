import { join } from 'node:path';
import * as v from 'valibot';
import { durableJson } from '../../src-node/durable-json.ts';
import { turns } from '../../src-node/turns.ts';
import { count, digest } from '../../src-shared/contract/fields.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import type { Hex } from '../../src-shared/units.ts';
import { SEEN_ANNOUNCEMENTS_MAX } from './limits.ts';

/**
 * The newest announcement of each subnet that was found here, over restarts: a node that shows an older one is behind,
 * or lies.
 */
export interface SeenAnnouncements {
  newest(genesisHash: Hex, netuid: number): Promise<number | null>;
  note(seen: SeenAnnouncement): Promise<void>;
}

export interface SeenAnnouncement {
  readonly genesisHash: Hex;
  readonly netuid: number;
  /** At which it was made. */
  readonly block: number;
}

const seenSchema = v.pipe(
  v.array(v.object({ genesisHash: digest, netuid: count, block: count })),
  v.maxLength(SEEN_ANNOUNCEMENTS_MAX),
);

/** Those of a host. */
export const openSeenAnnouncements = (
  dataDir: string,
  told: (error: CodedError) => void,
): SeenAnnouncements => seenAnnouncements(join(dataDir, 'seen-announcements.json'), told);

/** @param path of a file of their own */
export function seenAnnouncements(path: string, told: (error: CodedError) => void): SeenAnnouncements {
  const file = durableJson({ path, schema: seenSchema, told });
  const inTurn = turns();
  const isOf = (genesisHash: Hex, netuid: number) => (one: SeenAnnouncement) =>
    one.genesisHash === genesisHash && one.netuid === netuid;
  return {
    newest: (genesisHash, netuid) =>
      inTurn(async () => (await file.read())?.find(isOf(genesisHash, netuid))?.block ?? null),
    note: (seen) =>
      inTurn(async () => {
        const all = (await file.read()) ?? [];
        const before = all.find(isOf(seen.genesisHash, seen.netuid));
        if (before && before.block >= seen.block) return;
        const others = all.filter((one) => one !== before);
        await file.write([...others, seen].slice(-SEEN_ANNOUNCEMENTS_MAX));
      }),
  };
}
