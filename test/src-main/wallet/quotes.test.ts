import { describe, expect, it } from 'vitest';
import type { Intent } from '../../../src-shared/contract/page/money.ts';
import { alphaRao, rao, ss58 } from '../../../src-shared/units.ts';
import { NETUID, owner, ownerHotkey, poor, sealing, testSigner, testSubnet } from '../network/rig.ts';
import { type DeskRig, HOTKEY, heldAlpha, stake, startDesk, TAO, unstake } from './desk-rig.ts';

const { signal } = new AbortController();
const stranger = testSigner('//stranger').address;
const transfer = (amountRao: bigint | 'all', to = poor.address): Intent => ({
  ...{ kind: 'transfer', to },
  amountRao: amountRao === 'all' ? 'all' : rao(amountRao),
});
const register = (hotkey: typeof stranger, limitRao = 5n * TAO): Intent => ({
  ...{ kind: 'register', netuid: NETUID, hotkey },
  limitRao: rao(limitRao),
});

const problemOf = async (rig: DeskRig, intent: Intent) => (await rig.quote(intent)).problem;
const warningsOf = async (rig: DeskRig, intent: Intent) =>
  (await rig.quote(intent)).warnings.map(({ code }) => code);

describe('what speaks against an order is told before anything is signed', () => {
  it('of staking', async () => {
    const rig = await startDesk({ freeRao: 10n * TAO });
    expect(await problemOf(rig, stake(0.001))).toMatchObject({ code: 'AMOUNT_TOO_LOW_USUALLY' });
    expect(await problemOf(rig, stake(0.000000001))).toMatchObject({ code: 'NO_QUOTE' });
    expect(await problemOf(rig, stake(10))).toMatchObject({ code: 'BALANCE_TOO_LOW' });
    expect(await problemOf(rig, stake(1, { hotkey: stranger }))).toEqual({
      code: 'HOTKEY_NOT_ON_CHAIN',
      params: { hotkey: stranger },
    });
    expect(await problemOf(rig, stake(1, { netuid: 77 }))).toMatchObject({ code: 'SUBNET_ABSENT' });
    expect(await warningsOf(rig, stake(9))).toEqual(expect.arrayContaining(['LARGE_SHARE', 'FIRST_ORDER']));
  });

  it('of a subnet that its owner has not started', async () => {
    const rig = await startDesk({ isStarted: false });
    const hotkey = ownerHotkey.address;
    expect(await problemOf(rig, stake(1, { hotkey }))).toEqual({
      code: 'TOKEN_NOT_OPEN',
      params: { netuid: NETUID },
    });
  });

  it('of taking out', async () => {
    const rig = await startDesk();
    expect(await problemOf(rig, unstake('all'))).toEqual({
      code: 'STAKE_TOO_LOW',
      params: { held: '0 alpha' },
    });
    await rig.order(stake(5));
    const held = await heldAlpha(rig);
    expect(await problemOf(rig, unstake(held + 1n))).toMatchObject({ code: 'STAKE_TOO_LOW' });
    expect(await problemOf(rig, unstake(1_000n))).toMatchObject({ code: 'AMOUNT_TOO_LOW_USUALLY' });
    expect(await warningsOf(rig, unstake(held - 1_000n))).toContain('DUST_STAYS');
    expect(await problemOf(rig, unstake(held - 1_000n))).toBeNull();
    expect((await rig.quote(unstake(held / 5n))).typedConsent).toBeNull();
    expect((await rig.quote(unstake(held / 3n))).typedConsent).not.toBeNull();
  });

  it('of what stays on somebody else’s hotkey, where the chain leaves no less there: and so it does', async () => {
    // 4000 times the least order of 0.002 TAO.
    const chain = { subnets: [{ ...testSubnet, tempo: 360 }], nominationPerMillion: 4_000_000_000n };
    const rig = await startDesk({ chain });
    const least = { params: { least: '8 TAO' } };
    expect((await rig.quote(stake(5))).warnings).toContainEqual({ code: 'NOMINATION_SMALL', ...least });
    await rig.order(stake(5));
    const held = await heldAlpha(rig);
    expect(await warningsOf(rig, stake(1))).toContain('NOMINATION_SMALL');
    expect(await warningsOf(rig, stake(4))).not.toContain('NOMINATION_SMALL');
    expect(await warningsOf(rig, unstake('all'))).not.toContain('NOMINATION_CLEARED');
    const half = unstake(held / 2n);
    expect((await rig.quote(half)).warnings).toContainEqual({ code: 'NOMINATION_CLEARED', ...least });
    const { state } = await rig.order(half);
    expect(state).toMatchObject({ kind: 'done', outcome: { alpha: held } });
    expect(await heldAlpha(rig)).toBe(0n);
  });

  it('of an address that looks like a trusted one, and the signing window tells it, too', async () => {
    const { address } = poor;
    const trusted = ss58(`${address.slice(0, 4)}${stranger.slice(4, -4)}${address.slice(-4)}`);
    const rig = await startDesk({ known: [trusted] });
    await rig.order(stake(2));
    const quote = await rig.quote(transfer(TAO));
    const warning = { code: 'RECEIVER_LOOKS_LIKE', params: { address, known: trusted } };
    expect(quote.warnings).toContainEqual(warning);
    expect(quote.typedConsent).toBe('1');
    await rig.desk.ask(quote.id);
    expect(rig.desk.pending).toMatchObject({ warnings: quote.warnings, typedConsent: '1' });
  });

  it('of sending', async () => {
    const rig = await startDesk({ freeRao: 10n * TAO });
    expect(await problemOf(rig, transfer(TAO, rig.coldkey))).toMatchObject({ code: 'RECEIVER_IS_SENDER' });
    expect(await problemOf(rig, transfer(100n))).toMatchObject({ code: 'RECEIVER_BELOW_MINIMUM' });
    expect(await problemOf(rig, transfer(10n * TAO))).toMatchObject({ code: 'BALANCE_TOO_LOW' });
    // To the last rao: the order, its fee, and what keeps the account.
    const { networkFeeRao } = await rig.quote(transfer(9n * TAO));
    const most = 10n * TAO - (networkFeeRao ?? 0n) - 500n;
    expect(await problemOf(rig, transfer(most))).toBeNull();
    expect(await problemOf(rig, transfer(most + 1n))).toMatchObject({ code: 'BALANCE_TOO_LOW' });
  });

  it('of a coldkey with nothing', async () => {
    const rig = await startDesk({ freeRao: 600n });
    expect(await problemOf(rig, transfer('all', owner.address))).toMatchObject({ code: 'BALANCE_TOO_LOW' });
    expect(await problemOf(rig, stake(1))).toMatchObject({ code: 'BALANCE_TOO_LOW' });
  });

  it('of moving and giving stake', async () => {
    const rig = await startDesk();
    await rig.order(stake(5));
    const move = (toHotkey: typeof stranger, amountAlpha: bigint): Intent => ({
      ...{ kind: 'moveStake', netuid: NETUID, fromHotkey: HOTKEY, toHotkey },
      amountAlpha: alphaRao(amountAlpha),
    });
    const give = (toColdkey: typeof stranger): Intent => ({
      ...{ kind: 'transferStake', netuid: NETUID, hotkey: HOTKEY, toColdkey, amountAlpha: 'all' },
    });
    expect(await problemOf(rig, move(HOTKEY, TAO))).toMatchObject({ code: 'HOTKEY_THE_SAME' });
    expect(await problemOf(rig, move(stranger, TAO))).toMatchObject({ code: 'HOTKEY_NOT_ON_CHAIN' });
    expect(await problemOf(rig, move(ownerHotkey.address, 50n * TAO))).toMatchObject({
      code: 'STAKE_TOO_LOW',
    });
    expect(await problemOf(rig, move(ownerHotkey.address, 1_000n))).toMatchObject({
      code: 'AMOUNT_TOO_LOW_USUALLY',
    });
    expect(await problemOf(rig, give(rig.coldkey))).toMatchObject({ code: 'RECEIVER_IS_SENDER' });
  });

  it('of giving stake where the owner of the subnet does not allow it', async () => {
    const rig = await startDesk({ chain: { subnets: [{ ...testSubnet, tempo: 360 }] } });
    await rig.order(stake(5));
    const call = {
      kind: 'setHyperparameter',
      call: 'AdminUtils.sudo_set_toggle_transfer',
      value: false,
    } as const;
    await sealing(rig.devnet, rig.network.submit(NETUID, call, testSigner('//owner'), signal));
    const intent: Intent = {
      ...{
        kind: 'transferStake',
        netuid: NETUID,
        hotkey: HOTKEY,
        toColdkey: poor.address,
        amountAlpha: 'all',
      },
    };
    expect(await problemOf(rig, intent)).toMatchObject({ code: 'TRANSFER_NOT_ALLOWED' });
  });

  it('of a place on a subnet', async () => {
    const rig = await startDesk();
    expect(await problemOf(rig, register(HOTKEY))).toMatchObject({ code: 'HOTKEY_HAS_PLACE' });
    expect(await problemOf(rig, register(stranger, 1_000n))).toMatchObject({
      code: 'REGISTRATION_OVER_LIMIT',
    });
    expect(await problemOf(rig, { ...register(stranger), netuid: 0 } as Intent)).toMatchObject({
      code: 'REGISTRATION_CLOSED',
    });
    expect((await rig.quote(register(stranger))).typedConsent).toBe('5');
  });

  it('of a hotkey of somebody else, where it has no place', async () => {
    const rig = await startDesk({ chain: { subnets: [testSubnet, { ...testSubnet, netuid: 39 }] } });
    const intent = { ...register(HOTKEY), netuid: 39 } as Intent;
    expect(await problemOf(rig, intent)).toMatchObject({ code: 'HOTKEY_OF_ANOTHER' });
  });

  it('of registrations that are full, until a block that is named', async () => {
    const subnet = { ...testSubnet, targetRegistrationsPerInterval: 1 };
    const rig = await startDesk({ chain: { subnets: [subnet] } });
    expect(await problemOf(rig, register(stranger))).toBeNull();
    for (const uri of ['//a', '//b'])
      expect((await rig.order(register(testSigner(uri).address))).state.kind).toBe('done');
    expect(await problemOf(rig, register(stranger))).toEqual({
      code: 'REGISTRATIONS_FULL',
      params: { block: expect.any(Number) },
    });
  });

  it('of a coldkey that is elsewhere: nothing can be asked for, and all is told all the same', async () => {
    const rig = await startDesk({ opens: 'elsewhere' });
    const quote = await rig.quote(stake(5));
    expect(quote).toMatchObject({ terms: { kind: 'stake' }, problem: { code: 'COLDKEY_NOT_HERE' } });
    await expect(rig.desk.ask(quote.id)).rejects.toMatchObject({
      code: 'COLDKEY_NOT_HERE',
    });
  });

  it('of a network that is not open, and of a tolerance that is none', async () => {
    const rig = await startDesk();
    const account = { ...rig.account, network: 'elsewhere' };
    await expect(rig.desk.quote({ account, intent: stake(1) }, signal)).rejects.toMatchObject({
      code: 'NETWORK_NOT_OPEN',
    });
    for (const toleranceBps of [0, 9, 501, 10_000, 1.5, Number.NaN])
      await expect(rig.quote(stake(1, { toleranceBps }))).rejects.toMatchObject({
        code: 'TOLERANCE_INVALID',
      });
  });
});

describe('an order that moves its own price', () => {
  // A pool of 1000 TAO and 1000 alpha, and an order of 100 TAO: the price goes from 1 to 1.21.
  it('says by how much, has a limit beyond that, and is typed to be agreed to', async () => {
    const rig = await startDesk({ freeRao: 1_000n * TAO });
    await rig.order(stake(0.01));
    const { terms, warnings, typedConsent } = await rig.quote(stake(100, { toleranceBps: 500 }));
    if (terms?.kind !== 'stake') throw new Error('no terms');
    expect(Number(terms.receiveAlpha) / 1e9).toBeCloseTo(90.86, 1);
    expect(terms.impactBps).toBeGreaterThan(990);
    expect(terms.impactBps).toBeLessThan(1_020);
    expect(Number(terms.limitPriceRao) / 1e9).toBeGreaterThan(1.21 * 1.05);
    expect(warnings).toContainEqual({
      code: 'PRICE_BEYOND_TOLERANCE',
      params: { percent: expect.stringMatching(/^(9\.9|10)/), tolerance: '5' },
    });
    expect(typedConsent).toBe('100');
    // Nobody else trades: it goes through.
    expect((await rig.order(stake(100, { toleranceBps: 500 }))).state.kind).toBe('done');
    const sale = (await rig.quote(unstake('all'))).terms;
    if (sale?.kind !== 'unstake') throw new Error('no terms');
    expect(sale.limitPriceRao).toBeLessThan(sale.priceRao);
    expect((await rig.order(unstake('all'))).state.kind).toBe('done');
  });

  it('is not warned of where it hardly does', async () => {
    const rig = await startDesk();
    expect(await warningsOf(rig, stake(1))).toEqual(['FIRST_ORDER']);
  });
});
