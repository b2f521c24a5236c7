import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { startCompanions } from '../../../src-main/practice/companions.ts';
import type { Player } from '../../../src-main/practice/practice-keys.ts';
import { practiceProfile } from '../../../src-shared/profile/shipped.ts';
import { ss58 } from '../../../src-shared/units.ts';
import { soon } from '../../soon.ts';

const key = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
const entry = fileURLToPath(new URL('../../fixtures/children/resting-companion.ts', import.meta.url));
const profile = practiceProfile({ witness: key, ownerColdkey: key, endpoint: 'ws://a', bootstrap: [] });
const player: Player = { name: 'anna', role: 'miner', folder: '/nowhere', adversary: null };
const patience = () => AbortSignal.timeout(50_000);

/** One companion, a real process, and what it said. */
function companion(isActive: boolean, extraEnv: Readonly<Record<string, string>> = {}) {
  const said: string[] = [];
  const companions = startCompanions({
    entry,
    players: [player],
    isActive,
    profile,
    extraEnv,
    notices: { notice: () => undefined, clearNotice: () => undefined },
    log: (line) => said.push(line),
    gaveUp: (error) => expect.unreachable(error.code),
  });
  onTestFinished(() => companions.stop());
  const { child } = companions.all[0]!;
  const words = () => said.flatMap((line) => /(?:begun|told) to (?:work|rest)$/.exec(line)?.[0] ?? []);
  return { companions, child, said, words };
}

it('rests and works as it is told', async () => {
  const { companions, child, words } = companion(true);
  await child.whenReady(patience());
  await companions.setActive(false);
  await companions.setActive(true);
  await soon(() => expect(words()).toEqual(['begun to work', 'told to rest', 'told to work']));
});

it('begins at rest where a pause was kept', async () => {
  const { child, words } = companion(false);
  await child.whenReady(patience());
  await soon(() => expect(words()).toEqual(['begun to rest']));
});

it.skipIf(process.platform === 'win32')('hears once it is ready of a pause that came before', async () => {
  const { companions, child, said, words } = companion(true, { WAITS: '1' });
  const pid = () => Number(said.flatMap((line) => /process (\d+)$/.exec(line)?.[1] ?? [])[0]);
  await soon(() => expect(pid()).toBeGreaterThan(0));
  await companions.setActive(false);
  process.kill(pid(), 'SIGUSR2');
  await child.whenReady(patience());
  await soon(() => expect(words()).toEqual(['begun to work', 'told to rest']));
});

it('that comes back while the practice rests begins at rest', async () => {
  const { companions, child, words } = companion(true);
  await child.whenReady(patience());
  await companions.setActive(false);
  const [pid] = companions.pidsSeen;
  process.kill(pid!, 'SIGKILL');
  await soon(() => expect(companions.pidsSeen.size).toBe(2));
  await soon(() => expect(words()).toEqual(['begun to work', 'told to rest', 'begun to rest']));
});
