import { openEventFile } from '../../../../src-worker/publish/run-logs/tensorboard/event-file.ts';
import { exampleRows } from './example-rows.ts';

/** A process of its own that writes three rows into a folder, and holds it until it is killed. */
const file = await openEventFile({
  ...{ folder: process.argv[2] ?? '', logId: 'a1', hotkey: '5Mine', nowMs: () => 1_790_000_000_000 },
  torn: () => process.exit(1),
});
const [base, step, later] = exampleRows;
if (base && step && later) await file.append([base, step, { ...later, seq: 2 }]);
process.stdout.write('holds\n');
setInterval(() => undefined, 60_000);
