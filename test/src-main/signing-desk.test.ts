import { expect, it, vi } from 'vitest';
import { openSigningDesk, type SigningDeskOptions } from '../../src-main/signing-desk.ts';
import { wrongPasswordsByFile } from '../../src-main/vault/wrong-passwords.ts';
import type { ReviewTask } from '../../src-shared/contract/signing.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import {
  COLDKEY,
  FINNEY,
  fakeOrders,
  noMoves,
  noWalletHere,
  RIGHT_PASSWORD,
  stakeReview,
} from '../fakes/orders.ts';

const finney = { name: 'finney', mark: null, genesis: FINNEY, isReal: true };

function desk(
  review: Partial<ReviewTask>,
  shell: 'web' | 'electron' = 'web',
  places: Partial<SigningDeskOptions> = {},
) {
  const orders = fakeOrders();
  orders.ask(stakeReview(review));
  const { signal } = new AbortController();
  const placeOf = (name: string): never => {
    throw new AppError('NETWORK_NOT_OPEN', { network: name });
  };
  const signing = openSigningDesk({
    moves: noMoves,
    ...{ shell, orders: orders.orders, signal, placeOf },
    ...{
      noteBackedUp: async () => undefined,
      wrong: wrongPasswordsByFile(),
      walletOf: noWalletHere,
      onWallets: () => undefined,
    },
    ...places,
  });
  return { orders, signing, api: signing.api };
}

const notHere = async (...at: Parameters<typeof desk>) => {
  const { task } = await desk(...at).api.view();
  return task && 'notHere' in task ? task.notHere : undefined;
};

it('takes no password of a user’s wallet in a browser, whatever the network is', async () => {
  const refused = { code: 'PASSWORD_NOT_HERE', params: { wallet: 'main' } };
  expect(await notHere({ isUsersWallet: true })).toEqual(refused);
  const { api, orders } = desk({ isUsersWallet: true });
  const password = new TextEncoder().encode(RIGHT_PASSWORD);
  await expect(api.approve('order-1', { password, typed: null })).rejects.toMatchObject(refused);
  expect([...password].every((byte) => byte === 0)).toBe(true);
  expect(orders.approved).toEqual([]);
  expect(await notHere({ isUsersWallet: true, opens: 'plain' })).toBeNull();
  expect(await notHere({})).toBeNull();
  expect(await notHere({ isUsersWallet: true }, 'electron')).toBeNull();
});

it.each([
  ['SubtensorModule.add_stake_limit', 'stake'],
  ['SubtensorModule.remove_stake_full_limit', 'unstake'],
  ['SubtensorModule.burned_register', 'register'],
  ['SubtensorModule.register_limit', 'register'],
  ['Balances.transfer_all', 'transfer'],
  ['SubtensorModule.move_stake', null],
  ['SubtensorModule.transfer_stake', null],
])('names for %s the command that does the same, or none', async (name, verb) => {
  const call = { ...stakeReview().call, name };
  expect(await notHere({ network: finney, call })).toEqual(
    verb === null
      ? { code: 'SIGNING_APP_ONLY', params: { network: 'finney' } }
      : {
          code: 'SIGNING_NOT_HERE',
          params: { network: 'finney', command: `${verb} --network finney` },
        },
  );
});

it('tells the money desk what a window shows', async () => {
  const { orders, signing } = desk({});
  expect(orders.shown).toEqual([]);
  signing.connect({ patch: () => undefined });
  expect(orders.shown).toEqual(['order-1']);
});

it('looks as the page does', async () => {
  const { signing, api } = desk({});
  const themes: unknown[] = [];
  signing.connect({ patch: ({ theme }) => void themes.push(theme) });
  signing.wear('dark');
  expect(themes).toEqual(['system', 'dark']);
  expect((await api.view()).theme).toBe('dark');
});

it('denies what a window showed that its person closed', async () => {
  const { orders, signing } = desk({});
  signing.closed();
  await vi.waitFor(() => expect(orders.denied).toEqual(['order-1']));
  expect(signing.waits).toBeNull();
  signing.closed();
});

it('leaves the wallet whose window its person closed', async () => {
  const { orders, signing } = desk({}, 'electron', {
    placeOf: () => ({ root: '/keys/lan', network: { name: 'lan', mark: null, isReal: false } }),
  });
  orders.ask(null);
  await signing.startWallet({ kind: 'restore', network: 'lan', name: 'main', words: null });
  expect(signing.waits).toMatchObject({ kind: 'wallet' });
  signing.closed();
  await vi.waitFor(() => expect(signing.waits).toBeNull());
});

it('begins no wallet for a name of which nobody knows the chain', async () => {
  const { signing } = desk({});
  const order = { kind: 'restore', network: 'lan', name: 'main', words: null } as const;
  await expect(signing.startWallet(order)).rejects.toMatchObject({ code: 'NETWORK_NOT_OPEN' });
});

it('tells how the last order ended while no other one waits', async () => {
  const { orders, signing, api } = desk({});
  expect(signing.ended).toBeNull();
  await api.deny('order-1');
  expect(signing.ended).toMatchObject({
    id: 'order-1',
    how: 'denied',
    sentence: stakeReview().call.sentence,
  });
  orders.ask({ ...stakeReview(), id: 'order-2' });
  expect(signing.ended).toBeNull();
});

it.each([
  [true, { code: 'PASSWORD_NOT_HERE', params: { wallet: 'main' } }],
  [false, null],
])(
  'takes a password for the words of a wallet in a browser, unless it is the user’s own (%s)',
  async (isUsers, refused) => {
    const { signing, orders } = desk({}, 'web', {
      placeOf: () => ({ root: '/keys/lan', network: { name: 'lan', mark: null, isReal: false } }),
      walletOf: async () => ({ name: 'main', folder: '/wallets/main', isUsers }),
    });
    orders.ask(null);
    const id = await signing.startWallet({ kind: 'backup', network: 'lan', coldkey: COLDKEY });
    const { task } = await signing.api.view();
    expect(task).toMatchObject({ notHere: refused, wallet: { folder: '/wallets/main' } });
    const password = new TextEncoder().encode(RIGHT_PASSWORD);
    const giving = signing.api.giveSecret(id, { password, backup: null });
    await expect(giving).rejects.toMatchObject(refused ?? { code: 'KEY_FILE_ABSENT' });
  },
);
