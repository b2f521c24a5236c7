import { connectButterfly } from '../client/connect.ts';

/**
 * Starts a run and waits until its group agreed on a round: `node sdk/examples/start-run.ts DATA-FOLDER [PROFILE.json]`.
 * Without a profile it is a practice: a chain, a group and a validator on this computer. With one, the host is asked what
 * the profile is and whether it can be run here; a model of one's own shape on the text that comes with Butterfly can
 * be, text of one's own cannot yet.
 */
const [dataDir, profile] = process.argv.slice(2);
if (!dataDir) throw new Error('which data folder?');
const butterfly = await connectButterfly(dataDir);
const { signal } = new AbortController();
if (profile) {
  const { readFile } = await import('node:fs/promises');
  const summary = await butterfly.api.readProfile({ kind: 'file', text: await readFile(profile, 'utf8') });
  console.log(JSON.stringify(summary, null, 2));
} else {
  await butterfly.api.startPractice();
  const committed = await butterfly.until(
    ({ runs }) =>
      Object.values(runs)
        .flatMap(({ history }) => history)
        .find(({ outcome }) => outcome === 'committed'),
    signal,
  );
  console.log(`round ${committed.round} is committed, by ${committed.members} members`);
}
butterfly.close();
