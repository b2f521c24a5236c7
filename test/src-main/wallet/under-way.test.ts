import { describe, expect, it } from 'vitest';
import type { OwnTransaction } from '../../../src-main/wallet/own-transaction.ts';
import { endedUnread, underWay } from '../../../src-main/wallet/under-way.ts';
import type { Intent } from '../../../src-shared/contract/page/money.ts';
import { rao } from '../../../src-shared/units.ts';
import { testSigner } from '../network/rig.ts';
import { HOTKEY } from './desk-rig.ts';

const opening = (hotkey: typeof HOTKEY): Intent => ({ kind: 'openSubnet', hotkey, limitRao: rao(9n) });
const earlier = (kind: 'sent' | 'unknown' | 'in-block', isOpen: boolean): readonly OwnTransaction[] => [
  { intent: opening(HOTKEY), isOpen, state: { kind } } as unknown as OwnTransaction,
];
const again = opening(testSigner('//another').address);

describe('a second subnet, for whichever hotkey', () => {
  it('is not ordered while nobody knows what became of the first', () => {
    expect(underWay(again, earlier('sent', true))).toMatchObject({ code: 'ORDER_UNDER_WAY' });
    expect(underWay(again, earlier('in-block', true))).toBeNull();
  });

  it('is warned of where that was never known', () => {
    expect(endedUnread(again, earlier('unknown', false))).toBe(true);
  });
});
