import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { profileOf, summaryOf } from '../../../src-main/join/read-profile.ts';
import { startWebShell, type WebShell } from '../../../src-main/shells/web/web-shell.ts';
import { ViewKeeper } from '../../../src-main/view/view-keeper.ts';
import type { HostApi } from '../../../src-shared/contract/page/api.ts';
import { hostApiArguments } from '../../../src-shared/contract/page/arguments.ts';
import type { RunSections, ViewPatch } from '../../../src-shared/contract/page/sections.ts';
import { AppError, type CodedError } from '../../../src-shared/errors/app-error.ts';
import { validators } from './money-scenes.ts';
import { evidence, idle, lossSeries, me } from './scenes.ts';

/** A host that says what the script says, behind the real web shell: real sessions, real frames, the real CSP. */
export interface ScriptedHost {
  /** Opens one session; another one each time it is read anew. */
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  /** Until it is stopped. */
  readonly isRunning: boolean;
  /** Forgets what it said and was asked, as if started anew. */
  begin(): void;
  /** Names and arguments of what the page asked to be done. */
  readonly asked: { readonly call: string; readonly args: readonly unknown[] }[];
  show(patch: ViewPatch): void;
  /** Says some sections of my run otherwise. */
  showMine(sections: Partial<RunSections>): void;
  /** The next call of that name is refused. */
  refuse(call: string, error: CodedError): void;
  /** What calls of that name answer from now on. */
  answer(call: string, value: unknown): void;
  stop(): Promise<void>;
}

/** @param before one that has stopped: this is it again, started anew in its folder and at its port */
export async function startScriptedHost(pageDir: string, before?: ScriptedHost): Promise<ScriptedHost> {
  const dataDir = before?.dataDir ?? (await mkdtemp(join(tmpdir(), 'butterfly-page-')));
  let script = newScript();
  const calls = Object.keys(hostApiArguments).map((call) => [
    call,
    (...args: readonly unknown[]) => script.answer(call, args),
  ]);
  const api: HostApi = {
    ...(Object.fromEntries(calls) as HostApi),
    view: async () => script.keeper.view,
    series: async (id) => {
      const run = script.keeper.run(id);
      return run?.training ? lossSeries(run.facts.startedAtMs, Date.now()) : [];
    },
    evidence: async () => evidence(Date.now()),
    // Reads nothing but what it is given, so it is the real one.
    async readProfile(source) {
      await script.answer('readProfile', [source]);
      return summaryOf(profileOf(source));
    },
  };
  const shell: WebShell = await startWebShell({
    port: before?.port ?? 0,
    pageDir,
    dataDir,
    api,
    calls: hostApiArguments,
    connect: (ui) => script.keeper.connect(ui),
    onProblem: (problem) => {
      throw problem;
    },
  });
  let isRunning = true;
  return {
    get url() {
      return shell.url;
    },
    get isRunning() {
      return isRunning;
    },
    port: shell.port,
    dataDir,
    begin() {
      script.keeper.stop();
      script = newScript();
    },
    get asked() {
      return script.asked;
    },
    show({ runs, ...sections }) {
      const { keeper } = script;
      keeper.update(sections);
      for (const [id, change] of Object.entries(runs ?? {})) {
        const { facts, ...rest } = change ?? {};
        if (change === null) keeper.endRun(id);
        if (facts) keeper.beginRun(id, facts);
        keeper.updateRun(id, rest);
      }
    },
    showMine: (sections) => script.keeper.updateRun(me, sections),
    refuse: (call, error) => script.refusing.set(call, error),
    answer: (call, value) => script.answers.set(call, value),
    stop: async () => {
      isRunning = false;
      await shell.stop();
      script.keeper.stop();
    },
  };
}

/** What one test has said and heard. */
function newScript() {
  // At once: what is pushed once a second in earnest would have each test wait for it.
  const keeper = new ViewKeeper(idle().app, { everyMs: 0, movingMs: 0 });
  const asked: { readonly call: string; readonly args: readonly unknown[] }[] = [];
  const refusing = new Map<string, CodedError>();
  const answers = new Map<string, unknown>([
    ['validators', validators],
    ['listTokens', []],
  ]);
  async function answer(call: string, args: readonly unknown[]): Promise<unknown> {
    asked.push({ call, args });
    const refused = refusing.get(call);
    refusing.delete(call);
    if (refused) throw new AppError(refused.code, refused.params);
    return answers.get(call);
  }
  return { keeper, asked, refusing, answers, answer };
}
