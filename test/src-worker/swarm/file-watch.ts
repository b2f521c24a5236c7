import { readlinkSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { onTestFinished, vi } from 'vitest';

/** What was really done to a file: a sync that the code only speaks of does not show here. */
export interface FileEvent {
  readonly what: 'write' | 'sync';
  readonly name: string;
  readonly path: string;
}

/** Only Linux says which file a handle belongs to. */
export const canWatchFiles = process.platform === 'linux';

/** Writes down every write and sync of this process until the test is over, in order of their ends. */
export async function watchFiles(): Promise<FileEvent[]> {
  const events: FileEvent[] = [];
  const any = await open(import.meta.filename, 'r');
  const prototype = Object.getPrototypeOf(any) as FileHandle;
  await any.close();
  const { write, sync } = prototype;
  const fileOf = ({ fd }: FileHandle): Omit<FileEvent, 'what'> => {
    const path = readlinkSync(`/proc/self/fd/${fd}`);
    return { name: basename(path), path };
  };
  const spies = [
    vi.spyOn(prototype, 'write').mockImplementation(async function (this: FileHandle, ...args: unknown[]) {
      const file = fileOf(this);
      const done = await (write as (...given: unknown[]) => ReturnType<FileHandle['write']>).apply(
        this,
        args,
      );
      events.push({ what: 'write', ...file });
      return done as never;
    } as never),
    vi.spyOn(prototype, 'sync').mockImplementation(async function (this: FileHandle) {
      const file = fileOf(this);
      await sync.call(this);
      events.push({ what: 'sync', ...file });
    }),
  ];
  onTestFinished(() => {
    for (const spy of spies) spy.mockRestore();
  });
  return events;
}
