import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import {
  backOffMs,
  type ChildState,
  type SupervisedChild,
  type SuperviseOptions,
  superviseChild,
} from '../../../src-main/supervisor/supervise.ts';
import type { ErrorCode } from '../../../src-shared/errors/catalogue.ts';
import { trialContract } from '../../fixtures/children/contract.ts';

const fixture = (name: string) => fileURLToPath(new URL(`../../fixtures/children/${name}`, import.meta.url));
const quick = { backOffMs: 20, backOffCeilingMs: 100, stopMs: 3_000, terminateMs: 500, failures: 3 };
const patience = () => AbortSignal.timeout(20_000);

let child: SupervisedChild<typeof trialContract> | undefined;
const states: ChildState[] = [];

function start(options: Partial<SuperviseOptions<typeof trialContract>> = {}) {
  states.length = 0;
  child = superviseChild({
    contract: trialContract,
    name: 'trial',
    entry: fixture('trial-child.ts'),
    init: () => ({ greeting: 'hello', failToStart: null }),
    extraEnv: {},
    onState: (state) => states.push(state),
    ...options,
    limits: { ...quick, ...options.limits },
  });
  return child;
}

/** Resolves with the first error after which the supervisor starts the child anew. */
function restartError(of: SupervisedChild<typeof trialContract>): Promise<{ code: ErrorCode }> {
  return new Promise((resolve) => {
    const look = setInterval(() => {
      const backingOff = states.find((state) => state.kind === 'backing-off');
      if (!backingOff || of.state.kind === 'starting') return;
      clearInterval(look);
      resolve(backingOff.error);
    }, 5);
  });
}

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

async function gone(pid: number): Promise<boolean> {
  const until = performance.now() + 10_000;
  while (alive(pid) && performance.now() < until) await new Promise(setImmediate);
  return !alive(pid);
}

afterEach(async () => {
  await child?.stop();
  child = undefined;
});

describe('a supervised child', () => {
  it('gets its init message, says ready and answers calls', async () => {
    const client = await start().whenReady(patience());
    expect(client.ready.greeting).toBe('hello');
    expect(await client.call('echo', { text: 'to and fro' }, patience())).toEqual({ text: 'to and fro' });
  });

  it('sees nothing of the environment but the allow-list', async () => {
    process.env.NODE_OPTIONS = '--no-warnings';
    process.env.WANDB_API_KEY = 'secret';
    try {
      const { ready } = await start().whenReady(patience());
      expect(ready.env).toContain('PATH');
      expect(ready.env).not.toContain('NODE_OPTIONS');
      expect(ready.env).not.toContain('WANDB_API_KEY');
    } finally {
      delete process.env.NODE_OPTIONS;
      delete process.env.WANDB_API_KEY;
    }
  });

  it('passes its coded errors on with code and parameters', async () => {
    const client = await start().whenReady(patience());
    await expect(client.call('refuse', undefined, patience())).rejects.toMatchObject({
      code: 'DISK_FULL',
      params: { path: '/spool' },
    });
  });

  it('is told when a call is cancelled, and the caller is free at once', async () => {
    const supervised = start();
    const client = await supervised.whenReady(patience());
    const told = new Promise<void>((resolve) => supervised.on('cancelled', () => resolve()));
    const abort = new AbortController();
    const call = client.call('hang', undefined, abort.signal);
    abort.abort();
    await expect(call).rejects.toMatchObject({ code: 'CANCELLED' });
    await told;
  });

  it('never receives a call whose signal was aborted before', async () => {
    const client = await start().whenReady(patience());
    const call = client.call('crash', { line: 'should not run' }, AbortSignal.abort());
    await expect(call).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await client.call('echo', { text: 'alive' }, patience())).toEqual({ text: 'alive' });
  });

  it('comes back after a crash, rejects what was pending and keeps its last words', async () => {
    const supervised = start();
    const first = await supervised.whenReady(patience());
    const pending = expect(first.call('hang', undefined, patience())).rejects.toMatchObject({
      code: 'CHILD_EXITED',
      params: { child: 'trial', reason: 'exit code 7' },
    });
    await expect(first.call('crash', { line: 'out of paper' }, patience())).rejects.toMatchObject({
      code: 'CHILD_EXITED',
    });
    await pending;
    const second = await supervised.whenReady(patience());
    expect(second.ready.pid).not.toBe(first.ready.pid);
    expect(supervised.report).toContain('out of paper');
    await expect(first.call('echo', { text: 'to the dead' }, patience())).rejects.toMatchObject({
      code: 'CHILD_EXITED',
    });
  });

  it('asks for its init message with why the life before ended', async () => {
    const before: unknown[] = [];
    const trial = start({
      init(error) {
        before.push(error && [error.code, error.params.reason]);
        return { greeting: 'hello', failToStart: null };
      },
    });
    await trial.whenReady(patience());
    if (trial.state.kind !== 'ready') throw new Error('not ready');
    process.kill(trial.state.pid, 'SIGSEGV');
    await restartError(trial);
    await trial.whenReady(patience());
    expect(before).toEqual([null, ['CHILD_EXITED', 'signal SIGSEGV']]);
  });

  it('keeps its listeners across a restart', async () => {
    const supervised = start();
    const heard: string[] = [];
    const leave = supervised.on('told', ({ text }) => heard.push(text));
    await supervised.whenReady(patience());
    await supervised.call('tell', { text: 'first' }, patience());
    await supervised.call('crash', { line: 'bye' }, patience()).catch(() => {});
    const second = await supervised.whenReady(patience());
    await second.call('tell', { text: 'second' }, patience());
    leave();
    await second.call('tell', { text: 'third' }, patience());
    expect(heard).toEqual(['first', 'second']);
  });

  it('is restarted when it is killed from outside', async () => {
    const supervised = start();
    const { ready } = await supervised.whenReady(patience());
    process.kill(ready.pid, 'SIGKILL');
    expect(await restartError(supervised)).toMatchObject({ code: 'CHILD_EXITED' });
    expect((await supervised.whenReady(patience())).ready.pid).not.toBe(ready.pid);
  });

  it.each([
    ['a result that does not fit', 'wrongResult'],
    ['an event that does not fit', 'wrongEvent'],
    ['a message of unknown kind', 'wrongMessage'],
  ] as const)('is restarted after %s', async (_title, call) => {
    const supervised = start();
    const client = await supervised.whenReady(patience());
    client.call(call, undefined, patience()).catch(() => {});
    expect(await restartError(supervised)).toMatchObject({ code: 'CHILD_MESSAGE_MALFORMED' });
    await supervised.whenReady(patience());
  });

  it('is killed and restarted when it hangs: silent, and without any use of a processor', async () => {
    const logged: string[] = [];
    const supervised = start({ limits: { silenceMs: 1_500 }, log: (line) => logged.push(line) });
    const client = await supervised.whenReady(patience());
    await expect(client.call('freeze', undefined, patience())).rejects.toMatchObject({
      code: 'CHILD_EXITED',
    });
    expect(await restartError(supervised)).toMatchObject({ code: 'CHILD_UNRESPONSIVE' });
    expect(await gone(client.ready.pid)).toBe(true);
    expect(logged).toContainEqual(expect.stringMatching(/^trial is ended: idle and silent for \d+ ms$/));
    expect(logged).toContainEqual(expect.stringMatching(/^trial starts again in 20 ms: CHILD_UNRESPONSIVE /));
  });

  it('is left alone while it works, however long it is silent', async () => {
    const supervised = start({ limits: { silenceMs: 400 } });
    const client = await supervised.whenReady(patience());
    await client.call('spinFor', { ms: 2_500 }, patience());
    expect(await client.call('echo', { text: 'done' }, patience())).toEqual({ text: 'done' });
    expect((await supervised.whenReady(patience())).ready.pid).toBe(client.ready.pid);
  });

  it('is killed when it works without a word far longer than any work takes', async () => {
    const supervised = start({ limits: { silenceMs: 1_000, busySilenceMs: 1_500 } });
    const client = await supervised.whenReady(patience());
    await expect(client.call('spin', undefined, patience())).rejects.toMatchObject({ code: 'CHILD_EXITED' });
    expect(await restartError(supervised)).toMatchObject({ code: 'CHILD_UNRESPONSIVE' });
  });

  it('tells a person what it goes on with, and takes that back', async () => {
    const heard: [unknown, boolean][] = [];
    const supervised = start({ onNotice: (error, cleared) => heard.push([error, cleared]) });
    const client = await supervised.whenReady(patience());
    await client.call('note', undefined, patience());
    await client.call('takeBackNote', undefined, patience());
    expect(heard).toEqual([
      [{ code: 'DISK_FULL', params: { path: '/spool' } }, false],
      [{ code: 'DISK_FULL', params: {} }, true],
    ]);
  });

  it('gets what its composition sets in its environment', async () => {
    const { ready } = await start({ extraEnv: { FAKETIME: '-2h' } }).whenReady(patience());
    expect(ready.env).toContain('FAKETIME');
  });

  it('is given up after a bounded number of failures, with the reason it named', async () => {
    const supervised = start({ init: () => ({ greeting: 'hello', failToStart: 'PROFILE_INVALID' }) });
    await expect(supervised.whenReady(patience())).rejects.toMatchObject({
      code: 'CHILD_GAVE_UP',
      params: { child: 'trial', failures: 3, why: 'The run profile is not valid: asked to fail.' },
    });
    expect(states.filter((state) => state.kind === 'starting')).toHaveLength(3);
    const backingOff = states.find((state) => state.kind === 'backing-off');
    expect(backingOff?.error).toMatchObject({ code: 'PROFILE_INVALID' });
    const last = states.at(-1);
    expect(last?.kind === 'failed' && last.report.join('\n')).toContain('asked to fail');
  });

  it('counts a failure after long healthy running as the first one', async () => {
    const supervised = start({ limits: { failures: 2, healedAfterMs: 0 } });
    for (let time = 0; time < 3; time++) {
      await (await supervised.whenReady(patience()))
        .call('crash', { line: 'again' }, patience())
        .catch(() => {});
    }
    await supervised.whenReady(patience());
    expect(states.some((state) => state.kind === 'failed')).toBe(false);
  });

  it.each(['STATE_FOREIGN', 'PORT_IN_USE'] as const)('is given up at once with %s itself', async (code) => {
    const supervised = start({ init: () => ({ greeting: 'hello', failToStart: code }) });
    await expect(supervised.whenReady(patience())).rejects.toMatchObject({ code });
    expect(states.filter(({ kind }) => kind === 'starting')).toHaveLength(1);
    expect(states.at(-1)).toMatchObject({ kind: 'failed', error: { code } });
  });

  it('is not spawned without its file, which is named', async () => {
    const path = fixture('no-such-child.ts');
    const supervised = start({ entry: path });
    const missing = { code: 'PROGRAM_FILE_MISSING', params: { path } };
    await expect(supervised.whenReady(patience())).rejects.toMatchObject(missing);
    expect(states.filter(({ kind }) => kind === 'starting')).toHaveLength(1);
    expect(supervised.report).toEqual([]);
  });

  it('is waited for while it waits for room on the disk', async () => {
    const limits = { readyMs: 1_500, failures: 1 };
    const supervised = start({ entry: fixture('roomless-child.ts'), limits });
    await supervised.whenReady(patience());
    expect(states.filter(({ kind }) => kind === 'starting')).toHaveLength(1);
  });

  it('does not wait for ever for a child that never says ready', async () => {
    const supervised = start({ entry: fixture('silent-child.ts'), limits: { readyMs: 300, failures: 1 } });
    await expect(supervised.whenReady(patience())).rejects.toMatchObject({ code: 'CHILD_GAVE_UP' });
    const last = states.at(-1);
    expect(last?.kind === 'failed' && last.error.cause).toMatchObject({ code: 'TIMEOUT' });
  });

  it('ends when asked, and leaves no process', async () => {
    const supervised = start();
    const { ready } = await supervised.whenReady(patience());
    await supervised.stop();
    expect(alive(ready.pid)).toBe(false);
    expect(supervised.state.kind).toBe('stopped');
  });

  it('is killed when it does not end by itself', async () => {
    const supervised = start({ limits: { stopMs: 200, terminateMs: 200 } });
    const { ready } = await supervised.whenReady(patience());
    await supervised.call('ignoreStop', undefined, patience());
    await supervised.stop();
    expect(alive(ready.pid)).toBe(false);
  });

  it('can be stopped while it waits for its next start', async () => {
    const supervised = start({ limits: { backOffMs: 60_000, backOffCeilingMs: 60_000 } });
    await (await supervised.whenReady(patience()))
      .call('crash', { line: 'once' }, patience())
      .catch(() => {});
    await supervised.stop();
    await expect(supervised.whenReady(patience())).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('leaves by itself when its host is killed', async () => {
    const host = trialHost();
    const pid = await host.childPid();
    expect(alive(pid)).toBe(true);
    host.process.kill('SIGKILL');
    expect(await gone(pid)).toBe(true);
  });

  it.skipIf(process.platform === 'win32')(
    'is not ended for the time in which it and its host were stopped',
    async () => {
      const host = trialHost({ ...quick, silenceMs: 3_000 });
      const pid = await host.childPid();
      try {
        // The child first, and for one look, so that the host's next one after the sleep finds no work done.
        process.kill(pid, 'SIGSTOP');
        await elapsed(1_000);
        host.process.kill('SIGSTOP');
        await elapsed(6_000);
        // The host wakes first and finds a child that has said nothing for many times its limit.
        host.process.kill('SIGCONT');
        await elapsed(100);
        process.kill(pid, 'SIGCONT');
        host.process.stdin.write('awake\n');
        expect(await host.line('echo ')).toBe('awake');
        expect(alive(pid)).toBe(true);
        expect(host.lines.filter((line) => !line.startsWith('echo'))).toEqual([`child ${pid}`]);
      } finally {
        host.process.kill('SIGKILL');
      }
      expect(await gone(pid)).toBe(true);
    },
  );
});

/** Time itself is what is tried here: nothing can be waited for while everything is stopped. */
const elapsed = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A host of its own, as a process; `line` waits for what it prints behind a word. */
function trialHost(limits: object = {}) {
  const host = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', fixture('trial-host.ts'), JSON.stringify(limits)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const lines: string[] = [];
  const reader = createInterface(host.stdout);
  reader.on('line', (line) => lines.push(line));
  const line = async (word: string): Promise<string> => {
    for (;;) {
      const found = lines.find((said) => said.startsWith(word));
      if (found !== undefined) return found.slice(word.length);
      await once(reader, 'line', { signal: patience() });
    }
  };
  return { process: host, lines, line, childPid: async () => Number(await line('child ')) };
}

describe('back-off', () => {
  it('doubles with each failure up to the ceiling', () => {
    const limits = { backOffMs: 500, backOffCeilingMs: 3_000 };
    expect([1, 2, 3, 4, 5, 60].map((failures) => backOffMs(failures, limits))).toEqual([
      500, 1_000, 2_000, 3_000, 3_000, 3_000,
    ]);
  });
});
