import { describe, expect, it } from 'vitest';
import { OpenChunks } from '../../../src-shared/reduce/open-chunks.ts';
import { hasQuorum } from '../../../src-shared/reduce/quorum.ts';

const weights = [1, 1, 1, 0];
const opened = (isExpected: (member: number) => boolean, hasOwn = true) => {
  const open = new OpenChunks({
    ...{ self: 0, weights, hasOwn, isExpected },
    isQuorum: (set) => hasQuorum(set, 0, weights),
  });
  open.start(7, 100);
  return open;
};

describe('open chunks', () => {
  it('close when all who are expected are in, whoever has no weight', () => {
    const open = opened(() => true);
    open.add(7, 1);
    expect(open.mayClose(7)).toBe(false);
    open.add(7, 2);
    expect(open.mayClose(7)).toBe(true);
  });

  it('close without who passed or is lost, but never without a quorum', () => {
    const passed = opened(() => true);
    passed.pass(7, 2);
    expect(passed.mayClose(7)).toBe(false);
    passed.add(7, 1);
    expect(passed.mayClose(7)).toBe(true);
    const alone = opened(() => false);
    expect(alone.mayClose(7)).toBe(false);
  });

  it('count the own values only where there are some', () => {
    const open = opened((member) => member === 2, false);
    open.add(7, 1);
    expect(open.close(7)).toEqual({ present: 0b010n, others: 0b010n });
    const own = opened(() => false);
    own.add(7, 1);
    expect(own.close(7)).toEqual({ present: 0b011n, others: 0b010n });
  });

  it('want the values of each member once, of none without weight, and of nobody when closed', () => {
    const open = opened(() => true);
    expect([1, 3].map((member) => open.wants(7, member))).toEqual([true, false]);
    open.add(7, 1);
    expect(open.wants(7, 1)).toBe(false);
    open.close(7);
    expect(open.wants(7, 2)).toBe(false);
    expect(open.has(7)).toBe(false);
  });

  it('are due in the order of their times', () => {
    const open = opened(() => true);
    open.start(8, 200);
    open.start(9, 300);
    expect(open.firstClosesAtMs).toBe(100);
    expect(open.due(99)).toEqual([]);
    expect(open.due(200)).toEqual([7, 8]);
  });
});
