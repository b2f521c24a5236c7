import { expect, it } from 'vitest';
import type { OwnTransaction } from '../../../src-main/wallet/own-transaction.ts';
import { refused } from '../../../src-main/wallet/quotes/ground.ts';
import { warnedOfLookAlike } from '../../../src-main/wallet/quotes/look-alike.ts';
import type { Intent } from '../../../src-shared/contract/page/money.ts';
import { alphaRao, rao, ss58 } from '../../../src-shared/units.ts';

const meant = ss58('5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV');
const other = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
const forged = ss58(`${meant.slice(0, 4)}${other.slice(4, -4)}${meant.slice(-4)}`);
const weighed = {
  ...refused({ code: 'NO_QUOTE', params: {} }),
  terms: { kind: 'transfer', to: meant, amountRao: rao(1n), isFirst: true } as const,
};
const netuid = 38;
const sent = (intent: Intent): OwnTransaction => ({ intent }) as OwnTransaction;
const toMeant: Intent = { kind: 'transfer', to: meant, amountRao: rao(1n) };

it.each<Intent>([
  { kind: 'transfer', to: forged, amountRao: 'all' },
  { kind: 'transferStake', netuid, hotkey: other, toColdkey: forged, amountAlpha: 'all' },
  { kind: 'moveStake', netuid, fromHotkey: other, toHotkey: forged, amountAlpha: 'all' },
  { kind: 'stake', netuid, hotkey: forged, amountRao: rao(1n), toleranceBps: 100 },
  { kind: 'register', netuid, hotkey: forged, limitRao: rao(1n) },
])(
  '$kind to one that looks like a trusted address, or like one of an earlier order, is unusual',
  (intent) => {
    for (const [known, earlier] of [
      [[other, meant], []],
      [[], [sent(toMeant)]],
    ] as const) {
      const { warnings, isUnusual } = warnedOfLookAlike(weighed, intent, known, earlier);
      expect(warnings).toEqual([{ code: 'RECEIVER_LOOKS_LIKE', params: { address: forged, known: meant } }]);
      expect(isUnusual).toBe(true);
    }
  },
);

it('says nothing of the trusted address itself, and of what comes to the signer', () => {
  const out: Intent = {
    ...{ kind: 'unstake', netuid, hotkey: forged },
    amountAlpha: alphaRao(1n),
    toleranceBps: 100,
  };
  for (const intent of [toMeant, out])
    expect(warnedOfLookAlike(weighed, intent, [meant, other], [])).toBe(weighed);
});
