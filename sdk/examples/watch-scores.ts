import { connectButterfly } from '../client/connect.ts';

/** Prints own scores as the validator tells them: `node sdk/examples/watch-scores.ts DATA-FOLDER [TIMES]`. */
const [dataDir, times = '1'] = process.argv.slice(2);
if (!dataDir) throw new Error('which data folder?');
const butterfly = await connectButterfly(dataDir);
const { signal } = new AbortController();
let seenMs = 0;
for (let at = 0; at < Number(times); at++) {
  const scores = await butterfly.until(
    ({ runs }) =>
      Object.values(runs)
        .map((run) => run.scores)
        .find((one) => one !== null && one.all.length > 0 && one.updatedAtMs > seenMs),
    signal,
  );
  seenMs = scores.updatedAtMs;
  for (const { uid, total } of scores.all)
    console.log(`uid ${uid}: ${total === null ? 'not measured' : total.toFixed(3)}`);
}
butterfly.close();
