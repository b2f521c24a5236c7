import { expect, it } from 'vitest';
import { walletPlace } from '../../src-main/wallet-place.ts';
import { defaultSettings } from '../../src-shared/settings.ts';
import { DEVNET, FINNEY } from '../fakes/orders.ts';

const settings = { ...defaultSettings, 'wallet.folder': '/wallets' };
const mark = 'PRACTICE';

it.each([
  ['a real chain that is called otherwise here', 'my-node', FINNEY],
  ['a real name that is not open', 'finney', null],
  ['another chain under a real name', 'finney', DEVNET],
])('%s is real, and is told by its own name', (_what, name, genesis) => {
  expect(walletPlace('/data', settings, { name, genesis, mark })).toEqual({
    root: '/wallets',
    network: { name: 'finney', mark: null, isReal: true },
  });
});

it('a chain that nobody knows has its wallets in the data folder', () => {
  expect(walletPlace('/data', settings, { name: 'lan', genesis: DEVNET, mark })).toEqual({
    root: expect.stringContaining('lan'),
    network: { name: 'lan', mark, isReal: false },
  });
});

it('a name that may stand for any chain has no place', () => {
  expect(walletPlace('/data', settings, { name: 'lan', genesis: null, mark })).toBeNull();
});
