import { describe, expect, it } from 'vitest';
import { NO_IDENTITY } from '../../../src-shared/chain/subnet-identity.ts';
import type { Intent, OwnerAct } from '../../../src-shared/contract/page/money.ts';
import { announcementIn, withAnnouncement } from '../../../src-shared/profile/announcement.ts';
import { hex, rao, typedTao } from '../../../src-shared/units.ts';
import { NETUID, SUBNET_NAME, testSigner } from '../network/rig.ts';
import { type DeskRig, HOTKEY, startDesk, TAO } from './desk-rig.ts';

const { signal } = new AbortController();
const announcement = {
  block: 1,
  profileHash: hex('ab'.repeat(32)),
  store: { kind: 'hub', repository: 'me/run' },
} as const;
const order = (act: OwnerAct): Intent => ({ kind: 'ownSubnet', netuid: NETUID, act });

/** A desk whose coldkey owns the subnet: the chain is begun with it. */
async function ownersDesk(): Promise<DeskRig> {
  return startDesk({ ownsSubnet: true });
}

describe('what a subnet’s owner orders', () => {
  it('is written on chain, field by field as it was shown, beside what stood there', async () => {
    const rig = await ownersDesk();
    const before = await rig.network.money.identity(NETUID, rig.network.money.newest().hash, signal);
    const additional = withAnnouncement('kept: for others', announcement);
    const identity = {
      ...NO_IDENTITY,
      ...before,
      description: 'Ünser Lauf, 0x41',
      contact: '0x41',
      additional,
    };
    const intent = order({ kind: 'identity', identity });
    const { terms, typedConsent, problem } = await rig.quote(intent);
    expect(problem).toBeNull();
    expect(terms).toEqual({
      kind: 'ownSubnet',
      changes: [
        { name: 'contact', from: '', to: '0x41' },
        { name: 'description', from: '', to: 'Ünser Lauf, 0x41' },
        { name: 'additional', from: '', to: additional },
      ],
    });
    // The first order of an account is always typed.
    expect(typedConsent).toBe(String(NETUID));
    expect(await rig.order(intent)).toMatchObject({ intent, state: { kind: 'done' } });
    const at = rig.network.money.newest().hash;
    const after = await rig.network.money.identity(NETUID, at, signal);
    expect(after).toEqual(identity);
    expect(after?.name).toBe(SUBNET_NAME);
    expect(announcementIn(after?.additional ?? '')).toEqual(announcement);
  });

  it('is told by its bytes, also where a name looks like bytes', async () => {
    const rig = await ownersDesk();
    const call = { kind: 'setSubnetIdentity', ...NO_IDENTITY, name: '0x41' } as const;
    const { decoded } = await rig.network.money.review(NETUID, call, rig.coldkey, signal);
    expect(decoded.sentence).toBe(`Name subnet ${NETUID} "0x41".`);
  });

  it('turns a rule, and starts emission once', async () => {
    const rig = await ownersDesk();
    const rule = order({ kind: 'rule', rule: 'immunityPeriod', value: 777 });
    expect((await rig.quote(rule)).terms).toMatchObject({
      changes: [{ name: 'immunityPeriod', to: '777' }],
    });
    expect(await rig.order(rule)).toMatchObject({ state: { kind: 'done' } });
    expect((await rig.quote(rule)).problem).toMatchObject({ code: 'SUBNET_SO_ALREADY' });
    const start = order({ kind: 'start' });
    expect(await rig.order(start)).toMatchObject({ state: { kind: 'done' } });
    expect((await rig.quote(start)).problem).toMatchObject({ code: 'SUBNET_STARTED_ALREADY' });
  });

  it.each<[string, OwnerAct, string]>([
    [
      'a field that the chain would refuse',
      { kind: 'identity', identity: { ...NO_IDENTITY, discord: 'é'.repeat(129) } },
      'SUBNET_FIELD_TOO_LONG',
    ],
    [
      'what stands there',
      { kind: 'identity', identity: { ...NO_IDENTITY, name: SUBNET_NAME } },
      'SUBNET_SO_ALREADY',
    ],
  ])('is not signed for %s', async (_what, act, code) => {
    const rig = await ownersDesk();
    expect((await rig.quote(order(act))).problem).toMatchObject({ code });
  });

  it('is nobody else’s to order', async () => {
    const rig = await startDesk();
    const quote = await rig.quote(order({ kind: 'start' }));
    expect(quote).toMatchObject({
      terms: null,
      problem: { code: 'SUBNET_NOT_YOURS', params: { netuid: NETUID } },
    });
  });
});

describe('a subnet that is opened', () => {
  /** Nobody's yet. */
  const fresh = testSigner('//fresh').address;
  const opening = (limitRao: bigint): Intent => ({
    kind: 'openSubnet',
    hotkey: fresh,
    limitRao: rao(limitRao),
  });

  it('costs what the chain said, and its number is told', async () => {
    const rig = await startDesk({ freeRao: 10_000n * TAO });
    const { terms, typedConsent, problem, mostRao } = await rig.quote(opening(5_000n * TAO));
    expect(problem).toBeNull();
    if (terms?.kind !== 'openSubnet') throw new Error('it is the price of a subnet');
    expect(terms.worstRao).toBe(2n * terms.priceRao);
    expect(mostRao).toBeGreaterThanOrEqual(terms.worstRao);
    expect(typedConsent).toBe(typedTao(terms.worstRao));
    const { state } = await rig.order(opening(5_000n * TAO));
    if (state.kind !== 'done') throw new Error(`it is ${state.kind}`);
    const { netuid, balanceRao } = state.outcome;
    expect(-(balanceRao ?? 0n)).toBeGreaterThanOrEqual(terms.priceRao);
    expect(-(balanceRao ?? 0n)).toBeLessThan(terms.priceRao + TAO);
    const subnet = await rig.network.money.subnet(netuid ?? 0, rig.network.money.newest().hash, signal);
    expect(subnet).toMatchObject({ isThere: true, ownerColdkey: rig.coldkey });
  });

  it('is not ordered above the limit', async () => {
    const rig = await startDesk({ freeRao: 10_000n * TAO });
    expect((await rig.quote(opening(1n))).problem).toMatchObject({ code: 'REGISTRATION_OVER_LIMIT' });
  });

  it('is not ordered for the hotkey of another', async () => {
    const rig = await startDesk({ freeRao: 10_000n * TAO });
    const theirs: Intent = { kind: 'openSubnet', hotkey: HOTKEY, limitRao: rao(5_000n * TAO) };
    expect((await rig.quote(theirs)).problem).toMatchObject({ code: 'HOTKEY_OF_ANOTHER' });
  });
});
