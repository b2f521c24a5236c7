import { describe, expect, it } from 'vitest';
import type { KeptKey } from '../../../../src-main/shells/web/page-file.ts';
import { newSessions } from '../../../../src-main/shells/web/sessions.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;
const clock = { nowMs: 1_000_000 };

function sessions(kept: readonly KeptKey[] = []) {
  return newSessions({ kept, onFileToken: () => {}, onKept: () => {}, now: () => clock.nowMs });
}
const token = (secret: string) => ({ kind: 'token', secret }) as const;
const session = (secret: string | null) => ({ kind: 'session', secret: secret ?? '' }) as const;

/** A key of the run before, and what that run left behind. */
function earlierRun() {
  const before = sessions();
  const key = before.admit(token(before.fileToken));
  return { key, kept: before.kept() };
}

describe('session keys of an earlier run', () => {
  it('are replaced when they come, and hold beside the new one for a while', () => {
    const { key, kept } = earlierRun();
    const now = sessions(kept);
    const fresh = now.admit(session(key));
    expect(fresh).not.toBe(key);
    clock.nowMs += 9 * 60_000;
    expect(now.admit(session(key))).not.toBeNull();
    clock.nowMs += 2 * 60_000;
    expect(now.admit(session(key))).toBeNull();
    expect(now.admit(session(fresh))).toBe(fresh);
  });

  it('expire a day after their page was last seen', () => {
    const { key, kept } = earlierRun();
    clock.nowMs += DAY_MS;
    expect(sessions(kept).admit(session(key))).toBeNull();
  });

  it('count as expired where the clock was set back behind them', () => {
    const { key, kept } = earlierRun();
    clock.nowMs -= 60_000;
    expect(sessions(kept).admit(session(key))).toBeNull();
  });

  it('get their whole time anew while their page is connected', () => {
    const before = sessions();
    const key = before.admit(token(before.fileToken)) ?? '';
    clock.nowMs += 2 * DAY_MS;
    before.seen([key]);
    expect(sessions(before.kept()).admit(session(key))).not.toBeNull();
  });

  it('are kept in a bounded number, the newest', () => {
    const many = sessions();
    const keys = Array.from({ length: 70 }, () => many.admit(token(many.terminalToken)));
    expect(many.kept()).toHaveLength(64);
    expect(many.admit(session(keys[0] ?? null))).toBeNull();
    expect(many.admit(session(keys[69] ?? null))).toBe(keys[69]);
  });
});

describe('tokens', () => {
  it('of the file are spent, of the terminal not; neither is a key', () => {
    const one = sessions();
    const { fileToken, terminalToken } = one;
    expect(one.admit(token(fileToken))).not.toBeNull();
    expect(one.admit(token(fileToken))).toBeNull();
    expect(one.admit(token(terminalToken))).not.toBeNull();
    expect(one.admit(token(terminalToken))).not.toBeNull();
    expect(one.admit(session(terminalToken))).toBeNull();
  });
});
