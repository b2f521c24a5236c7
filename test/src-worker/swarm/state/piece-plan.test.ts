import { describe, expect, it } from 'vitest';
import { COPIES_AT_END, FIRST_PIECE_MS } from '../../../../src-worker/swarm/state/limits.ts';
import { PiecePlan } from '../../../../src-worker/swarm/state/piece-plan.ts';

/** A plan of which all pieces were asked of one slow source at time 0; says which of its asks were ended. */
function allAsked(pieces: number) {
  const plan = new PiecePlan(Array.from({ length: pieces }, (_, i) => i));
  const ended: number[] = [];
  const fails = Array.from({ length: pieces }, (_, i) => plan.asked(i, 'slow', 0, () => ended.push(i)));
  return { plan, ended, fails };
}

describe('which piece is asked of whom', () => {
  it('is the lowest that nobody was asked for, those that failed last', () => {
    const plan = new PiecePlan([4, 6, 9]);
    const failed = plan.asked(4, 'a', 0, () => undefined);
    expect(plan.next('b', 100, 0)).toBe(6);
    failed();
    plan.done(6);
    expect(plan.next('b', 100, 0)).toBe(9);
    plan.done(9);
    expect(plan.next('b', 100, 0)).toBe(4);
  });

  it('is nothing while those under way are not slow', () => {
    const { plan } = allAsked(2);
    expect(plan.next('fast', 100, 199)).toBeNull();
  });

  it('is at the end one that somebody else is slow with, the longest first, and never twice of the same source', () => {
    const { plan } = allAsked(1);
    plan.asked(1, 'slower', 50, () => undefined);
    expect(plan.next('fast', 100, 300)).toBe(0);
    plan.asked(0, 'fast', 300, () => undefined);
    expect(plan.next('fast', 100, 300)).toBe(1);
    expect(plan.next('slow', 100, 1_000)).toBe(1);
  });

  it('helps out after a while too where the helper gave nothing yet', () => {
    const { plan } = allAsked(1);
    expect(plan.next('new', null, 2 * FIRST_PIECE_MS - 1)).toBeNull();
    expect(plan.next('new', null, 2 * FIRST_PIECE_MS)).toBe(0);
  });

  it('has no more copies on the way than are of use', () => {
    const { plan } = allAsked(1);
    for (let i = 1; i < COPIES_AT_END; i++) plan.asked(0, `helper ${i}`, 0, () => undefined);
    expect(plan.next('one more', 1, 10_000)).toBeNull();
  });

  it('ends all other asks when a piece has come, and leaves it to nobody when one of them fails then', () => {
    const { plan, ended, fails } = allAsked(2);
    plan.done(0);
    expect(ended).toEqual([0]);
    fails[0]!();
    expect(plan.isFree(0)).toBe(false);
    expect(plan.next('b', 1, 10)).toBe(1);
  });

  it('frees a piece only when its last ask has failed', () => {
    const { plan, fails } = allAsked(1);
    const helper = plan.asked(0, 'helper', 5, () => undefined);
    fails[0]!();
    expect(plan.isFree(0)).toBe(false);
    helper();
    expect(plan.isFree(0)).toBe(true);
  });
});
