import { expect, it } from 'vitest';
import { hushed } from '../../../src-main/runs/hush.ts';

function open() {
  const speaker = { isBlocked: false };
  const renewals: PromiseWithResolvers<void>[] = [];
  const hush = hushed(speaker, () => {
    const renewal = Promise.withResolvers<void>();
    renewals.push(renewal);
    return renewal.promise;
  });
  return { speaker, renewals, ...hush };
}

it('speaks again once its word is newer', async () => {
  const { speaker, renewals, setBlocked } = open();
  await setBlocked(true);
  expect(speaker.isBlocked).toBe(true);
  const lifted = setBlocked(false);
  expect(speaker.isBlocked).toBe(true);
  renewals[0]?.resolve();
  await lifted;
  expect(speaker.isBlocked).toBe(false);
});

it('stays silent where its word could not be made newer, and where another start came meanwhile', async () => {
  const { speaker, renewals, setBlocked } = open();
  await setBlocked(true);
  const failed = setBlocked(false);
  renewals[0]?.reject(new Error('the swarm is away'));
  await expect(failed).rejects.toThrow('away');
  expect(speaker.isBlocked).toBe(true);
  const late = setBlocked(false);
  await setBlocked(true);
  renewals[1]?.resolve();
  await late;
  expect(speaker.isBlocked).toBe(true);
});

it('is silent on a foreign subnet whatever becomes of the other start, and needs no renewal after it', async () => {
  const { speaker, renewals, setBlocked, setForeign } = open();
  setForeign(true);
  await setBlocked(true);
  const lifted = setBlocked(false);
  renewals[0]?.resolve();
  await lifted;
  expect(speaker.isBlocked).toBe(true);
  setForeign(false);
  expect(speaker.isBlocked).toBe(false);
  expect(renewals).toHaveLength(1);
});
