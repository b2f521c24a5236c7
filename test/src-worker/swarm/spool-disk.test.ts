import { describe, expect, it } from 'vitest';
import type { CodedError } from '../../../src-shared/errors/app-error.ts';
import { SpoolDisk } from '../../../src-worker/swarm/spool-disk.ts';

const never = new AbortController().signal;

/** A disk that is full for the next so many steps, and what a person was told. */
function bench(fullFor: number) {
  let left = fullFor;
  const told: (string | CodedError['code'])[] = [];
  const disk = new SpoolDisk(
    { notice: ({ code }) => told.push(code), clearNotice: (code) => told.push(`clear ${code}`) },
    () => {
      if (left-- > 0) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
    },
  );
  return { disk, told };
}

describe('a full disk', () => {
  it('is told once, waited for, and taken back', async () => {
    const { disk, told } = bench(2);
    expect(await disk.step('write', '/spool', never, async () => 7)).toBe(7);
    expect(told).toEqual(['DISK_FULL', 'clear DISK_FULL']);
  });

  it('ends with the signal, and stays told until something finds room', async () => {
    const { disk, told } = bench(1);
    const stop = new AbortController();
    const waiting = disk.step('write', '/spool', stop.signal, async () => 7);
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'DISK_FULL', params: { path: '/spool' } });
    expect(told).toEqual(['DISK_FULL']);
    // To sync an old file proves no room.
    await disk.step('sync', '/spool', never, async () => {});
    expect(told).toEqual(['DISK_FULL']);
    await disk.step('write', '/spool', never, async () => {});
    expect(told).toEqual(['DISK_FULL', 'clear DISK_FULL']);
  });

  it('is taken back only when nobody waits any more', async () => {
    const { disk, told } = bench(3);
    const gate = Promise.withResolvers<void>();
    const stop = new AbortController();
    const first = disk.step('write', '/a', never, async () => gate.promise);
    const second = disk.step('write', '/b', stop.signal, async () => {});
    await second;
    expect(told).toEqual(['DISK_FULL']);
    gate.resolve();
    await first;
    expect(told).toEqual(['DISK_FULL', 'clear DISK_FULL']);
  });

  it('is no other failure of the disk', async () => {
    const { disk, told } = bench(0);
    const failing = disk.step('sync', '/spool', never, async () => {
      throw Object.assign(new Error('gone'), { code: 'EIO' });
    });
    await expect(failing).rejects.toMatchObject({ code: 'DISK_FAILING' });
    expect(told).toEqual([]);
  });
});
