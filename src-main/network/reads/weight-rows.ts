import * as v from 'valibot';
import type { Hex } from '../../../src-shared/units.ts';
import { NEURONS_MAX } from '../limits.ts';
import type { Session } from '../session.ts';
import { parse, readMany, requiredItem, smallUint } from '../storage.ts';

const rowSchema = v.pipe(v.array(v.tuple([smallUint, smallUint])), v.maxLength(NEURONS_MAX));

/** Weights as a validator set them, 0 to 65535 by uid. */
export type WeightRowRead = readonly { readonly uid: number; readonly weight: number }[];

/**
 * The weights of these uids as they stand on chain, in the state of one block, those of the subnet's first mechanism.
 * Whoever never set any has an empty row. Where weights are hidden first, the last that were opened.
 * @throws {AppError} CHAIN_CALL_UNAVAILABLE where the runtime keeps none
 */
export async function readWeightRows(
  session: Session,
  netuid: number,
  uids: readonly number[],
  at: Hex,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, WeightRowRead>> {
  const item = requiredItem(session, 'SubtensorModule', 'Weights');
  const queries = uids.map((uid) => ({ item, args: [netuid, uid] }));
  const rows = await readMany(session, queries, at, signal);
  return new Map(
    rows.map((row, i) => [
      uids[i]!,
      parse(rowSchema, row?.toPrimitive() ?? []).map(([uid, weight]) => ({ uid, weight })),
    ]),
  );
}
