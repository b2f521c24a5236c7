import { describe, expect, it } from 'vitest';
import { PROGRESS_LOGGED_EVERY_MS } from '../../../src-main/rounds/limits.ts';
import { logStates, progressLine } from '../../../src-main/rounds/state-progress.ts';

const progress = (receivedBytes: number, bytesPerSecond: number | null = 2e6) => ({
  ...{ receivedBytes, totalBytes: 10e6, bytesPerSecond, peers: 3, stores: 1 },
});

describe('what the log says of a state on its way', () => {
  it('is how much of it is here, from how many, how fast, and how long it takes', () => {
    expect(progressLine(progress(4e6))).toBe(
      'state: 4.0 of 10.0 MB from 3 peers and 1 stores, 2.0 MB/s, 3 s left',
    );
    expect(progressLine(progress(4e6, null))).toBe('state: 4.0 of 10.0 MB from 3 peers and 1 stores');
    expect(progressLine(progress(4e6, 0))).not.toContain('left');
  });

  it('comes now and then, at the end always, and names who gave something wrong', () => {
    const hear = new Map<string, (payload: never) => void>();
    const swarm = {
      on: (name: string, listener: (payload: never) => void) => {
        hear.set(name, listener);
        return () => hear.delete(name);
      },
    };
    const lines: string[] = [];
    let nowMs = 0;
    const off = logStates(
      swarm as never,
      (line) => lines.push(line),
      () => nowMs,
    );
    const say = (received: number) => hear.get('stateProgress')!(progress(received) as never);
    say(1e6);
    say(2e6);
    nowMs = PROGRESS_LOGGED_EVERY_MS;
    say(3e6);
    say(10e6);
    hear.get('stateLiar')!({ hotkey: '5F', what: 'piece' } as never);
    expect(lines.map((line) => line.slice(0, 14))).toEqual([
      'state: 1.0 of ',
      'state: 3.0 of ',
      'state: 10.0 of',
      'state: a wrong',
    ]);
    off();
    expect(hear.size).toBe(0);
  });
});
