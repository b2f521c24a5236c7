import { describe, expect, it } from 'vitest';
import { NO_IDENTITY } from '../../../src-shared/chain/subnet-identity.ts';
import type { Intent, OwnerAct } from '../../../src-shared/contract/page/money.ts';
import { announcementIn, withAnnouncement } from '../../../src-shared/profile/announcement.ts';
import { hex } from '../../../src-shared/units.ts';
import { NETUID, SUBNET_NAME } from '../network/rig.ts';
import { type DeskRig, startDesk } from './desk-rig.ts';

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
