import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { endOnSignals } from '../../../src-main/entry/ending.ts';

function ending() {
  const signals = new EventEmitter();
  const lines: string[] = [];
  const exits: number[] = [];
  const clock = { nowMs: 1_000 };
  const { signal, ask } = endOnSignals({
    on: (name, listener) => signals.on(name, listener),
    exit: (code) => exits.push(code),
    nowMs: () => clock.nowMs,
    say: (line) => lines.push(line),
  });
  return { signals, lines, exits, clock, signal, ask };
}

describe('the end of the program', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('begins in order at %s, and says so once', (name) => {
    const { signals, lines, exits, signal } = ending();
    signals.emit(name);
    signals.emit('SIGTERM');
    signals.emit('SIGHUP');
    expect(signal.aborted).toBe(true);
    expect(lines).toEqual([expect.stringContaining('Stopping')]);
    expect(exits).toEqual([]);
  });

  it('comes at once with a second press of Ctrl+C', () => {
    const { signals, lines, exits, clock } = ending();
    signals.emit('SIGINT');
    expect(lines[0]).toContain('Press Ctrl+C again');
    clock.nowMs += 401;
    signals.emit('SIGINT');
    expect(exits).toEqual([130]);
  });

  it('takes what terminal and npm both send for one press', () => {
    const { signals, exits, clock } = ending();
    signals.emit('SIGINT');
    clock.nowMs += 50;
    signals.emit('SIGINT');
    expect(exits).toEqual([]);
  });

  it('may be asked for from inside, and by Ctrl+C at once after that', () => {
    const { signals, exits, signal, ask } = ending();
    ask();
    expect(signal.aborted).toBe(true);
    signals.emit('SIGINT');
    expect(exits).toEqual([130]);
  });
});
