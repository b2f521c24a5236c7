import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { pause } from '../../../src-node/waits.ts';
import { ss58 } from '../../../src-shared/units.ts';
import { firstAnswer } from '../../../src-worker/swarm/net/first-answer.ts';
import { played, playTime } from './played-time.ts';

beforeEach(playTime);
afterEach(() => void vi.useRealTimers());

const peers = ['5a', '5b', '5c', '5d'].map(ss58);
const how = { atOnce: 3, nextAfterMs: 2_000 };
const never = new AbortController().signal;

const later = async <T>(ms: number, value: T, signal: AbortSignal): Promise<T> => {
  await pause(ms, signal);
  return value;
};

/** What it came to, and after how long. */
async function timed<T>(asked: Promise<T>) {
  const beganMs = performance.now();
  return { found: await played(asked), ms: performance.now() - beganMs };
}

describe('the first answer that counts', () => {
  it('comes of the second where the first keeps silent, after the pause', async () => {
    const ask = async (peer: string, until: AbortSignal) =>
      peer === '5b' ? 'here' : later(60_000, null, until);
    expect(await timed(firstAnswer(peers, ask, how, never))).toEqual({ found: 'here', ms: 2_000 });
  });

  it('is none as soon as all have refused: nobody is left to be asked beside them', async () => {
    const asked: string[] = [];
    const ask = async (peer: string) => {
      asked.push(peer);
      return null;
    };
    expect(await timed(firstAnswer(peers, ask, how, never))).toEqual({ found: null, ms: 0 });
    expect(asked).toEqual(peers);
  });

  it('is waited for while one of them is still asked', async () => {
    const ask = async (peer: string, until: AbortSignal) =>
      peer === '5a' ? later(5_000, 'late', until) : null;
    expect(await timed(firstAnswer(peers, ask, how, never))).toEqual({ found: 'late', ms: 5_000 });
  });
});
