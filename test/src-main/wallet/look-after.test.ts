import { expect, it, onTestFinished, vi } from 'vitest';
import { openNetworks } from '../../../src-main/network/networks.ts';
import { openMoneyDesk } from '../../../src-main/wallet/desk.ts';
import { openHolders } from '../../../src-main/wallet/holders.ts';
import { sealing } from '../network/rig.ts';
import { NETWORK, stake, startDesk } from './desk-rig.ts';

// For these tests the practice chain is one that Butterfly knows by its genesis.
vi.mock('../../../src-main/network/known.ts', async (original) => ({
  ...(await original<typeof import('../../../src-main/network/known.ts')>()),
  knownNetwork: () => ({ name: 'practice', mark: null }),
}));

it('after a restart a real network is opened for what is open on it, and closed once that is known', async () => {
  const rig = await startDesk();
  const id = await rig.approve(await rig.quote(stake(5)));
  await rig.desk.stop();
  await rig.networks.stop();
  const networks = openNetworks(() => undefined);
  onTestFinished(() => networks.stop());
  const desk = await openMoneyDesk({
    networks,
    holders: openHolders({ coldkeyOf: () => null }),
    store: rig.store,
    endpointOf: (name) => (name === NETWORK ? rig.wire.url : null),
    markOf: () => null,
    expectedOf: () => null,
    nameOf: () => null,
    knownAddresses: () => [],
    log: () => undefined,
  });
  onTestFinished(() => desk.stop());
  const state = () => desk.transactions(rig.account).find((one) => one.id === id)?.state;
  await sealing(
    rig.devnet,
    vi.waitFor(() => expect(state()?.kind).toBe('done'), 20_000),
  );
  await vi.waitFor(() => expect(networks.all.size).toBe(0), 10_000);
});
