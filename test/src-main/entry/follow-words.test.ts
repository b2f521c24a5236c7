import { describe, expect, it } from 'vitest';
import { followLines } from '../../../src-main/entry/follow-words.ts';
import type { RunStatus } from '../../../src-main/shells/control/protocol.ts';
import { hex } from '../../../src-shared/units.ts';

const successor = {
  ...{ name: 'second\u001b[2Jrun', hash: hex('ab'.repeat(32)), afterRound: 9 },
  changes: ['model', 'text'] as const,
};
const followed = {
  hotkey: '5Grw',
  profile: 'first',
  successor: { ...successor, changes: ['model', 'text'] },
};

describe('what a terminal says of a run that takes over', () => {
  it('is what it does otherwise and the words that lead over, with no control of its author in them', () => {
    const text = followLines([followed as unknown as RunStatus]).join('\n');
    expect(text).toContain('the model, the text');
    expect(text).toContain(`follow --accept ${successor.hash}`);
    expect(text).toContain('after round 9');
    expect(text).not.toContain('\u001b');
  });

  it('is one sentence where nothing does', () => {
    expect(followLines([])).toEqual(['No run is announced that takes over from one of this computer.']);
  });
});
