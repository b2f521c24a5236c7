import type { Hex } from '../../../src-shared/units.ts';
import type { Session } from '../session.ts';
import { readMany, storageItem } from '../storage.ts';

/**
 * Plain values of items of SubtensorModule by one argument each, in one request.
 * @returns undefined for an item that this runtime does not have, null for a value that is not there
 */
export async function readItems<N extends string>(
  session: Session,
  names: readonly N[],
  args: readonly unknown[],
  at: Hex,
  signal: AbortSignal,
): Promise<Readonly<Record<N, unknown>>> {
  const present = names.flatMap((name) => {
    const item = storageItem(session, 'SubtensorModule', name);
    return item ? [{ name, item, args }] : [];
  });
  const values = await readMany(session, present, at, signal);
  const found = new Map<string, unknown>(
    present.map(({ name }, i) => [name, values[i]?.toPrimitive() ?? null]),
  );
  return Object.fromEntries(names.map((name) => [name, found.get(name)])) as Record<N, unknown>;
}
