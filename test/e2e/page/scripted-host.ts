import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startWebShell, type WebShell } from '../../../src-main/shells/web/web-shell.ts';
import { type Patch, ViewKeeper } from '../../../src-main/view/view-keeper.ts';
import type { HostApi } from '../../../src-shared/contract/page.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { evidence, idle, lossSeries } from './scenes.ts';

/** A host that says what the script says, behind the real web shell: real sessions, real frames, the real CSP. */
export interface ScriptedHost {
  readonly url: string;
  readonly port: number;
  /** Names and arguments of what the page asked to be done. */
  readonly asked: { readonly call: string; readonly args: readonly unknown[] }[];
  show(patch: Patch): void;
  /** The next call of that name is refused. */
  refuse(call: string): void;
  stop(): Promise<void>;
}

export async function startScriptedHost(pageDir: string, port = 0): Promise<ScriptedHost> {
  const dataDir = await mkdtemp(join(tmpdir(), 'butterfly-page-'));
  const keeper = new ViewKeeper(idle().app);
  const asked: ScriptedHost['asked'] = [];
  const refusing = new Set<string>();
  const note = async (call: string, ...args: unknown[]): Promise<void> => {
    asked.push({ call, args });
    if (refusing.delete(call)) throw new AppError('NOT_NOW', { what: 'Pausing', state: 'preparing' });
  };
  const api: HostApi = {
    view: async () => keeper.view,
    startPractice: () => note('startPractice'),
    pause: (minutes) => note('pause', minutes),
    resume: () => note('resume'),
    series: async () =>
      keeper.view.training && keeper.view.run ? lossSeries(keeper.view.run.startedAtMs, Date.now()) : [],
    evidence: async () => evidence(Date.now()),
    dismissNotice: (id) => note('dismissNotice', id),
  };
  const shell: WebShell = await startWebShell({
    port,
    pageDir,
    dataDir,
    api,
    connect: (ui) => keeper.connect(ui),
    onProblem: (problem) => {
      throw problem;
    },
  });
  return {
    url: shell.url,
    port: shell.port,
    asked,
    show: (patch) => keeper.update(patch),
    refuse: (call) => refusing.add(call),
    stop: async () => {
      await shell.stop();
      keeper.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
