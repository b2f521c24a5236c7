import type { Host } from '../host.ts';
import { openControlDoor } from '../shells/control/control-door.ts';

/** Opens the host to `status`, `pause`, `resume`, `follow` and `stop`. It runs on without, where no socket can be made. */
export const letTerminalsAsk = (host: Host, stop: () => void): Promise<{ stop(): Promise<void> } | null> =>
  openControlDoor({ api: host.api, dataDir: host.dataDir, stop, onProblem: host.noteProblem }).catch(
    (problem: unknown) => {
      host.noteProblem(problem);
      return null;
    },
  );
