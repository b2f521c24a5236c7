import { expect, it } from 'vitest';
import { nameOfOwn } from '../../src-main/host-money.ts';
import type { WalletSummary } from '../../src-shared/contract/page/money.ts';
import { COLDKEY, HOTKEY } from '../fakes/orders.ts';

const wallet = (changes: Partial<WalletSummary>): WalletSummary => ({
  ...{ name: 'main', folder: '/w/main', coldkey: COLDKEY, opens: 'password', backedUpAtMs: null },
  ...{ hotkeys: [], fault: null, network: null },
  ...changes,
});

it('own names are of keys that lie here; an address that is watched is told as such', () => {
  const hotkeys = [{ name: 'work', address: HOTKEY, fault: null }];
  const watched = wallet({ name: 'main ', opens: 'elsewhere' });
  const own = wallet({ hotkeys });
  expect(nameOfOwn({ wallets: [watched] }, COLDKEY)).toEqual({ name: 'main ', from: 'watched' });
  expect(nameOfOwn({ wallets: [watched, own] }, COLDKEY)).toEqual({ name: 'main', from: 'own' });
  expect(nameOfOwn({ wallets: [own] }, HOTKEY)).toEqual({ name: 'main / work', from: 'own' });
  expect(nameOfOwn({ wallets: [] }, HOTKEY)).toBeNull();
});
