import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startHost } from '../../src-main/host.ts';
import { resetAtNextStart } from '../../src-main/host-moving.ts';
import { ss58 } from '../../src-shared/units.ts';

it.each([
  ['another word is typed', { typed: 'yes' }, 'RESET_NOT_TYPED'],
  ['something waits in the signing window', { isSigning: () => true }, 'RESET_WHILE_SIGNING'],
  ['the fate of an order is open', { open: async () => 1 }, 'MOVE_ORDERS_OPEN'],
])('the next start begins anew, but not where %s', async (_title, change, code) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'butterfly-reset-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const sound = { dataDir, typed: ' Reset ', isSigning: () => false, open: async () => 0 };
  await expect(resetAtNextStart({ ...sound, ...change })).rejects.toMatchObject({ code });
  expect(await readdir(dataDir)).toEqual([]);
  await resetAtNextStart(sound);
  expect(await readdir(dataDir)).toEqual(['reset-asked.json']);
});

it('a move of a host at work is in place at the next start of another one', async () => {
  const home = await mkdtemp(join(tmpdir(), 'butterfly-move-hosts-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  let ends = 0;
  const start = (name: string) =>
    startHost({
      ...{ dataDir: join(home, name), shell: 'web', adversary: null, extraEnv: {}, echoLog: false },
      askToEnd: () => ends++,
    });
  const password = () => new TextEncoder().encode('long enough to keep');
  const file = join(home, 'a.move');

  const old = await start('old');
  await old.api.setSetting('training.threads', 3);
  await old.api.setSetting('rules.battery', false);
  await old.api.setContact(ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY'), 'exchange');
  const out = await old.api.startMove({ kind: 'out', file, withColdkeys: false });
  expect((await old.api.view()).signing).toEqual({ id: out, kind: 'move' });
  await old.signing.api.giveMovePassword(out, password());
  expect((await old.api.view()).signing).toBeNull();
  await old.stop();

  const fresh = await start('fresh');
  const id = await fresh.api.startMove({ kind: 'in', file });
  await fresh.signing.api.giveMovePassword(id, password());
  expect((await fresh.api.view()).contacts).toEqual([]);
  await fresh.signing.api.confirmMove(id, 'aside');
  expect(ends).toBe(1);
  await fresh.stop();
  const again = await start('fresh');
  const { contacts, settings } = await again.api.view();
  expect(contacts).toEqual([{ address: expect.any(String), name: 'exchange' }]);
  // Threads are of the computer that they were counted on.
  expect([settings['rules.battery'], settings['training.threads']]).toEqual([false, 0]);
  await again.stop();
});
