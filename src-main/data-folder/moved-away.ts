import { join } from 'node:path';
import * as v from 'valibot';
import { type DurableJson, durableJson } from '../../src-node/durable-json.ts';
import { address, count } from '../../src-shared/contract/fields.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import type { Ss58 } from '../../src-shared/units.ts';

/** Marks hotkeys that another computer works with now. */
export const MOVED_AWAY_FILE = 'moved-away.json';

const schema = v.object({
  atMs: count,
  hotkeys: v.pipe(v.array(address), v.maxLength(256)),
});
export type MovedAway = v.InferOutput<typeof schema>;

const fileOf = (dataDir: string): DurableJson<MovedAway> => {
  const path = join(dataDir, MOVED_AWAY_FILE);
  // Unreadable may mean moved away: two computers with one hotkey are worse than one that waits.
  const refuse = () => new AppError('MOVED_AWAY_UNREADABLE', { path });
  return durableJson({ path, schema, told: () => undefined, secondCopy: 'kept', refuse });
};

/** null: everything works here. @throws {AppError} MOVED_AWAY_UNREADABLE, or of the disk */
export const readMovedAway = async (dataDir: string): Promise<MovedAway | null> => {
  const found = await fileOf(dataDir).read();
  return found && found.hotkeys.length > 0 ? found : null;
};

/** On disk when it resolves: only then may another computer have the keys. @throws {AppError} as `readMovedAway` */
export async function markMovedAway(dataDir: string, hotkeys: readonly Ss58[], nowMs: number): Promise<void> {
  const before = (await readMovedAway(dataDir))?.hotkeys ?? [];
  await fileOf(dataDir).write({ atMs: nowMs, hotkeys: [...new Set([...before, ...hotkeys])] });
}

/** These work here from now on. @throws {AppError} as `readMovedAway` */
export async function takeBack(dataDir: string, hotkeys: readonly Ss58[]): Promise<void> {
  const before = await readMovedAway(dataDir);
  if (!before) return;
  await fileOf(dataDir).write({
    ...before,
    hotkeys: before.hotkeys.filter((hotkey) => !hotkeys.includes(hotkey)),
  });
}

/** @throws {AppError} HOTKEY_MOVED_AWAY, or as `readMovedAway` */
export async function demandHere(dataDir: string, hotkey: Ss58): Promise<void> {
  const moved = await readMovedAway(dataDir);
  if (moved?.hotkeys.includes(hotkey))
    throw new AppError('HOTKEY_MOVED_AWAY', { hotkey, day: new Date(moved.atMs).toISOString().slice(0, 10) });
}
