import * as v from 'valibot';
import type { Hex, Ss58 } from '../../../src-shared/units.ts';
import type { Session } from '../session.ts';
import { hexText, parse } from '../storage.ts';
import { readAccountBalance } from './account.ts';
import { readAllEvents } from './events.ts';

const blockSchema = v.object({
  block: v.object({ header: v.object({ parentHash: hexText }), extrinsics: v.array(hexText) }),
});

/**
 * By how much a transaction changed its signer's free balance, fee and all: the difference over its block.
 * @returns null where something else in that block concerned the account too, or its events are gone
 */
export async function readOwnChange(
  session: Session,
  { encoded, account }: { readonly encoded: string; readonly account: Ss58 },
  at: Hex,
  signal: AbortSignal,
): Promise<bigint | null> {
  const { header, extrinsics } = parse(
    blockSchema,
    await session.socket.request('chain_getBlock', [`0x${at}`], signal),
  ).block;
  const index = extrinsics.indexOf(encoded);
  const events = index < 0 ? undefined : await readAllEvents(session, at, signal);
  if (!events) return null;
  const isShared = events.some(
    ({ extrinsic, data }) => extrinsic !== index && JSON.stringify(data).includes(account),
  );
  if (isShared) return null;
  const before = header.parentHash.slice(2) as Hex;
  const [after, earlier] = await Promise.all(
    [at, before].map((hash) => readAccountBalance(session, account, hash, signal)),
  );
  return after && earlier ? after.freeRao - earlier.freeRao : null;
}
