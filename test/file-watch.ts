import fs, { readlinkSync } from 'node:fs';
import promises, { type FileHandle, open } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { basename, dirname } from 'node:path';
import { expect, onTestFinished, vi } from 'vitest';

/** What was really done to a file: a sync that the code only speaks of does not show here. */
export type FileEvent = { readonly name: string; readonly path: string } & (
  | { readonly what: 'write' | 'sync' }
  /** The file took this path; until then it was called `from`. */
  | { readonly what: 'rename'; readonly from: string }
);

/** Only Linux says which file a handle belongs to. */
export const canWatchFiles = process.platform === 'linux';

const fileAt = (path: string) => ({ name: basename(path), path });
const fileOf = (fd: number) => fileAt(readlinkSync(`/proc/self/fd/${fd}`));

/** Writes down every write, sync and renaming of this process until the test is over, in order of their ends. */
export async function watchFiles(): Promise<FileEvent[]> {
  const events: FileEvent[] = [];
  const any = await open(import.meta.filename, 'r');
  const handles = Object.getPrototypeOf(any) as FileHandle;
  await any.close();
  const undo = [
    ...(['write', 'writeFile'] as const).map((name) => watchHandles(handles, name, 'write', events)),
    ...(['sync', 'datasync'] as const).map((name) => watchHandles(handles, name, 'sync', events)),
    ...(['rename', 'link'] as const).map((name) => watchNames(name, events)),
    ...(['writeSync'] as const).map((name) => watchDescriptors(name, 'write', events)),
    ...(['fsyncSync', 'fdatasyncSync'] as const).map((name) => watchDescriptors(name, 'sync', events)),
    watchNamesSync(events),
  ];
  syncBuiltinESMExports();
  onTestFinished(() => {
    for (const restore of undo) restore();
    syncBuiltinESMExports();
  });
  return events;
}

/**
 * That a file outlives a power cut under its name: synced after the last write to it, before it took the name, and
 * its folder synced after that.
 */
export function expectDurable(events: readonly FileEvent[], path: string): void {
  const named = events.findLastIndex((event) => event.what === 'rename' && event.path === path);
  const event = events[named];
  expect(event, `${path} took its name`).toBeDefined();
  const from = event?.what === 'rename' ? event.from : path;
  const before = events.slice(0, named).filter((one) => one.path === from);
  expect(before.at(-1)?.what, `${path} is synced before it takes its name`).toBe('sync');
  const after = events.slice(named).filter((one) => one.what === 'sync' && one.path === dirname(path));
  expect(after, `the folder of ${path} is synced after it took its name`).not.toEqual([]);
}

type Any = (...given: unknown[]) => unknown;

function watchHandles(
  handles: FileHandle,
  name: 'write' | 'writeFile' | 'sync' | 'datasync',
  what: 'write' | 'sync',
  events: FileEvent[],
): () => void {
  const real = handles[name] as Any;
  const spy = vi.spyOn(handles, name).mockImplementation(async function (
    this: FileHandle,
    ...given: unknown[]
  ) {
    const file = fileOf(this.fd);
    const done = await real.apply(this, given);
    events.push({ what, ...file });
    return done as never;
  } as never);
  return () => spy.mockRestore();
}

function watchDescriptors(
  name: 'writeSync' | 'fsyncSync' | 'fdatasyncSync',
  what: 'write' | 'sync',
  events: FileEvent[],
): () => void {
  const real = fs[name] as Any;
  const spy = vi.spyOn(fs, name).mockImplementation(((fd: number, ...given: unknown[]) => {
    const done = real(fd, ...given);
    events.push({ what, ...fileOf(fd) });
    return done;
  }) as never);
  return () => spy.mockRestore();
}

function watchNames(name: 'rename' | 'link', events: FileEvent[]): () => void {
  const real = promises[name];
  const spy = vi.spyOn(promises, name).mockImplementation(async (from, to) => {
    await real(from, to);
    events.push({ what: 'rename', ...fileAt(String(to)), from: String(from) });
  });
  return () => spy.mockRestore();
}

function watchNamesSync(events: FileEvent[]): () => void {
  const real = fs.renameSync;
  const spy = vi.spyOn(fs, 'renameSync').mockImplementation((from, to) => {
    real(from, to);
    events.push({ what: 'rename', ...fileAt(String(to)), from: String(from) });
  });
  return () => spy.mockRestore();
}
