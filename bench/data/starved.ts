import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { type MicroBatch, readStep } from '../../src-worker/train/loop/assignment.ts';
import { startDatasetHub } from '../../test/fakes/hub/data-sets.ts';
import { figure } from '../report/figures.ts';
import { CONTEXT, withText } from './rig.ts';
import { shardFiles } from './words.ts';

const TOKENS_PER_S = 100_000;
const RUN_MS = 600_000;
const STEP = { microBatches: 16, sequences: 4 };
const DELAY_MS = 80;
const BYTES_PER_S = 200e6 / 8;
/** Every fiftieth request fails, by each way in turn. */
const FAILS_EVERY = 50;
const SHAPE = { shards: 4, rowGroups: 6, rows: 1_000 };

/** Steps whose text was not there, of ten minutes at a fast card's pace with nothing kept: every page is fetched and made. */
export async function starvedSteps() {
  let requests = 0;
  const hub = await startDatasetHub({
    ...{ files: shardFiles(SHAPE), delayMs: DELAY_MS, bytesPerS: BYTES_PER_S },
    fault() {
      requests += 1;
      if (requests % FAILS_EVERY !== 0) return null;
      const ways = [
        { kind: 'status', status: 503 },
        { kind: 'cut', after: 10_000 },
        { kind: 'status', status: 500 },
      ] as const;
      return ways[(requests / FAILS_EVERY) % ways.length]!;
    },
  });
  try {
    return await withText(hub, { quotaBytes: 0 }, async ({ assignment }) => {
      const signal = new AbortController().signal;
      const stepMs = (STEP.microBatches * STEP.sequences * CONTEXT * 1_000) / TOKENS_PER_S;
      let cursor: MicroBatch['next'] = { page: 0, sequence: 0 };
      const read = async () => {
        const batches = await readStep(assignment, cursor, STEP, signal);
        cursor = batches.at(-1)!.next;
      };
      // What the start of a round costs is waited for in the open.
      await read();
      const startedMs = performance.now();
      const starved: number[] = [];
      let steps = 0;
      for (; steps * stepMs < RUN_MS; steps += 1) {
        await sleep(Math.max(0, startedMs + steps * stepMs - performance.now()));
        const reading = read();
        // Text that is here takes no turn of the event loop; a clock would count what a busy machine does as well.
        const isHere = await Promise.race([reading.then(() => true), nextTurn(false)]);
        if (!isHere) starved.push(steps);
        await reading;
      }
      return figure('starved-steps', starved.length, 'steps', {
        ...{ floor: 0, goal: 0 },
        seen: `of ${steps}, ${cursor.page + 1} pages, ${hub.requests.length} requests${starved.length > 0 ? `; step ${starved.slice(0, 20).join(', ')}` : ''}`,
      });
    });
  } finally {
    await hub.close();
  }
}
