import { describe, expect, it } from 'vitest';
import { untilOf } from '../../../src-main/updates/until.ts';
import { nextState, type UpdateEvent } from '../../../src-main/updates/update-state.ts';
import type { UpdateState } from '../../../src-shared/contract/page/updates.ts';

const release = { version: '0.2.0', publishedAtMs: 1, notes: '', bytes: 10 };
const later = { ...release, version: '0.3.0' };
const error = { code: 'UPDATE_FETCH_FAILED', params: {} } as const;
const come = (...events: readonly UpdateEvent[]) => events.reduce<UpdateState>(nextState, { kind: 'none' });
const offered: UpdateEvent = { kind: 'offered', release };
const toReady: readonly UpdateEvent[] = [offered, { kind: 'download' }, { kind: 'verified' }];

describe('an update', () => {
  it('goes from offered to installing', () => {
    expect(come(offered)).toEqual({ kind: 'available', release });
    expect(come(offered, { kind: 'download' }, { kind: 'came', bytes: 4 })).toEqual({
      ...{ kind: 'downloading', release, bytes: 4 },
    });
    expect(come(...toReady)).toEqual({ kind: 'ready', release });
    expect(come(...toReady, { kind: 'install' }, { kind: 'waits', waitsFor: 'round' })).toEqual({
      ...{ kind: 'installing', release, waitsFor: 'round' },
    });
  });

  it('that was skipped stays skipped when it is offered again, and gives way to a later one', () => {
    const skipped = [offered, { kind: 'skip' }] as const;
    expect(come(...skipped, offered).kind).toBe('skipped');
    expect(come(...skipped, { kind: 'offered', release: later })).toEqual({
      kind: 'available',
      release: later,
    });
    expect(come(...skipped, { kind: 'offer-again' }).kind).toBe('available');
  });

  it('that was put off is offered again', () => {
    const off = [offered, { kind: 'put-off', untilMs: 9 }] as const;
    expect(come(...off)).toEqual({ kind: 'deferred', release, untilMs: 9 });
    expect(come(...off, { kind: 'offer-again' }).kind).toBe('available');
  });

  it('under way is not exchanged for another one', () => {
    expect(come(offered, { kind: 'download' }, { kind: 'offered', release: later })).toMatchObject({
      release,
    });
    expect(come(...toReady, { kind: 'install' }, { kind: 'offered', release: null }).kind).toBe('installing');
  });

  it('is not installed before it was verified, nor verified before it came', () => {
    expect(come(offered, { kind: 'install' }).kind).toBe('available');
    expect(come(offered, { kind: 'verified' }).kind).toBe('available');
    expect(come(offered, { kind: 'download' }, { kind: 'install' }).kind).toBe('downloading');
  });

  it('that failed can be fetched again, and one that was taken back is where it was', () => {
    expect(come(offered, { kind: 'download' }, { kind: 'failed', error })).toEqual({
      kind: 'failed',
      release,
      error,
    });
    expect(come(offered, { kind: 'download' }, { kind: 'failed', error }, { kind: 'download' }).kind).toBe(
      'downloading',
    );
    expect(come(offered, { kind: 'download' }, { kind: 'cancelled' }).kind).toBe('available');
    expect(come(...toReady, { kind: 'install' }, { kind: 'cancelled' }).kind).toBe('ready');
  });

  it('of which nothing is there hears nothing', () => {
    const events = ['skip', 'offer-again', 'download', 'verified', 'install', 'cancelled'] as const;
    for (const kind of events) expect(come({ kind })).toEqual({ kind: 'none' });
  });
});

describe('until when it is put off', () => {
  const at = (hour: number) => new Date(2026, 10, 30, hour).getTime();
  it('tonight is this evening, or where that is past the next one', () => {
    expect(new Date(untilOf('tonight', at(9))).getHours()).toBe(22);
    expect(new Date(untilOf('tonight', at(9))).getDate()).toBe(30);
    expect(new Date(untilOf('tonight', at(23))).getDate()).toBe(1);
  });
  it('a week is seven days', () => {
    expect(new Date(untilOf('week', at(9))).getDate()).toBe(7);
  });
});
