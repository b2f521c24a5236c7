import { createFile } from '../../src-node/durable.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { oneLine } from '../../src-shared/one-line.ts';
import type { dispute as disputeCommand } from '../commands/dispute.ts';
import { exitCodes } from '../commands/exit-codes.ts';
import type { follow as followCommand } from '../commands/follow.ts';
import type { SaidOf } from '../commands/option.ts';
import type { ControlCommand } from '../commands/table.ts';
import { defaultDataDir } from '../data-folder.ts';
import {
  askDispute,
  askDisputeCheck,
  askFor,
  askPeers,
  askStatus,
  askWeights,
} from '../shells/control/ask-host.ts';
import { peersText } from '../shells/control/peers-text.ts';
import type { HostStatus, RunStatus } from '../shells/control/protocol.ts';
import { statusText } from '../shells/control/status-text.ts';
import { disputeText, weightsText } from '../shells/control/weights-text.ts';
import { followLines } from './follow-words.ts';
import { print } from './terminal.ts';

/** Asks the host that runs on the data folder, and says what came of it. @returns the exit code */
export async function askRunningHost(asked: ControlCommand): Promise<number> {
  const dataDir = asked.said.dataDir ?? defaultDataDir();
  if (asked.name === 'peers') {
    const runs = await askPeers(dataDir, asked.said.run);
    print(asked.said.json ? JSON.stringify({ runs }, null, 2) : peersText(runs));
    return exitCodes.done;
  }
  if (asked.name === 'weights') {
    const runs = await askWeights(dataDir, asked.said.run);
    print(asked.said.json ? JSON.stringify({ runs }, null, 2) : weightsText(runs));
    return exitCodes.done;
  }
  if (asked.name === 'dispute') {
    print(await disputed(asked.said, dataDir));
    return exitCodes.done;
  }
  const inWords = await perform(asked, dataDir);
  if (!asked.said.json) print(inWords ?? statusText(await askStatus(dataDir)));
  // Whoever asked with a script reads where each run stands now; behind a stop there is nobody left to ask.
  else print(JSON.stringify(asked.name === 'stop' ? { stopped: true } : await askStatus(dataDir), null, 2));
  return exitCodes.done;
}

/** @returns what was done, for people; null where they asked for the status alone */
async function perform(
  asked: Exclude<ControlCommand, { name: 'peers' | 'weights' | 'dispute' }>,
  dataDir: string,
): Promise<string | null> {
  switch (asked.name) {
    case 'status':
      return null;
    case 'pause': {
      const { run, minutes } = asked.said;
      await askFor(dataDir, { verb: 'pause', run, minutes });
      return minutes === null ? 'Paused, until you resume.' : `Paused for ${minutes} minutes.`;
    }
    case 'resume': {
      const { run, anyway, json } = asked.said;
      await askFor(dataDir, { verb: 'resume', run, anywayMinutes: anyway });
      return json ? null : resumed(await askStatus(dataDir), run);
    }
    case 'follow':
      return follow(asked.said, dataDir);
    case 'stop':
      await askFor(dataDir, { verb: 'stop' });
      return 'Stopped.';
  }
}

/** @throws {AppError} DISPUTE_NOTHING, DISPUTE_MALFORMED, DISPUTE_FOREIGN, DISPUTE_ALTERED, DISPUTE_FILE_TAKEN, or of the disk */
async function disputed(
  { act, file, run, json }: SaidOf<typeof disputeCommand>,
  dataDir: string,
): Promise<string> {
  if (act === null || file === null) throw new TypeError('the rules of the command demand them');
  if (act === 'check') {
    const checked = await askDisputeCheck(dataDir, file);
    return json ? JSON.stringify(checked, null, 2) : disputeText(checked);
  }
  const isNew = await createFile(file, await askDispute(dataDir, run));
  if (!isNew) throw new AppError('DISPUTE_FILE_TAKEN', { path: file });
  return json
    ? JSON.stringify({ file })
    : `Written to ${file}. Whoever runs the validator checks it: dispute check FILE.`;
}

function resumed({ runs }: HostStatus, run: string | null): string {
  const still = runs.find(({ hotkey, why }) => why !== null && (run === null || run === hotkey));
  return still
    ? `The pause is over, and a rule of the house still holds: ${still.why} With --anyway 60 it works for an hour all the same.`
    : 'Training goes on.';
}

/** Without a hash it only shows what follows; with one it goes over. @throws {AppError} SUCCESSOR_OTHER */
async function follow(
  { accept, run, json }: SaidOf<typeof followCommand>,
  dataDir: string,
): Promise<string | null> {
  const { runs } = await askStatus(dataDir);
  const followed = runs.filter((one) => one.successor !== null && (run === null || run === one.hotkey));
  if (accept === null) return json ? null : followLines(followed).join('\n');
  const one = followed.find(({ successor }) => successor?.hash === accept);
  if (!one) throw new AppError('SUCCESSOR_OTHER', { hash: accept.slice(0, 16) });
  await askFor(dataDir, { verb: 'follow', run: one.hotkey, hash: accept });
  return json ? null : `The run before has ended; “${nameOf(one)}” begins.`;
}

const nameOf = ({ successor }: RunStatus): string => oneLine(successor?.name ?? '', 80);
