import { describe, expect, it } from 'vitest';
import { PACED_BYTES } from '../../../../src-node/limits.ts';
import { Pace } from '../../../../src-node/pace.ts';
import { bodyOf } from '../../../../src-worker/publish/stores/paced-body.ts';
import { StallWatch } from '../../../../src-worker/publish/stores/stall-watch.ts';

function portions(pace = new Pace()) {
  const sent: number[] = [];
  const watch = new StallWatch();
  return {
    sent,
    pace,
    watch,
    signal: new AbortController().signal,
    onSent: (bytes: number) => sent.push(bytes),
  };
}

describe('a body that goes out at the pace', () => {
  it('is never kept for a second address, which would hold all of it in memory', () => {
    expect(bodyOf(new Blob(['x']), portions()).redirect).toBe('error');
    expect(bodyOf(new Uint8Array(PACED_BYTES + 1), portions()).redirect).toBe('error');
  });

  it('has its length and its bytes, and is counted as it goes', async () => {
    const counted = portions();
    const bytes = new Uint8Array(3 * PACED_BYTES).fill(7);
    const body = bodyOf(new Blob([bytes]), counted).body as Blob;
    expect(body.size).toBe(bytes.length);
    const parts: Uint8Array[] = [];
    for await (const part of body.stream()) parts.push(part);
    expect(Buffer.concat(parts).equals(bytes)).toBe(true);
    expect(counted.sent.reduce((sum, one) => sum + one, 0)).toBe(bytes.length);
  });

  it('goes in small portions under a pace', async () => {
    const pace = new Pace();
    pace.set(1e12);
    const counted = portions(pace);
    const body = bodyOf(new Blob([new Uint8Array(5 * PACED_BYTES)]), counted).body as Blob;
    for await (const _part of body.stream());
    expect(Math.max(...counted.sent)).toBeLessThanOrEqual(PACED_BYTES);
  });

  it('goes as it is where it is short', () => {
    expect(bodyOf('text', portions())).toEqual({ body: 'text' });
    expect(bodyOf(undefined, portions())).toEqual({});
  });
});
