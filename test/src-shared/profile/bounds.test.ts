import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { consensusSchema } from '../../../src-shared/profile/schema.ts';
import { shippedConsensus } from '../../../src-shared/profile/shipped.ts';

type Path = readonly (string | number)[];

/** Where a document holds a number, and where a list. */
function* placesOf(value: unknown, at: Path = []): Generator<{ at: Path; is: 'number' | 'list' }> {
  if (typeof value === 'number') yield { at, is: 'number' };
  if (Array.isArray(value)) yield { at, is: 'list' };
  if (typeof value === 'object' && value !== null)
    for (const [key, part] of Object.entries(value)) yield* placesOf(part, [...at, key]);
}

function withAt(value: unknown, [key, ...rest]: Path, change: (before: unknown) => unknown): unknown {
  if (key === undefined) return change(value);
  const copy = structuredClone(value) as Record<string | number, unknown>;
  copy[key] = withAt(copy[key], rest, change);
  return copy;
}

/** Counts of what nobody loops over, and settings of an optimiser that only make it learn badly. */
const UNBOUNDED: ReadonlySet<string> = new Set([
  'format',
  'predecessor.afterRound',
  'clock.start.block',
  'inner.warmupTokens',
  ...['lr', 'eps', 'weightDecay', 'clip'].map((name) => `inner.${name}`),
]);
const isFree = (path: string): boolean => UNBOUNDED.has(path) || /^outer\.\d+\.(fromRound|lr)$/.test(path);

describe('a profile of whoever wrote it', () => {
  const [consensus] = shippedConsensus();
  const places = [...placesOf(consensus)].map(({ at, is }) => ({ at, is, path: at.join('.') }));

  it.each(places.filter(({ is, path }) => is === 'number' && !isFree(path)))(
    'has no $path without end',
    ({ at }) => {
      const whole = withAt(consensus, at, () => Number.MAX_SAFE_INTEGER);
      expect(v.safeParse(consensusSchema, whole).success).toBe(false);
    },
  );

  it.each(places.filter(({ is }) => is === 'list'))('has no list $path without end', ({ at }) => {
    const endless = (before: unknown) => Array(2_000).fill((before as readonly unknown[])[0] ?? 'x');
    expect(v.safeParse(consensusSchema, withAt(consensus, at, endless)).success).toBe(false);
  });
});
