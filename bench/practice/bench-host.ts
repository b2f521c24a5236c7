import { startHost } from '../../src-main/host.ts';
import { applyPatch, emptyView, type View } from '../../src-shared/contract/page/sections.ts';
import type { HostTold } from './told.ts';

/**
 * The user's host as a process of its own that can be killed, starved or given another clock: goes on with the
 * practice of its folder, as a start of the program does, and tells its parent what it sees.
 */
const [, , dataDir, extraEnv = '{}'] = process.argv;
if (!dataDir) throw new TypeError('the data folder is the first argument');
const tell = (said: HostTold) => process.connected && process.send?.(said);

const host = await startHost({
  dataDir,
  shell: 'web',
  adversary: null,
  extraEnv: JSON.parse(extraEnv),
  echoLog: false,
  askToEnd: () => undefined,
});
let view: View = emptyView({ version: '', shell: 'web', dataDir, program: 'npm start --' });
host.connect({
  patch(sections) {
    view = applyPatch(view, sections);
    tell({ kind: 'notices', codes: view.notices.map(({ error }) => error.code) });
  },
});
// Whoever started this is gone, or asks for the end.
const end = () => void host.stop().finally(() => process.exit(0));
if (process.connected) process.once('disconnect', end);
else end();

const { run, profile } = await host.practice();
const { ready } = profile.consensus.clock;
run.rounds.on('view', (round) => {
  if (!round) return;
  const { readyBlock, blockInRound, phase } = round;
  const block = readyBlock - ready + blockInRound;
  tell({ kind: 'view', round: round.round, phase, block, beforeReady: readyBlock - block });
});
run.rounds.on('settled', ({ summary: { round, outcome, contributed } }) =>
  tell({ kind: 'settled', round, outcome, contributed }),
);
tell({ kind: 'practising' });
