import * as v from 'valibot';
import type { Hex } from '../../../src-shared/units.ts';
import type { Session } from '../session.ts';
import { parse, readMany, smallUint, storageItem } from '../storage.ts';

/** The chain takes weights only from who states at least its version. @param at null for the best block */
export async function weightsVersion(
  session: Session,
  netuid: number,
  at: Hex | null,
  signal: AbortSignal,
): Promise<number> {
  const item = storageItem(session, 'SubtensorModule', 'WeightsVersionKey');
  if (!item) return 0;
  const [value] = await readMany(session, [{ item, args: [netuid] }], at, signal);
  return parse(v.nullable(smallUint), value?.toPrimitive() ?? null) ?? 0;
}
