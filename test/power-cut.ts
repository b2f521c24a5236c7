import promises, { type FileHandle, open } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

/** What changes a disk. Reading goes on after a cut: it leaves nothing behind. */
const NAMED = ['rename', 'link', 'rm', 'unlink', 'mkdir', 'copyFile', 'writeFile', 'chmod', 'cp'] as const;
const OF_HANDLES = ['write', 'writeFile', 'sync', 'truncate'] as const;

type Any = (...given: unknown[]) => unknown;

class PowerCut extends Error {}

/**
 * Runs `act` with the power going at its change number `at` to the disk, and staying away: that change and all later
 * ones fail, so that nothing tidies up either.
 * @returns whether it was cut before it came to its end
 */
export async function withPowerCut(at: number, act: () => Promise<unknown>): Promise<boolean> {
  let changes = 0;
  const unguard = await guardDisk(() => {
    if (changes++ >= at) throw new PowerCut(`cut at change ${at}`);
  });
  try {
    await act();
  } catch (thrown) {
    if (changes <= at) throw thrown;
  } finally {
    unguard();
  }
  return changes > at;
}

/**
 * From now on every change of this process to the disk is told before it is made, with the path of what it changes; a
 * guard that throws keeps it from being made.
 * @returns what ends it
 */
export async function guardDisk(guard: (path: string) => void): Promise<() => void> {
  const paths = new WeakMap<object, string>();
  const undo = [
    ...NAMED.map((name) => guarded(promises as never, name, (_self, path) => guard(`${path}`))),
    ...(await guardedHandles((handle) => guard(paths.get(handle) ?? ''))),
  ];
  const realOpen = promises.open as unknown as (...given: unknown[]) => Promise<object>;
  const named = promises as unknown as Record<string, Any>;
  named.open = async (path, flags = 'r', ...rest) => {
    if (flags !== 'r') guard(`${path}`);
    const handle = await realOpen(path, flags, ...rest);
    paths.set(handle, `${path}`);
    return handle;
  };
  syncBuiltinESMExports();
  return () => {
    named.open = realOpen;
    for (const restore of undo) restore();
    syncBuiltinESMExports();
  };
}

/**
 * Cuts the power at each change in turn, each time on ground of its own, until one run comes through.
 * @param ground makes what one run works on
 * @param act what is interrupted
 * @param look what must hold afterwards, cut or not
 * @param step from one change that is cut to the next: for acts that are long
 * @returns how many changes there were, less than `step` too many
 */
export async function cutEverywhere<G>(
  ground: () => Promise<G>,
  act: (ground: G) => Promise<unknown>,
  look: (ground: G, wasCut: boolean) => Promise<void>,
  step = 1,
): Promise<number> {
  for (let at = 0; ; at += step) {
    const one = await ground();
    const wasCut = await withPowerCut(at, () => act(one));
    await look(one, wasCut);
    if (!wasCut) return at;
  }
}

type Guard = (self: object, first: unknown) => void;

function guarded(owner: Record<string, Any>, name: string, guard: Guard): () => void {
  const real = owner[name] as Any;
  owner[name] = async function (this: object, ...given: unknown[]) {
    guard(this, given[0]);
    return real.apply(this, given);
  };
  return () => {
    owner[name] = real;
  };
}

async function guardedHandles(guard: Guard): Promise<readonly (() => void)[]> {
  const any = await open(import.meta.filename, 'r');
  const handles = Object.getPrototypeOf(any) as FileHandle;
  await any.close();
  return OF_HANDLES.map((name) => guarded(handles as never, name, guard));
}
