import { expect, it, onTestFinished } from 'vitest';
import { rao } from '../../../src-shared/units.ts';
import { sealing, startWire } from '../network/rig.ts';
import { HOTKEY, PASSWORD, startDesk, TAO } from './desk-rig.ts';

const { signal } = new AbortController();

/** A desk whose network nobody holds open: it is opened for each step, where the settings name it by then. */
async function looseDesk() {
  let chosen: string | null = null;
  const rig = await startDesk({ isStarted: false, endpointOf: () => chosen });
  const other = await startWire(rig.devnet.url);
  onTestFinished(() => other.stop());
  const { desk } = rig;
  return {
    ...{ rig, desk, other },
    quote: () => rig.quote({ kind: 'transfer', to: HOTKEY, amountRao: rao(TAO) }),
    async move(url: string) {
      chosen = url;
      await rig.networks.stop();
    },
    approve(id: string) {
      const typed = desk.pending?.typedConsent ?? null;
      return desk.approve(id, { password: new TextEncoder().encode(PASSWORD), typed }, signal);
    },
  };
}

const OUTDATED = { code: 'REVIEW_OUTDATED' };

it('shows no order at another node than it was looked over at', async () => {
  const { rig, desk, other, quote, move } = await looseDesk();
  const { id } = await quote();
  await move(other.url);
  await expect(desk.ask(id)).rejects.toMatchObject(OUTDATED);
  expect(desk.pending).toBeNull();
  await rig.desk.ask((await quote()).id);
  expect(desk.pending?.endpoint).toBe(new URL(other.url).host);
});

it('signs no order at another node than the window names, and signs where it is the same one again', async () => {
  const { rig, desk, other, quote, move, approve } = await looseDesk();
  const shown = await desk.ask((await quote()).id);
  await move(other.url);
  await expect(approve(shown)).rejects.toMatchObject(OUTDATED);
  expect(desk.pending).toBeNull();
  expect(desk.transactions(rig.account)).toEqual([]);
  expect([...rig.wire.asked, ...other.asked].filter((method) => method.startsWith('author_'))).toEqual([]);
  const next = await desk.ask((await quote()).id);
  await move(other.url);
  await sealing(rig.devnet, approve(next));
  expect(rig.transaction(next)?.state.kind).not.toBe('refused');
  expect(other.asked.filter((method) => method.startsWith('author_'))).not.toEqual([]);
});
