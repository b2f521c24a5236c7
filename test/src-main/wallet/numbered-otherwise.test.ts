import { afterEach, expect, it, vi } from 'vitest';
import { subtensor } from '../../../src-worker/devnet/runtime/subtensor/subtensor.ts';
import { stake, startDesk } from './desk-rig.ts';

// For these tests the practice chain is one that Butterfly knows by its genesis.
vi.mock('../../../src-main/network/known.ts', async (original) => ({
  ...(await original<typeof import('../../../src-main/network/known.ts')>()),
  knownNetwork: () => ({ name: 'practice', mark: null }),
}));

const { index } = subtensor;
afterEach(() => void Object.assign(subtensor, { index }));

it('a call whose numbers are as they are known needs no word', async () => {
  const rig = await startDesk();
  await rig.order(stake(2));
  const quote = await rig.quote(stake(2));
  expect(quote.warnings.map(({ code }) => code)).not.toContain('CALL_NUMBERED_OTHERWISE');
  expect(quote.typedConsent).toBeNull();
});

it('a call at another place is told as such and typed, and bars nobody', async () => {
  Object.assign(subtensor, { index: index + 100 });
  const rig = await startDesk();
  expect((await rig.order(stake(2))).state.kind).toBe('done');
  const quote = await rig.quote(stake(2));
  expect(quote.warnings.map(({ code }) => code)).toContain('CALL_NUMBERED_OTHERWISE');
  expect(quote).toMatchObject({ problem: null, typedConsent: '2' });
  await rig.desk.ask(quote.id);
  expect(rig.desk.pending?.warnings.map(({ code }) => code)).toContain('CALL_NUMBERED_OTHERWISE');
});
