import { expect, it } from 'vitest';
import { type HostServices, hostApi } from '../../src-main/host-api.ts';
import { stakeReview } from '../fakes/orders.ts';

it('lets no page move the endpoint or the wallets below an order that waits to be signed', async () => {
  const set: string[] = [];
  const money = { pending: stakeReview() as ReturnType<typeof stakeReview> | null };
  const settings = { set: async (id: string) => void set.push(id) };
  const api = hostApi({ money, settings } as unknown as HostServices);
  for (const id of ['network.finney.endpoint', 'network.test.endpoint', 'wallet.folder'] as const)
    await expect(api.setSetting(id, 'wss://node.example')).rejects.toMatchObject({
      code: 'SETTING_WHILE_SIGNING',
    });
  await api.setSetting('training.threads', 2);
  money.pending = null;
  await api.setSetting('network.finney.endpoint', 'wss://node.example');
  expect(set).toEqual(['training.threads', 'network.finney.endpoint']);
});
