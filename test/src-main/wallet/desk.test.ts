import { describe, expect, it } from 'vitest';
import { ROOT } from '../../../src-main/network/expected-subnet.ts';
import { rao } from '../../../src-shared/units.ts';
import { NETUID, ownerHotkey, poor, testSigner } from '../network/rig.ts';
import { type DeskRig, freeRao, HOTKEY, heldAlpha, stake, startDesk, TAO, unstake } from './desk-rig.ts';

const fresh = testSigner('//fresh-hotkey').address;

/** What it came to, or why it did not. */
async function outcomeOf(rig: DeskRig, intent: Parameters<DeskRig['order']>[0]) {
  const { state } = await rig.order(intent);
  if (state.kind === 'done') return state.outcome;
  throw new Error(state.kind === 'refused' ? state.error.code : state.kind);
}

describe('an order from intent to finality', () => {
  it('stakes: what is received is at least what was said, what was paid is the difference of balances', async () => {
    const rig = await startDesk();
    const quote = await rig.quote(stake(5));
    if (quote.terms?.kind !== 'stake') throw new Error('no terms');
    expect(quote.problem).toBeNull();
    expect(quote.typedConsent).toBe('5');
    expect(quote.networkFeeRao).toBeGreaterThan(0n);
    const before = await freeRao(rig);
    const states: string[] = [];
    rig.desk.onTransaction(({ transaction }) => states.push(transaction.state.kind));
    const { state } = await rig.order(stake(5));
    if (state.kind !== 'done')
      throw new Error(JSON.stringify(state, (_k, v) => (typeof v === 'bigint' ? `${v}` : v)));
    expect(states).toEqual(['signed', 'sent', 'in-block', 'done']);
    const { balanceRao, taoRao, alpha } = state.outcome;
    expect(taoRao).toBe(5n * TAO);
    expect(alpha).toBe(await heldAlpha(rig));
    expect(alpha).toBeGreaterThanOrEqual(quote.terms.leastAlpha);
    expect(balanceRao).toBe((await freeRao(rig)) - before);
    expect(balanceRao).toBe(-(5n * TAO + (quote.networkFeeRao ?? 0n)));
    expect(-(balanceRao ?? 0n)).toBeLessThanOrEqual(quote.mostRao);
  });

  it('unstakes a part: at least what was said comes, and the rest stays to the last rao', async () => {
    const rig = await startDesk();
    await outcomeOf(rig, stake(20));
    const held = await heldAlpha(rig);
    const part = held / 3n;
    const { terms } = await rig.quote(unstake(part));
    if (terms?.kind !== 'unstake') throw new Error('no terms');
    const { taoRao, alpha, balanceRao } = await outcomeOf(rig, unstake(part));
    expect(alpha).toBe(part);
    expect(taoRao).toBeGreaterThanOrEqual(terms.leastRao);
    expect(balanceRao).toBeLessThan(taoRao ?? 0n);
    expect(await heldAlpha(rig)).toBe(held - part);
  });

  it.each(['all', 'typed'])('unstakes everything, said as %s: nothing stays behind', async (how) => {
    const rig = await startDesk();
    await outcomeOf(rig, stake(20));
    const held = await heldAlpha(rig);
    const intent = unstake(how === 'all' ? 'all' : held);
    const quote = await rig.quote(intent);
    expect(quote.terms).toMatchObject({ giveAlpha: held, leftAlpha: 0n });
    await outcomeOf(rig, intent);
    expect(await heldAlpha(rig)).toBe(0n);
  });

  it('sends TAO, and says when it is for the first time', async () => {
    const rig = await startDesk();
    const intent = { kind: 'transfer', to: poor.address, amountRao: rao(TAO) } as const;
    const quote = await rig.quote(intent);
    expect(quote.terms).toEqual({ kind: 'transfer', to: poor.address, amountRao: TAO, isFirst: true });
    expect(quote.freeAfterRao).toBe(quote.freeNowRao - TAO - (quote.networkFeeRao ?? 0n));
    const { taoRao } = await outcomeOf(rig, intent);
    expect(taoRao).toBe(TAO);
    expect(await freeRao(rig)).toBe(quote.freeAfterRao);
    expect(await freeRao(rig, poor.address)).toBe(TAO);
    expect((await rig.quote(intent)).terms).toMatchObject({ isFirst: false });
  });

  it('sends all TAO but for what keeps the account', async () => {
    const rig = await startDesk();
    const intent = { kind: 'transfer', to: poor.address, amountRao: 'all' } as const;
    const quote = await rig.quote(intent);
    const { taoRao } = await outcomeOf(rig, intent);
    expect(await freeRao(rig)).toBe(quote.freeAfterRao);
    expect(quote.terms).toMatchObject({ amountRao: taoRao });
    expect(taoRao).toBe(quote.freeNowRao - (quote.networkFeeRao ?? 0n) - (quote.freeAfterRao ?? 0n));
  });

  it('moves stake to another hotkey of the subnet, and nothing is exchanged', async () => {
    const rig = await startDesk();
    await outcomeOf(rig, stake(20));
    const held = await heldAlpha(rig);
    const places = { fromHotkey: HOTKEY, toHotkey: ownerHotkey.address };
    const intent = { kind: 'moveStake', netuid: NETUID, ...places, amountAlpha: 'all' } as const;
    expect((await rig.quote(intent)).terms).toEqual({ kind: 'moveStake', alpha: held, leftAlpha: 0n });
    await outcomeOf(rig, intent);
    expect(await heldAlpha(rig)).toBe(0n);
    expect(await heldAlpha(rig, ownerHotkey.address)).toBe(held);
  });

  it('gives stake to another coldkey', async () => {
    const rig = await startDesk();
    await outcomeOf(rig, stake(20));
    const held = await heldAlpha(rig);
    const place = { hotkey: HOTKEY, toColdkey: poor.address };
    const intent = { kind: 'transferStake', netuid: NETUID, ...place, amountAlpha: 'all' } as const;
    const quote = await rig.quote(intent);
    expect(quote.warnings.map(({ code }) => code)).toContain('RECEIVER_NEW');
    await outcomeOf(rig, intent);
    const { hash } = rig.network.money.newest();
    const { signal } = new AbortController();
    expect(await rig.network.money.stake(NETUID, HOTKEY, poor.address, hash, signal)).toBe(held);
  });

  it.each([393, 425] as const)(
    'registers on release %i, and tells what was really paid',
    async (specVersion) => {
      const rig = await startDesk({ chain: { specVersion } });
      const intent = { kind: 'register', netuid: NETUID, hotkey: fresh, limitRao: rao(5n * TAO) } as const;
      const quote = await rig.quote(intent);
      if (quote.terms?.kind !== 'register') throw new Error('no terms');
      expect(quote.terms.capsPrice).toBe(specVersion === 425);
      expect(quote.warnings.some(({ code }) => code === 'PRICE_UNCAPPED')).toBe(specVersion === 393);
      const { uid, balanceRao } = await outcomeOf(rig, intent);
      expect(uid).toBe(2);
      // The price moves from block to block: what was paid is the balance's word.
      const paid = -(balanceRao ?? 0n) - (quote.networkFeeRao ?? 0n);
      expect(paid).toBeGreaterThan(0n);
      expect(paid).toBeLessThanOrEqual(quote.terms.limitRao);
      expect((await rig.quote(intent)).problem?.code).toBe('HOTKEY_HAS_PLACE');
    },
  );

  it('stakes to root and takes it out again: there is no pool, and one alpha is one TAO', async () => {
    const rig = await startDesk();
    const quote = await rig.quote(stake(5, { netuid: ROOT }));
    expect(quote.terms).toMatchObject({ receiveAlpha: 5n * TAO, leastAlpha: 5n * TAO, impactBps: 0 });
    expect(await outcomeOf(rig, stake(5, { netuid: ROOT }))).toMatchObject({ alpha: 5n * TAO });
    expect(await outcomeOf(rig, unstake('all', { netuid: ROOT }))).toMatchObject({ taoRao: 5n * TAO });
  });
});

describe('a coldkey that lies open', () => {
  it('signs what was looked over, and asks for no password', async () => {
    const rig = await startDesk({ opens: 'plain' });
    const quote = await rig.quote(stake(5));
    const id = await rig.desk.ask(quote.id);
    expect(rig.desk.pending).toMatchObject({ id, opens: 'plain', walletName: 'mine' });
    rig.desk.deny(id);
    expect(rig.desk.pending).toBeNull();
    expect((await rig.order(stake(5))).state.kind).toBe('done');
    expect(rig.tries).toEqual([]);
  });
});

describe('what is looked over', () => {
  it('is read from the bytes, with known names beside it', async () => {
    const rig = await startDesk();
    const quote = await rig.quote(stake(1.5));
    await rig.desk.ask(quote.id);
    const { terms } = quote;
    if (terms?.kind !== 'stake') throw new Error('no terms');
    expect(rig.desk.pending).toMatchObject({
      call: {
        name: 'SubtensorModule.add_stake_limit',
        lines: [
          { name: 'hotkey', value: HOTKEY },
          { name: 'netuid', value: '38' },
          { name: 'amount_staked', value: '1500000000 rao (1.5 TAO)' },
          { name: 'limit_price', value: expect.stringContaining(`${terms.limitPriceRao} rao`) },
          { name: 'allow_partial', value: 'no' },
        ],
      },
      coldkey: rig.coldkey,
      network: { name: 'practice', mark: 'PRACTICE', isReal: false, genesis: rig.network.genesisHash },
      subnet: { netuid: 38, name: 'Practice', isExpected: false },
      undone: 'by-selling',
      endpoint: new URL(rig.network.endpoint).host,
      names: [{ address: HOTKEY, name: 'my miner', from: 'own' }],
      state: 'waiting',
    });
    expect(rig.desk.pending?.call.sentence).toMatch(/^Stake 1\.5 TAO to .* on subnet 38, at most .*\.$/);
  });
});
