import { describe, expect, it } from 'vitest';
import { newestSession } from '../../../../src-main/shells/web/newest-session.ts';

const token = (secret: string) => ({ kind: 'token', secret }) as const;
const session = (secret: string) => ({ kind: 'session', secret }) as const;

describe('who may speak from the signing window', () => {
  it('is who brings the newest token, once, and then its key', () => {
    const sessions = newestSession(() => 0);
    const issued = sessions.issue();
    const key = sessions.admit(token(issued));
    expect(key).toHaveLength(43);
    expect(sessions.admit(token(issued))).toBeNull();
    expect(sessions.admit(session(key ?? ''))).toBe(key);
    expect(sessions.admit(session(issued))).toBeNull();
    expect(sessions.admit(null)).toBeNull();
  });

  it('is nobody before a token was issued', () => {
    const sessions = newestSession(() => 0);
    expect(sessions.admit(token('A'.repeat(43)))).toBeNull();
    expect(sessions.admit(session('A'.repeat(43)))).toBeNull();
  });

  it('is not who has a token of before, or one that lay about for a minute', () => {
    let nowMs = 0;
    const sessions = newestSession(() => nowMs);
    const first = sessions.issue();
    const second = sessions.issue();
    expect(sessions.admit(token(first))).toBeNull();
    nowMs = 60_001;
    expect(sessions.admit(token(second))).toBeNull();
  });

  it('is not the window before any more once a newer one has come', () => {
    const sessions = newestSession(() => 0);
    const before = sessions.admit(token(sessions.issue()));
    sessions.issue();
    expect(sessions.admit(session(before ?? ''))).toBe(before);
    sessions.admit(token(sessions.issue()));
    expect(sessions.admit(session(before ?? ''))).toBeNull();
  });
});
