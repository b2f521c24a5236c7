import type { ControlCommand } from '../commands/table.ts';
import { defaultDataDir } from '../data-folder.ts';
import { askFor, askStatus } from '../shells/control/ask-host.ts';
import { statusText } from '../shells/control/status-text.ts';
import { print } from './terminal.ts';

/** Asks the host that runs on the data folder, and says what came of it. @returns the exit code */
export async function askRunningHost(asked: ControlCommand): Promise<number> {
  const dataDir = asked.said.dataDir ?? defaultDataDir();
  switch (asked.name) {
    case 'status': {
      const status = await askStatus(dataDir);
      print(asked.said.json ? JSON.stringify(status, null, 2) : statusText(status));
      return 0;
    }
    case 'pause': {
      const { run, minutes } = asked.said;
      await askFor(dataDir, { verb: 'pause', run, minutes });
      print(minutes === null ? 'Paused, until you resume.' : `Paused for ${minutes} minutes.`);
      return 0;
    }
    case 'resume': {
      const { run, anyway } = asked.said;
      await askFor(dataDir, { verb: 'resume', run, anywayMinutes: anyway });
      const still = (await askStatus(dataDir)).runs.filter(
        ({ hotkey, why }) => why !== null && (run === null || run === hotkey),
      );
      print(
        still[0]
          ? `The pause is over, and a rule of the house still holds: ${still[0].why} With --anyway 60 it works for an hour all the same.`
          : 'Training goes on.',
      );
      return 0;
    }
    case 'stop':
      await askFor(dataDir, { verb: 'stop' });
      print('Stopped.');
      return 0;
  }
}
