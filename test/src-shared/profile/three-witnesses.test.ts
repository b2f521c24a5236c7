import { expect, it } from 'vitest';
import { earliestOutcome } from '../../../src-shared/profile/round-times.ts';
import { practiceProfile } from '../../../src-shared/profile/shipped.ts';
import { addressOf } from '../../../src-shared/rounds/ss58.ts';

it('a practice with three witnesses leaves every step of a round its blocks, whichever of them are silent', () => {
  const [witness, second, third, ownerColdkey] = [1, 2, 3, 4].map((byte) =>
    addressOf(new Uint8Array(32).fill(byte)),
  ) as [never, never, never, never];
  const { consensus } = practiceProfile({
    ...{ witness, otherWitnesses: [second, third], ownerColdkey, endpoint: 'ws://a', bootstrap: [] },
  });
  const { outcome, finalityLag, blocksPerRound } = consensus.clock;
  expect(consensus.witnesses).toEqual({ kind: 'hotkeys', hotkeys: [witness, second, third] });
  expect(outcome).toBeGreaterThanOrEqual(earliestOutcome(consensus));
  expect(blocksPerRound).toBeGreaterThanOrEqual(outcome + finalityLag + 2);
});
