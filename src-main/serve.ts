import { writeFile } from 'node:fs/promises';
import { aborted } from '../src-node/waits.ts';
import { AppError, describeError, toCodedError } from '../src-shared/errors/app-error.ts';
import { shippedProfileNames } from '../src-shared/profile/shipped.ts';
import { defaultDataDir } from './data-folder.ts';
import { pageDir } from './entry-path.ts';
import { type Host, startHost } from './host.ts';
import { adversaryOf, type HostOptions, optionsOrExit } from './options.ts';
import { watchPractice } from './practice/headless.ts';
import { type PracticeReport, shortcomings } from './practice/report.ts';
import { openInBrowser } from './shells/web/open-browser.ts';
import { startWebShell, type WebShell } from './shells/web/web-shell.ts';
import { type HostDelay, watchHostDelay } from './supervisor/host-delay.ts';
import { isAlive } from './supervisor/process-end.ts';

/** The headless entry: the host, and the web shell around it unless nobody wants to look. */
const options = optionsOrExit(process.argv.slice(2));
const stopping = new AbortController();
process.once('SIGINT', () => stopping.abort());
process.once('SIGTERM', () => stopping.abort());

process.exitCode = await main().catch((thrown: unknown) => {
  const error = toCodedError(thrown);
  if (error.code === 'INTERNAL') console.error(thrown);
  const { sentence, action } = describeError(error);
  console.error(`${sentence} ${action}`);
  return 1;
});
// Nothing is left to wait for; a handle that some library keeps must not hold the terminal.
process.exit();

async function main(): Promise<number> {
  checkProfile(options);
  const hostDelay = watchHostDelay();
  const host = await startHost({
    dataDir: options.dataDir ?? defaultDataDir(),
    shell: 'web',
    adversary: adversaryOf(options),
    echoLog: process.env.BUTTERFLY_LOG !== undefined,
  });
  try {
    if (options.headless && options.practice && options.rounds)
      return await practise(host, options.rounds, hostDelay);
    return await serve(host);
  } finally {
    await host.stop();
  }
}

async function serve(host: Host): Promise<number> {
  const shell = options.headless ? null : await openPage(host);
  try {
    const begun = options.practice ? host.practice() : host.resumeChosen();
    // With a page a failed start is shown there, and its button tries again.
    const failed = begun.then(
      () => new Promise<never>(() => {}),
      (error: unknown) => (shell ? new Promise<never>(() => {}) : Promise.reject(error)),
    );
    await Promise.race([aborted(stopping.signal), failed]);
    return 0;
  } finally {
    await shell?.stop();
  }
}

async function openPage(host: Host): Promise<WebShell> {
  const shell = await startWebShell({
    port: options.port,
    pageDir: pageDir(),
    dataDir: host.dataDir,
    api: host.api,
    connect: host.connect,
    onProblem: host.noteProblem,
  });
  const opened = options.open && (await openInBrowser(shell.redirectFile));
  console.log(`Butterfly runs at ${shell.address}`);
  // The address alone opens nothing: the file holds the key, and only this user can read it.
  console.log(
    opened
      ? 'Your browser shows it. Press Ctrl+C here to stop.'
      : `Open this file in a browser: ${shell.redirectFile}`,
  );
  return shell;
}

/** A whole practice without a page: exit code 0 only if everything it promises came true. */
async function practise(host: Host, rounds: number, hostDelay: HostDelay): Promise<number> {
  const askedAtMs = performance.now();
  const practice = await host.practice();
  const watched = await watchPractice({
    practice,
    rounds,
    askedAtMs,
    hostDelay,
    log: console.log,
    signal: stopping.signal,
  });
  const pids = new Set(practice.pidsSeen());
  await host.stop();
  const report: PracticeReport = { ...watched, processesLeft: [...pids].filter(isAlive).length };
  if (options.json) await writeFile(options.json, `${JSON.stringify(report, null, 2)}\n`);
  const failures = shortcomings(report, rounds);
  for (const failure of failures) console.error(`Failed: ${failure}`);
  if (report.processesLeft > 0) console.error(`Failed: ${report.processesLeft} processes left`);
  return failures.length > 0 || report.processesLeft > 0 ? 1 : 0;
}

/** The live profiles are written down and not yet runnable: they need FineWeb and a GPU engine. */
function checkProfile({ profile }: HostOptions): void {
  if (profile === null || profile === 'practice') return;
  if (shippedProfileNames.includes(profile)) throw new AppError('PROFILE_NOT_RUNNABLE', { name: profile });
  throw new AppError('PROFILE_UNKNOWN', { name: profile, known: shippedProfileNames.join(', ') });
}
