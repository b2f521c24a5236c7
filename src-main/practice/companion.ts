import { type ChildDoor, type ServedChild, serveChild } from '../../src-node/child.ts';
import { stopStack } from '../../src-node/stop-stack.ts';
import type { InitOf } from '../../src-shared/contract/child.ts';
import { type CompanionContract, companionContract } from '../../src-shared/contract/companion.ts';
import { rao } from '../../src-shared/units.ts';
import { openDataFolder } from '../data-folder.ts';
import { makeKeys } from '../join/keys.ts';
import { openNetworks } from '../network/networks.ts';
import { startRun } from '../runs/run.ts';
import { openStore } from '../store/store.ts';
import { COMPANION_CLEANUP_MS } from './limits.ts';
import { keysDirOf } from './practice-keys.ts';
import { PRACTICE_NETWORK } from './profile.ts';

/** Parents count processes by this; children come and go with crashes, so it is said again now and then. */
const PROCESSES_EVERY_MS = 2_000;

type Init = InitOf<CompanionContract>;

/** A whole host without a page, run as a child of another one. See docs/decisions/0003. */
async function start(
  config: Init,
  door: ChildDoor<CompanionContract>,
): Promise<ServedChild<CompanionContract>> {
  const log = (line: string) => console.error(line);
  const started = stopStack({ onProblem: (name, problem) => log(`${name}: ${problem}`) });
  const folder = await openDataFolder(config.dataDir, { of: 'companion' });
  started.push('data folder', () => folder.release());
  for (const notice of folder.notices) door.notice(notice);
  // The disk is the host's too, and its own store tells a person of it.
  const store = await openStore({
    dataDir: folder.path,
    onProblem: (problem) => log(problem.message),
    onRecovered: (code) => log(`over: ${code}`),
  });
  for (const notice of store.notices) door.notice(notice);
  started.push('store', () => store.stop());
  const networks = openNetworks(log);
  started.push('networks', () => networks.stop());
  const run = await startRun(
    {
      dataDir: folder.path,
      keys: await makeKeys(keysDirOf(folder.path)),
      network: { name: PRACTICE_NETWORK, endpoints: config.profile.local.endpoints },
      profile: config.profile,
      role: config.role,
      registrationLimitRao: rao(config.registrationLimitRao),
      stakeRao: rao(config.stakeRao),
      isConsentFresh: false,
      engine: config.engine,
      share: () => config.engine.share,
      // Companions train on the processor.
      freeBytes: async () => null,
      adversary: config.adversary,
      extraEnv: config.extraEnv,
      announcedStore: null,
      listen: { host: '127.0.0.1', port: 0 },
      outside: { mapsPort: false, mayRelay: false },
      measuresHeldOut: false,
      notices: door,
      log,
      // That its validator stakes is a practice's own business.
      onStaked: () => undefined,
      onGaveUp: (error) => door.notice(error),
      mayTrain: () => config.active,
      onMilestone: (milestone) => log(`start: ${milestone}`),
    },
    { networks, store, train: null },
    door.stopping,
  );
  started.push('run', () => run.stop());
  const tell = () =>
    door.emit('processes', {
      processes: run.processes().map(({ name, pid, rssBytes }) => ({ name, pid, rssBytes })),
    });
  tell();
  const telling = setInterval(tell, PROCESSES_EVERY_MS);
  started.push('telling', () => clearInterval(telling));
  return {
    facts: { hotkey: run.hotkey },
    handlers: { setActive: async ({ active }) => void (await run.rounds.setActive(active)) as undefined },
    stop: () => started.stop(),
  };
}

serveChild(companionContract, start, { cleanupLimitMs: COMPANION_CLEANUP_MS });
