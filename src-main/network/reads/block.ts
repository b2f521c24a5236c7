import type { Hex, Ss58 } from '../../../src-shared/units.ts';
import type { Session } from '../session.ts';
import { parse, readMany, requiredItem, smallUint, storageItem } from '../storage.ts';

/** Unix milliseconds that the block states for itself; null where the runtime keeps no time. */
export async function readBlockTime(session: Session, at: Hex, signal: AbortSignal): Promise<number | null> {
  const item = storageItem(session, 'Timestamp', 'Now');
  if (!item) return null;
  const [value] = await readMany(session, [{ item, args: [] }], at, signal);
  const time = parse(smallUint, value?.toPrimitive());
  return time === 0 ? null : time;
}

/** The hotkey's uid in the state of that block; null when it was not registered. */
export async function readUid(
  session: Session,
  netuid: number,
  hotkey: Ss58,
  at: Hex,
  signal: AbortSignal,
): Promise<number | null> {
  const item = requiredItem(session, 'SubtensorModule', 'Uids');
  const [value] = await readMany(session, [{ item, args: [netuid, hotkey] }], at, signal);
  return value ? parse(smallUint, value.toPrimitive()) : null;
}
