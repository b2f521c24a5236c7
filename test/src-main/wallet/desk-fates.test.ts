import { describe, expect, it, vi } from 'vitest';
import { openNodeSocket } from '../../../src-main/network/node-socket.ts';
import type { TransactionState } from '../../../src-shared/contract/page/money.ts';
import { alphaRao, rao } from '../../../src-shared/units.ts';
import {
  NETUID,
  owner,
  ownerHotkey,
  sealing,
  testSigner,
  testSubnet,
  withoutEvents,
} from '../network/rig.ts';
import { type DeskRig, freeRao, HOTKEY, heldAlpha, stake, startDesk, TAO, unstake } from './desk-rig.ts';

const { signal } = new AbortController();

const handedOver = ({ wire }: DeskRig): number =>
  wire.asked.filter((method) => method.startsWith('author_submit')).length;

/** Waits until the node holds so many transactions that are in no block yet. */
async function pooled({ devnet }: DeskRig, count: number): Promise<void> {
  const node = await openNodeSocket(devnet.url, signal);
  await vi.waitFor(
    async () =>
      expect(await node.request<unknown[]>('author_pendingExtrinsics', [], signal)).toHaveLength(count),
    30_000,
  );
  node.close();
}

/** What happens at the moment when the bytes are on disk and nobody has them yet. */
function onceSigned({ store }: DeskRig, act: () => void | Promise<void>): void {
  const keep = store.keep.bind(store);
  store.keep = async (row) => {
    await keep(row);
    store.keep = keep;
    await act();
  };
}

const kindsOf = (rig: DeskRig): TransactionState['kind'][] => {
  const kinds: TransactionState['kind'][] = [];
  rig.desk.onTransaction(({ transaction }) => kinds.push(transaction.state.kind));
  return kinds;
};

describe('a lost socket', () => {
  it('before hand-over: it is signed once more with the same nonce, and happens once', async () => {
    const rig = await startDesk();
    const before = await freeRao(rig);
    const quote = await rig.quote(stake(5));
    let signed = 0;
    rig.desk.onTransaction(({ transaction }) => {
      if (transaction.state.kind === 'signed') signed++;
    });
    onceSigned(rig, () => {
      rig.wire.cut();
      return vi.waitFor(() => expect(rig.network.connected).toBe(false), 30_000).then(() => rig.wire.mend());
    });
    const sentBefore = handedOver(rig);
    const id = await rig.approve(quote);
    expect((await rig.until(id, 'done')).state.kind).toBe('done');
    expect([signed, handedOver(rig) - sentBefore]).toEqual([2, 1]);
    expect(rig.tries).toEqual([true]);
    expect(rig.desk.transactions(rig.account)).toHaveLength(1);
    expect(before - (await freeRao(rig))).toBe(5n * TAO + (quote.networkFeeRao ?? 0n));
  });

  it('before any answer: unknown, looked for block by block, and found', async () => {
    const rig = await startDesk();
    const before = await freeRao(rig);
    const quote = await rig.quote(stake(5));
    const kinds = kindsOf(rig);
    onceSigned(rig, () => rig.wire.swallowAnswers());
    const sentBefore = handedOver(rig);
    const approved = rig.approve(quote);
    await pooled(rig, 1);
    rig.wire.cut();
    rig.wire.mend();
    const id = await approved;
    expect((await rig.until(id, 'done')).state.kind).toBe('done');
    expect(kinds.slice(0, 2)).toEqual(['signed', 'unknown']);
    expect(handedOver(rig) - sentBefore).toBe(1);
    expect(before - (await freeRao(rig))).toBe(5n * TAO + (quote.networkFeeRao ?? 0n));
  });

  it('after it was sent: found all the same', async () => {
    const rig = await startDesk();
    const sentBefore = handedOver(rig);
    const id = await rig.approve(await rig.quote(stake(5)));
    rig.wire.cut();
    rig.wire.mend();
    expect((await rig.until(id, 'done')).state).toMatchObject({ outcome: { taoRao: 5n * TAO } });
    expect(handedOver(rig) - sentBefore).toBe(1);
  });

  it('a node that never got it: expired when its era is over, and never sent again', async () => {
    const rig = await startDesk();
    const before = await freeRao(rig);
    const quote = await rig.quote(stake(5));
    const kinds = kindsOf(rig);
    // A proxy that swallows what it is given and fails.
    rig.wire.swallowNext('author_submitAndWatchExtrinsic');
    const sentBefore = handedOver(rig);
    const id = await rig.approve(quote);
    expect((await rig.until(id, 'expired')).state.kind).toBe('expired');
    expect(kinds.slice(0, 2)).toEqual(['signed', 'unknown']);
    expect(handedOver(rig) - sentBefore).toBe(1);
    expect(await freeRao(rig)).toBe(before);
    // Only now may it be ordered again.
    expect((await rig.quote(stake(5))).problem).toBeNull();
  });
});

describe('a block whose events are gone', () => {
  it('has the transaction, and nobody knows what it did: the same is only ordered again by typing', async () => {
    const rig = await startDesk();
    await rig.order(stake(3));
    expect(await rig.quote(stake(5))).toMatchObject({ problem: null, typedConsent: null });
    rig.wire.lieWith(withoutEvents);
    const id = await rig.approve(await rig.quote(stake(5)));
    await sealing(
      rig.devnet,
      vi.waitFor(
        () =>
          expect(rig.transaction(id)?.state).toEqual({
            ...{ kind: 'unknown', searchedToBlock: expect.any(Number), block: expect.any(Number) },
          }),
        10_000,
      ),
    );
    const next = await rig.killed();
    expect(next.transaction(id)?.state).toMatchObject({ kind: 'unknown', block: expect.any(Number) });
    const again = await next.quote(stake(5));
    expect(again.problem).toBeNull();
    expect(again.warnings.map(({ code }) => code)).toContain('EARLIER_UNREADABLE');
    expect(again.typedConsent).toBe('5');
    expect((await next.quote(unstake(TAO / 10n))).typedConsent).toBeNull();
  });
});

describe('a host that is killed', () => {
  it('with the bytes on disk and sent to nobody: the next start finds that they expired', async () => {
    const rig = await startDesk();
    const quote = await rig.quote(stake(5));
    const died = Promise.withResolvers<void>();
    // Nothing after this moment happens in the first process.
    onceSigned(rig, () => {
      died.resolve();
      return new Promise<void>(() => undefined);
    });
    const sentBefore = handedOver(rig);
    void rig.approve(quote).catch(() => undefined);
    await died.promise;
    const next = await rig.killed();
    const [open] = next.desk.transactions(next.account);
    expect(open?.state.kind).toBe('unknown');
    expect((await next.quote(stake(5))).problem?.code).toBe('ORDER_UNDER_WAY');
    expect((await next.until(open?.id ?? '', 'expired')).state.kind).toBe('expired');
    expect(handedOver(next)).toBe(sentBefore);
  });

  it('with it sent: the next start finds it in its block', async () => {
    const rig = await startDesk();
    const id = await rig.approve(await rig.quote(stake(5)));
    const next = await rig.killed();
    const { state } = await next.until(id, 'done');
    if (state.kind !== 'done') throw new Error(state.kind);
    expect(state.outcome).toMatchObject({ taoRao: 5n * TAO, alpha: await heldAlpha(next) });
    expect(state.outcome.balanceRao).toBeLessThan(-5n * TAO);
  });

  it('with it in a block: the next start tells what came of it', async () => {
    const rig = await startDesk();
    const id = await rig.approve(await rig.quote(stake(5)));
    // Finality is held back, so that it stays where it is.
    await rig.until(id, 'in-block');
    const next = await rig.killed();
    expect((await next.until(id, 'done')).state.kind).toBe('done');
    expect(next.desk.transactions(next.account)).toHaveLength(1);
  });

  it('whose chain is gone for a while: it is found once that is back', async () => {
    const rig = await startDesk();
    const id = await rig.approve(await rig.quote(stake(5)));
    await rig.desk.stop();
    await rig.networks.stop();
    const next = await rig.killed();
    expect((await next.until(id, 'done')).state.kind).toBe('done');
  });
});

describe('a price that moves between quote and block', () => {
  it('beyond the limit: nothing is exchanged, only the fee is paid, and the state says so', async () => {
    const rig = await startDesk();
    const quote = await rig.quote(stake(5, { toleranceBps: 10 }));
    const before = await freeRao(rig);
    await othersStake(rig, 50n * TAO);
    const id = await rig.approve(quote);
    const { state } = await rig.until(id, 'refused');
    expect(state).toMatchObject({ error: { code: 'PRICE_PASSED_LIMIT' }, block: expect.any(Number) });
    expect(await heldAlpha(rig)).toBe(0n);
    expect(before - (await freeRao(rig))).toBe(quote.networkFeeRao);
  });

  it('within the tolerance: what comes is at least what was said', async () => {
    const rig = await startDesk();
    const quote = await rig.quote(stake(5, { toleranceBps: 500 }));
    await othersStake(rig, 10n * TAO);
    const id = await rig.approve(quote);
    const { state } = await rig.until(id, 'done');
    if (state.kind !== 'done' || quote.terms?.kind !== 'stake') throw new Error(state.kind);
    expect(state.outcome.alpha).toBeLessThan(quote.terms.receiveAlpha);
    expect(state.outcome.alpha).toBeGreaterThanOrEqual(quote.terms.leastAlpha);
  });

  it('downwards, when taking out: the same', async () => {
    const rig = await startDesk();
    await othersStake(rig, 200n * TAO);
    await rig.order(stake(20));
    const quote = await rig.quote(unstake('all', { toleranceBps: 10 }));
    await othersSell(rig);
    const held = await heldAlpha(rig);
    const id = await rig.approve(quote);
    expect((await rig.until(id, 'refused')).state).toMatchObject({ error: { code: 'PRICE_PASSED_LIMIT' } });
    expect(await heldAlpha(rig)).toBe(held);
  });
});

const OTHERS = ownerHotkey.address;

/** Somebody else trades: the price rises. */
async function othersStake(rig: DeskRig, amountRao: bigint): Promise<void> {
  const chain = await rig.network.subnet(NETUID, { name: 'Practice', ownerColdkey: null }, signal);
  const limit = { limitPriceRao: rao(100n * TAO), allowPartial: false, hotkey: OTHERS };
  const call = { kind: 'addStakeLimit', ...limit, amountRao: rao(amountRao) } as const;
  expect(await sealing(rig.devnet, chain.submit(call, owner, signal))).toMatchObject({ kind: 'finalized' });
}

async function othersSell(rig: DeskRig): Promise<void> {
  const limit = { limitPriceRao: rao(1n), allowPartial: false, hotkey: OTHERS };
  const { hash } = rig.network.money.newest();
  const held = await rig.network.money.stake(NETUID, OTHERS, owner.address, hash, signal);
  const call = { kind: 'removeStakeLimit', ...limit, amountAlpha: alphaRao(held / 2n) } as const;
  expect(await sealing(rig.devnet, rig.network.submit(NETUID, call, owner, signal))).toMatchObject({
    kind: 'finalized',
  });
}

describe('what was staked a moment ago', () => {
  it('cannot leave before it is in a block, and is told so instead of tried', async () => {
    const rig = await startDesk();
    await rig.order(stake(5));
    const id = await rig.approve(await rig.quote(stake(6)));
    expect((await rig.quote(unstake('all'))).problem?.code).toBe('STAKE_RESTS');
    expect((await rig.quote(unstake('all', { hotkey: OTHERS }))).problem?.code).toBe('STAKE_TOO_LOW');
    await rig.until(id, 'in-block');
    expect((await rig.quote(unstake('all'))).problem).toBeNull();
    expect((await rig.order(unstake('all'))).state.kind).toBe('done');
    expect(await heldAlpha(rig, HOTKEY)).toBe(0n);
  });
});

describe('a registration that others came before in its block', () => {
  it('is refused, and says which block can take the same again', async () => {
    const rig = await startDesk({ chain: { subnets: [{ ...testSubnet, maxRegistrationsPerBlock: 1 }] } });
    const [ours, theirs] = ['//ours', '//theirs'].map((uri) => testSigner(uri).address);
    if (!ours || !theirs) throw new Error('no keys');
    const limitRao = rao(5n * TAO);
    const quote = await rig.quote({ kind: 'register', netuid: NETUID, hotkey: ours, limitRao });
    const chain = await rig.network.subnet(NETUID, { name: 'Practice', ownerColdkey: null }, signal);
    const theirFate = chain.submit({ kind: 'burnedRegister', hotkey: theirs, limitRao }, owner, signal);
    await pooled(rig, 1);
    const id = await rig.approve(quote);
    const { state } = await rig.until(id, 'refused');
    if (state.kind !== 'refused' || state.block === null) throw new Error('no block refused it');
    expect(state).toMatchObject({
      error: { code: 'REGISTRATIONS_FULL_NOW' },
      // What is newest when it was found out is that block, or one after it.
      retryBlock: expect.any(Number),
    });
    expect(state.retryBlock).toBeGreaterThan(state.block);
    expect(await theirFate).toMatchObject({ kind: 'finalized' });
    expect((await rig.order({ kind: 'register', netuid: NETUID, hotkey: ours, limitRao })).state.kind).toBe(
      'done',
    );
  });
});
