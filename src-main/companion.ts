import { companionContract } from '../src-shared/contract/companion.ts';
import { rao } from '../src-shared/units.ts';
import { serveChild } from '../src-worker/common/child.ts';
import { openDataFolder } from './data-folder.ts';
import { startScoredRun } from './run/scored-run.ts';

/** Parents count processes by this; children come and go with crashes, so it is said again now and then. */
const PROCESSES_EVERY_MS = 2_000;

/** A whole host without a page, run as a child of another one. See docs/decisions/0003. */
serveChild(companionContract, async (config, door) => {
  const folder = await openDataFolder(config.dataDir);
  const run = await startScoredRun(
    {
      ...config,
      registrationLimitRao: rao(config.registrationLimitRao),
      stakeRao: rao(config.stakeRao),
      swarmPort: 0,
      measuresHeldOut: false,
      log: (line) => console.error(line),
    },
    door.stopping,
  );
  const tell = () => door.emit('processes', { pids: run.processes().map(({ pid }) => pid) });
  tell();
  const telling = setInterval(tell, PROCESSES_EVERY_MS);
  return {
    facts: { hotkey: run.hotkey },
    handlers: {},
    async stop() {
      clearInterval(telling);
      await run.stop();
      await folder.release();
    },
  };
});
