import { once } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { OwnTransactionRow } from '../../../src-main/store/rows.ts';
import { QUOTE_LIFE_MS, REVIEW_LIFE_MS } from '../../../src-main/wallet/limits.ts';
import { ofRow } from '../../../src-main/wallet/own-transaction.ts';
import { NO_IDENTITY } from '../../../src-shared/chain/subnet-identity.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { rao } from '../../../src-shared/units.ts';
import { subtensor } from '../../../src-worker/devnet/runtime/subtensor/subtensor.ts';
import { CONTROL_TOKEN, NETUID, sealing, testSigner, testSubnet } from '../network/rig.ts';
import { type DeskRig, freeRao, PASSWORD, stake, startDesk, TAO } from './desk-rig.ts';

const { signal } = new AbortController();
/** Until what was done here is seen there, on a machine with much else to do. */
const BUSY_MS = 30_000;
const bytes = (text: string) => new TextEncoder().encode(text);
const codeOf = (work: Promise<unknown>) => expect(work).rejects;

/** An order that waits in the signing window. */
async function waiting(rig: DeskRig, tao = 5): Promise<string> {
  const quote = await rig.quote(stake(tao));
  return rig.desk.ask(quote.id);
}

/** What has to be typed is typed, unless a test says otherwise. */
const approve = (
  rig: DeskRig,
  id: string,
  password: string | null = PASSWORD,
  typed: string | null = rig.desk.pending?.typedConsent ?? null,
) => rig.desk.approve(id, { password: password === null ? null : bytes(password), typed }, signal);

describe('the password', () => {
  it('wrong three times: the order stays as it is, then the right one signs it', async () => {
    const rig = await startDesk();
    const id = await waiting(rig);
    const before = rig.desk.pending;
    for (let time = 0; time < 3; time++) {
      await codeOf(approve(rig, id, 'wrong')).toMatchObject({ code: 'KEY_PASSWORD_WRONG' });
      expect(rig.desk.pending).toEqual({
        ...before,
        problem: { code: 'KEY_PASSWORD_WRONG', params: expect.anything() },
      });
    }
    await codeOf(approve(rig, id)).toMatchObject({ code: 'KEY_PASSWORD_WAIT' });
    expect(rig.desk.pending).toMatchObject({ id, state: 'waiting', problem: { code: 'KEY_PASSWORD_WAIT' } });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 6_000 });
    try {
      await approve(rig, id);
    } finally {
      vi.useRealTimers();
    }
    expect(rig.desk.pending).toBeNull();
    expect(rig.tries).toEqual([false, false, false, true]);
    expect((await rig.until(id, 'done')).state.kind).toBe('done');
  });

  it('is zeroed, whatever comes of it', async () => {
    const rig = await startDesk();
    const id = await waiting(rig);
    for (const [text, password] of [
      ['wrong', bytes('wrong')],
      ['right', bytes(PASSWORD)],
    ] as const) {
      const typed = rig.desk.pending?.typedConsent ?? null;
      await rig.desk.approve(id, { password, typed }, signal).catch(() => undefined);
      expect(
        [...password].every((byte) => byte === 0),
        text,
      ).toBe(true);
    }
  });

  it('is needed for each order: nothing stays open', async () => {
    const rig = await startDesk();
    await rig.order(stake(2));
    const id = await waiting(rig);
    await codeOf(approve(rig, id, null)).toMatchObject({ code: 'KEY_LOCKED' });
    expect(rig.desk.pending?.id).toBe(id);
  });

  it('given up while it becomes a key: nothing is signed and the order stays', async () => {
    const rig = await startDesk();
    const id = await waiting(rig);
    const cancel = new AbortController();
    cancel.abort();
    await expect(
      rig.desk.approve(
        id,
        { password: bytes(PASSWORD), typed: rig.desk.pending?.typedConsent ?? null },
        cancel.signal,
      ),
    ).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(rig.desk.pending).toMatchObject({ id, state: 'waiting', problem: null });
    expect(rig.desk.transactions(rig.account)).toEqual([]);
  });
});

describe('a stop between signature and hand-over', () => {
  it('keeps it from every node, and it is noted as never sent', async () => {
    const rig = await startDesk();
    const before = await freeRao(rig);
    const id = await waiting(rig);
    const stop = new AbortController();
    const keep = rig.store.keep.bind(rig.store);
    rig.store.keep = async (row) => {
      await keep(row);
      stop.abort();
    };
    const asked = rig.wire.asked.length;
    await expect(
      rig.desk.approve(
        id,
        { password: bytes(PASSWORD), typed: rig.desk.pending?.typedConsent ?? null },
        stop.signal,
      ),
    ).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(rig.wire.asked.slice(asked).filter((method) => method.startsWith('author_'))).toEqual([]);
    expect(rig.transaction(id)?.state).toMatchObject({
      ...{ kind: 'refused', block: null, error: { code: 'CANCELLED' } },
    });
    expect(rig.desk.pending).toBeNull();
    rig.devnet.sealBlock();
    expect(await freeRao(rig)).toBe(before);
    expect((await rig.quote(stake(5))).problem).toBeNull();
  });
});

describe('one order at a time', () => {
  it('a second yes to the same order signs nothing', async () => {
    const rig = await startDesk();
    const before = await freeRao(rig);
    const id = await waiting(rig);
    const first = approve(rig, id);
    await codeOf(approve(rig, id)).toMatchObject({ code: 'NOT_NOW' });
    await first;
    await codeOf(approve(rig, id)).toMatchObject({ code: 'QUOTE_EXPIRED' });
    await rig.until(id, 'done');
    expect(rig.desk.transactions(rig.account)).toHaveLength(1);
    expect(before - (await freeRao(rig))).toBeLessThan(6n * TAO);
  });

  it('a newer one takes the place of one that nobody has begun to sign, and a yes to the older one is none', async () => {
    const rig = await startDesk();
    const older = await waiting(rig, 5);
    const newer = await waiting(rig, 7);
    await codeOf(approve(rig, older)).toMatchObject({ code: 'QUOTE_EXPIRED' });
    expect(rig.desk.pending).toMatchObject({ id: newer, state: 'waiting' });
  });

  it('one that a window shows gives way to no other, until it is taken back', async () => {
    const rig = await startDesk();
    const shown = await waiting(rig, 5);
    rig.desk.shown(shown);
    await codeOf(waiting(rig, 7)).toMatchObject({ code: 'NOT_NOW' });
    expect(rig.desk.pending?.id).toBe(shown);
    rig.desk.withdraw(shown);
    const next = await waiting(rig, 7);
    expect(rig.desk.pending?.id).toBe(next);
  });

  it('while one is being signed no other is taken, and the page takes none back', async () => {
    const rig = await startDesk();
    const other = await rig.quote(stake(3));
    const id = await waiting(rig);
    const signing = approve(rig, id);
    await codeOf(rig.desk.ask(other.id)).toMatchObject({ code: 'NOT_NOW' });
    rig.desk.withdraw(id);
    rig.desk.deny(id);
    await signing;
    expect((await rig.until(id, 'done')).state.kind).toBe('done');
  });

  it('the same as one that is under way is not taken: it could happen twice', async () => {
    const rig = await startDesk();
    const [first, second] = [await rig.quote(stake(2)), await rig.quote(stake(2))];
    await rig.approve(first);
    await codeOf(rig.desk.ask(second.id)).toMatchObject({ code: 'ORDER_UNDER_WAY' });
    expect((await rig.quote(stake(9))).problem).toMatchObject({ code: 'ORDER_UNDER_WAY' });
  });

  it('one quote is asked for once', async () => {
    const rig = await startDesk();
    const quote = await rig.quote(stake(5));
    rig.desk.withdraw(await rig.desk.ask(quote.id));
    await codeOf(rig.desk.ask(quote.id)).toMatchObject({ code: 'QUOTE_EXPIRED' });
  });
});

describe('time', () => {
  it('a quote that is too old cannot be asked for', async () => {
    const rig = await startDesk();
    const quote = await rig.quote(stake(5));
    vi.useFakeTimers({ toFake: ['Date'], now: quote.atMs + QUOTE_LIFE_MS });
    try {
      await codeOf(rig.desk.ask(quote.id)).toMatchObject({ code: 'QUOTE_EXPIRED' });
    } finally {
      vi.useRealTimers();
    }
  });

  it('what has waited for too long is not signed', async () => {
    const rig = await startDesk();
    const id = await waiting(rig);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + REVIEW_LIFE_MS });
    try {
      await codeOf(approve(rig, id)).toMatchObject({ code: 'QUOTE_EXPIRED' });
    } finally {
      vi.useRealTimers();
    }
    expect(rig.tries).toEqual([]);
  });
});

describe('consent that is typed', () => {
  it('is typed in the signing window alone: without it nothing is signed, and no password is tried', async () => {
    const rig = await startDesk();
    const quote = await rig.quote(stake(60));
    const id = await rig.desk.ask(quote.id);
    expect(rig.desk.pending?.typedConsent).toBe('60');
    for (const typed of [null, '', '6'])
      await codeOf(approve(rig, id, PASSWORD, typed)).toMatchObject({ code: 'CONSENT_NOT_TYPED' });
    expect(rig.tries).toEqual([]);
    expect(rig.desk.pending).toMatchObject({ id, problem: { code: 'CONSENT_NOT_TYPED' } });
    await approve(rig, id, PASSWORD, ' 60 ');
    expect((await rig.until(id, 'done')).state.kind).toBe('done');
  });

  it('is not asked for a second order that is small', async () => {
    const rig = await startDesk();
    await rig.order(stake(2));
    expect((await rig.quote(stake(2))).typedConsent).toBeNull();
    expect((await rig.quote(stake(30))).typedConsent).toBe('30');
  });
});

const handedOver = ({ wire }: DeskRig) =>
  wire.asked.filter((method) => method.startsWith('author_submit')).length;

/** Another runtime comes with the next block. */
async function upgrade({ devnet }: DeskRig): Promise<void> {
  const socket = new WebSocket(devnet.url);
  await once(socket, 'open');
  socket.send(
    JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'devnet_upgrade', params: [CONTROL_TOKEN, 425] }),
  );
  const [answer] = await once(socket, 'message');
  expect(JSON.parse(String(answer)).error).toBeUndefined();
  socket.close();
  devnet.sealBlock();
}

const specIs = (rig: DeskRig, spec: number) =>
  vi.waitFor(async () => expect((await rig.network.identity(signal)).specVersion).toBe(spec), BUSY_MS);

describe('a block of an older runtime', () => {
  const { index } = subtensor;
  afterEach(() => void Object.assign(subtensor, { index }));

  it('is read by the types that it was written with', async () => {
    const rig = await startDesk();
    const { id, state } = await rig.order(stake(5));
    const own = ofRow(rig.store.rows.get(id) as OwnTransactionRow);
    if (!own || state.kind !== 'done') throw new Error(state.kind);
    // The newer runtime has the events of this pallet at another place.
    Object.assign(subtensor, { index: index + 100 });
    await upgrade(rig);
    await specIs(rig, 425);
    const fate = await sealing(
      rig.devnet,
      rig.network.money.lookUp(own.signed, own.call, signal, () => undefined),
    );
    expect(fate).toMatchObject({
      ...{ kind: 'finalized', block: state.block },
      effect: { kind: 'staked', taoRao: 5n * TAO, alpha: state.outcome.alpha },
    });
    const { encoded } = own.signed;
    const at = await rig.network.subnet(NETUID, { name: 'Practice', ownerColdkey: null }, signal);
    const hash = await at.blockHash(state.block, signal);
    expect(await rig.network.money.ownChange({ encoded, account: rig.coldkey }, hash, signal)).toBe(
      state.outcome.balanceRao,
    );
  });
});

describe('what was looked over is what is signed', () => {
  it('on another runtime it is refused, and the order is over', async () => {
    const rig = await startDesk();
    const id = await waiting(rig);
    await upgrade(rig);
    await specIs(rig, 425);
    await codeOf(approve(rig, id)).toMatchObject({ code: 'REVIEW_OUTDATED' });
    expect(rig.desk.pending).toBeNull();
    expect(rig.desk.transactions(rig.account)).toEqual([]);
    expect((await rig.order(stake(5))).state.kind).toBe('done');
  });

  it('a runtime that comes between signing and hand-over: nothing is sent by either', async () => {
    const rig = await startDesk();
    const before = await freeRao(rig);
    const id = await waiting(rig);
    // Its client hears nothing of the upgrade, and hands over what it signed.
    rig.desk.onTransaction(({ transaction }) => {
      if (transaction.state.kind !== 'signed') return;
      rig.wire.swallow('state_runtimeVersion');
    });
    const keep = rig.store.keep.bind(rig.store);
    rig.store.keep = async (row) => {
      await keep(row);
      rig.store.keep = keep;
      rig.wire.swallow('state_runtimeVersion');
      await upgrade(rig);
    };
    await codeOf(sealing(rig.devnet, approve(rig, id))).toMatchObject({ code: 'REVIEW_OUTDATED' });
    expect(rig.desk.transactions(rig.account)).toMatchObject([
      { id, state: { kind: 'refused', block: null, error: { code: 'REVIEW_OUTDATED' } } },
    ]);
    expect(await freeRao(rig)).toBe(before);
  });

  it('a subnet that becomes another one meanwhile gets nothing', async () => {
    const rig = await startDesk();
    const id = await waiting(rig);
    const identity = { kind: 'setSubnetIdentity', ...NO_IDENTITY, name: 'Another' } as const;
    await sealing(rig.devnet, rig.network.submit(NETUID, identity, testSigner('//owner'), signal));
    await codeOf(approve(rig, id)).toMatchObject({ code: 'CHAIN_IDENTITY_MISMATCH' });
    expect(rig.desk.pending).toBeNull();
  });

  it('a subnet that is not what a run knows it as has no quote', async () => {
    const rig = await startDesk({ expected: { name: 'Distributed Training', ownerColdkey: null } });
    const quote = await rig.quote(stake(5));
    expect(quote).toMatchObject({ terms: null, problem: { code: 'CHAIN_IDENTITY_MISMATCH' } });
    await codeOf(rig.desk.ask(quote.id)).toMatchObject({ code: 'CHAIN_IDENTITY_MISMATCH' });
  });

  it('is not signed where its bytes cannot be kept first', async () => {
    const rig = await startDesk();
    const [before, sentBefore] = [await freeRao(rig), handedOver(rig)];
    const id = await waiting(rig);
    rig.store.break(new AppError('DISK_FULL', { path: '/data' }));
    await codeOf(approve(rig, id)).toMatchObject({ code: 'DISK_FULL' });
    rig.store.break(null);
    expect(rig.desk.pending).toMatchObject({ id, state: 'waiting', problem: { code: 'DISK_FULL' } });
    expect(handedOver(rig)).toBe(sentBefore);
    expect(await freeRao(rig)).toBe(before);
    await approve(rig, id);
    expect((await rig.until(id, 'done')).state.kind).toBe('done');
  });
});

describe('a price without a limit on the chain', () => {
  it('that rose before signing: nothing is signed, and the sentence names the limit', async () => {
    // With a tempo this long its owner may turn settings: the last blocks before an epoch are barred.
    const rig = await startDesk({ chain: { subnets: [{ ...testSubnet, tempo: 360 }] } });
    const hotkey = testSigner('//newcomer').address;
    const limitRao = rao(TAO / 2n);
    const quote = await rig.quote({ kind: 'register', netuid: NETUID, hotkey, limitRao });
    const id = await rig.desk.ask(quote.id);
    await raisePrice(rig);
    await codeOf(approve(rig, id)).toMatchObject({
      code: 'REGISTRATION_PRICE_ROSE',
      params: { limit: '0.5 TAO' },
    });
    expect(rig.desk.transactions(rig.account)).toEqual([]);
  });
});

/** Its owner sets the least price above half a TAO, and the interval ends after which it counts. */
async function raisePrice(rig: DeskRig): Promise<void> {
  const { money } = rig.network;
  const setting = 'AdminUtils.sudo_set_min_burn';
  const call = { kind: 'setHyperparameter', call: setting, value: 999_999_999n } as const;
  await sealing(rig.devnet, rig.network.submit(NETUID, call, testSigner('//owner'), signal));
  let lastSeen = money.newest().number;
  await vi.waitFor(async () => {
    for (let block = 0; block < 20; block++) rig.devnet.sealBlock();
    lastSeen += 20;
    await vi.waitFor(() => expect(money.newest().number).toBe(lastSeen), BUSY_MS);
    const { burnRao } = await money.registration(NETUID, money.newest(), signal);
    expect(burnRao).toBe(999_999_999n);
  }, BUSY_MS);
}
