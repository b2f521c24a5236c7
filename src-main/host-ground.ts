import { type StopStack, stopStack } from '../src-node/stop-stack.ts';
import { type DataFolder, openDataFolder } from './data-folder.ts';
import { captureConsole, captureUnexpected } from './log-capture.ts';
import { type LogFile, openLogFile } from './log-file.ts';
import { PRACTICE_STOP_MS } from './practice/limits.ts';
import { APP_VERSION } from './version.ts';

/** What a host stands on before anything of it is started. */
export interface HostGround {
  readonly folder: DataFolder;
  readonly logFile: LogFile;
  log(line: string): void;
  /** Ends what was started, the newest first; the folder and the log last. */
  readonly started: StopStack;
}

/** The data folder, held by this host alone, and the log in it. @throws {AppError} when the folder cannot be used */
export async function openGround(dataDir: string, echoLog: boolean): Promise<HostGround> {
  const folder = await openDataFolder(dataDir);
  const logFile = await openLogFile(folder.path, { echo: echoLog });
  const log = (line: string) => logFile.write(line);
  const started = stopStack({
    limitMs: PRACTICE_STOP_MS,
    onProblem: (name, problem) => log(`${name} did not stop cleanly: ${problem}`),
  });
  started.push('data folder', () => folder.release());
  started.push('log', () => logFile.stop());
  started.push('console', captureConsole(log));
  started.push('unexpected failures', captureUnexpected(log));
  log(`Butterfly ${APP_VERSION} starts, process ${process.pid}, ${process.platform} ${process.arch}`);
  return { folder, logFile, log, started };
}
