import { plannedRuns } from './planned.ts';

/** One run in a process of its own, whose clock it plays with: the number of the run goes in, its figures come out. */
const run = plannedRuns[Number(process.argv[2])];
if (!run) throw new RangeError(`no run ${process.argv[2]}`);
const figures = await run.play();
process.send?.(figures, () => process.exit(0));
