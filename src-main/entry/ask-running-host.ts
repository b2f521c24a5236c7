import { exitCodes } from '../commands/exit-codes.ts';
import type { ControlCommand } from '../commands/table.ts';
import { defaultDataDir } from '../data-folder.ts';
import { askFor, askStatus } from '../shells/control/ask-host.ts';
import type { HostStatus } from '../shells/control/protocol.ts';
import { statusText } from '../shells/control/status-text.ts';
import { print } from './terminal.ts';

/** Asks the host that runs on the data folder, and says what came of it. @returns the exit code */
export async function askRunningHost(asked: ControlCommand): Promise<number> {
  const dataDir = asked.said.dataDir ?? defaultDataDir();
  const inWords = await perform(asked, dataDir);
  if (!asked.said.json) print(inWords ?? statusText(await askStatus(dataDir)));
  // Whoever asked with a script reads where each run stands now; behind a stop there is nobody left to ask.
  else print(JSON.stringify(asked.name === 'stop' ? { stopped: true } : await askStatus(dataDir), null, 2));
  return exitCodes.done;
}

/** @returns what was done, for people; null where they asked for the status alone */
async function perform(asked: ControlCommand, dataDir: string): Promise<string | null> {
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
    case 'stop':
      await askFor(dataDir, { verb: 'stop' });
      return 'Stopped.';
  }
}

function resumed({ runs }: HostStatus, run: string | null): string {
  const still = runs.find(({ hotkey, why }) => why !== null && (run === null || run === hotkey));
  return still
    ? `The pause is over, and a rule of the house still holds: ${still.why} With --anyway 60 it works for an hour all the same.`
    : 'Training goes on.';
}
