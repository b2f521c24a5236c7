import { describe, expect, it } from 'vitest';
import { movedTerms, ownEventSentence } from '../../src-renderer/state/why-less-words.ts';
import type { OwnEvent, TermChange } from '../../src-shared/contract/page/why-less.ts';
import { why } from '../../src-shared/scoring/why.ts';

const term = (id: string, cost: number): TermChange => ({
  ...{ term: id, cost, before: 1, now: 0.5, whyBefore: null },
  why: why('not-measured'),
});

const total = { before: 0.9, now: 0.6 };

describe('why a miner earned less', () => {
  it('names the parts that cost most first, and none that rounding alone moved', () => {
    const terms = [term('a', 0.001), term('b', -0.2), term('c', 0.4), term('d', 0.05)];
    expect(movedTerms({ terms, total }).map(({ term: id }) => id)).toEqual(['c', 'd', 'b']);
  });

  it('names all that fell where none by itself would bring the score back', () => {
    const terms = [
      { ...term('a', 0), now: 0 },
      { ...term('b', 0), now: 0 },
      { ...term('c', 0), now: 1.2 },
    ];
    const names = (of: typeof total) => movedTerms({ terms, total: of }).map(({ term: id }) => id);
    expect(names({ before: 0.9, now: 0 })).toEqual(['a', 'b']);
    expect(names({ before: 0.9, now: 0.9 })).toEqual([]);
  });

  it('says what this computer went through, each kind in its words', () => {
    const atMs = Date.UTC(2026, 0, 2, 3, 4);
    const events: OwnEvent[] = [
      { kind: 'round', round: 40, atMs, reason: { code: 'paused', params: {} } },
      { kind: 'exchange', round: 41, atMs, takenShare: 0.62, returnedShare: 0.9, fault: null },
      { kind: 'exchange', round: 41, atMs, takenShare: 0, returnedShare: null, fault: 'silent' },
      { kind: 'slower', round: 42, atMs, tokensPerSecond: 640.4, before: 1_284.2 },
      { kind: 'told', atMs, error: { code: 'DISK_FULL', params: { path: '/d' } } },
    ];
    const said = events.map(ownEventSentence);
    expect(said[0]).toBe('Round 40: You rested.');
    expect(said[1]).toBe(
      'Round 41: 62 % of your contribution arrived in time, the rest was late. You returned 90 % of your part of the average.',
    );
    expect(said[2]).toMatch(
      /^Round 41: Seen of you: Silent in the exchange\. Nothing of your contribution arrived in time\.$/,
    );
    expect(said[3]).toBe('Round 42 was worked slower: 640 tokens/s, 1,284 in the one before.');
    expect(said[4]).toMatch(/^\d\d:\d\d: .*disk/i);
  });
});
