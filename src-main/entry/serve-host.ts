import { aborted } from '../../src-node/waits.ts';
import { type Host, startHost } from '../host.ts';
import { watchHostDelay } from '../supervisor/host-delay.ts';
import { beginWork, type HostCommand, hostConfig } from './begin-work.ts';
import { checkReportFile, countedPractice } from './counted-practice.ts';
import type { Ending } from './ending.ts';
import { letTerminalsAsk } from './let-terminals-ask.ts';
import { openMetrics } from './open-metrics.ts';
import { openPage } from './open-page.ts';
import { wantsLog } from './tell.ts';
import { tellRounds } from './tell-rounds.ts';

/** The host without a window, until it is asked to end. @returns the exit code */
export async function serveHost(asked: HostCommand, ending: Ending): Promise<number> {
  const config = hostConfig(asked);
  const counted = asked.name === 'practice' ? asked.said : null;
  if (counted?.json) await checkReportFile(counted.json);
  const hostDelay = watchHostDelay();
  const host = await startHost({
    ...config,
    shell: 'web',
    extraEnv: {},
    echoLog: wantsLog(),
    askToEnd: ending.ask,
  });
  const door = await letTerminalsAsk(host, () => ending.ask());
  const metrics = await openMetrics(host, asked.said.metricsPort);
  try {
    if (counted?.rounds) {
      const { rounds, json } = counted;
      return await countedPractice(host, { rounds, json, hostDelay, signal: ending.signal });
    }
    return await serve(host, asked, ending);
  } finally {
    await metrics?.stop();
    await host.stop();
    await door?.stop();
  }
}

async function serve(host: Host, asked: HostCommand, ending: Ending): Promise<number> {
  const shell = asked.said.headless ? null : await openPage(host, asked.said);
  if (!shell) tellRounds(host);
  try {
    const never = new Promise<never>(() => {});
    // With a page a failed start is shown there, and its button tries again.
    const failed = beginWork(host, asked).then(
      () => never,
      (error: unknown) => (shell ? never : Promise.reject(error)),
    );
    await Promise.race([aborted(ending.signal), failed]);
    return 0;
  } finally {
    await shell?.stop();
  }
}
