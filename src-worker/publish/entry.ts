import { serveChild } from '../../src-node/child.ts';
import { Pace } from '../../src-node/pace.ts';
import { publishContract } from '../../src-shared/contract/publish.ts';
import type { PublishGround } from './ground.ts';
import { Jobs } from './jobs.ts';
import { runLogJobs } from './run-logs/run-log-jobs.ts';
import { storeJobs } from './stores/store-jobs.ts';

serveChild(publishContract, async ({ folder }, door) => {
  const ground: PublishGround = { ...door, folder, jobs: new Jobs(), pace: new Pace() };
  const logs = runLogJobs(ground);
  return {
    facts: {},
    handlers: {
      ...storeJobs(ground),
      ...logs.jobs,
      async abort({ job }) {
        ground.jobs.abort(job);
        return undefined;
      },
    },
    // Each call has the child's own end as its signal.
    stop: () => logs.stop(),
  };
});
