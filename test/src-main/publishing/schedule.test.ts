import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentsDue } from '../../../src-main/publishing/schedule.ts';
import { hex, type Ss58 } from '../../../src-shared/units.ts';

const members = ['one', 'two', 'three', 'four'] as unknown as readonly Ss58[];
const due = (round: number, hotkey: Ss58, seed = 'ab', role: 'miner' | 'validator' = 'miner') =>
  contentsDue({ round, role, hotkey, members, blockHash: hex(seed.repeat(32)), everyRounds: 10 });

describe('what a member publishes of a committed round', () => {
  it('is the whole state every so many rounds, whoever it is', () => {
    for (const member of members) expect(due(20, member)).toBe('state');
    expect(due(20, 'a validator' as Ss58, 'ab', 'validator')).toBe('state');
  });

  it('is the whole state of one in between, and of the others what changed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 255 }), (byte) => {
        const seed = byte.toString(16).padStart(2, '0');
        const states = members.filter((member) => due(21, member, seed) === 'state');
        expect(states.length).toBe(1);
        expect(members.filter((member) => due(21, member, seed) === 'update').length).toBe(3);
      }),
    );
  });

  it('goes by turns that the block draws', () => {
    const turns = new Set(
      Array.from({ length: 64 }, (_, byte) =>
        members.find((member) => due(21, member, byte.toString(16).padStart(2, '0')) === 'state'),
      ),
    );
    expect(turns.size).toBe(members.length);
  });

  it('is nothing of a validator in between', () => {
    expect(due(21, 'a validator' as Ss58, 'ab', 'validator')).toBeNull();
  });
});
