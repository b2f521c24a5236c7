import { join } from 'node:path';
import * as v from 'valibot';
import { durableJson } from '../../src-node/durable-json.ts';

/** Folders of before the list of runs say in a file of their own that a practice was chosen. */
export async function wasPractising(dataDir: string): Promise<boolean> {
  const file = durableJson({
    path: join(dataDir, 'chosen.json'),
    schema: v.object({ run: v.literal('practice') }),
    told: () => undefined,
  });
  return (await file.peek()) !== null;
}
