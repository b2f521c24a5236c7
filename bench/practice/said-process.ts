import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ENTRY = fileURLToPath(new URL('../../out/host/serve.js', import.meta.url));

/** A command of ours in a process of its own, with what it said so far. */
export interface SaidProcess {
  readonly process: ChildProcess;
  readonly lines: readonly string[];
  /** Its exit code. */
  readonly ended: Promise<number | null>;
  /** Resolves when so many lines fit; rejects with all lines when it ends before, or when the limit passes. */
  said(pattern: RegExp, times: number, limitMs: number): Promise<readonly string[]>;
  /** Asks it to end and waits until it is gone. */
  stop(): Promise<number | null>;
}

export interface Surroundings {
  /** Beside the variables of this process. */
  readonly env?: NodeJS.ProcessEnv;
  /** What comes through a pipe; left out: nothing does. */
  readonly piped?: string;
}

/** Runs the built program as `npm start -- ARGS` does. */
export function startCommand(args: readonly string[], { env, piped }: Surroundings = {}): SaidProcess {
  const child = spawn(process.execPath, [ENTRY, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  child.stdin.end(piped);
  const lines: string[] = [];
  const looking = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      for (const look of looking) look();
    });
  const ended = once(child, 'close').then(() => child.exitCode);

  return {
    process: child,
    lines,
    ended,
    async said(pattern, times, limitMs) {
      const found = Promise.withResolvers<readonly string[]>();
      const look = () => {
        const fitting = lines.filter((line) => pattern.test(line));
        if (fitting.length >= times) found.resolve(fitting);
      };
      const fail = (why: string) =>
        found.reject(new Error(`${args.join(' ')}: ${why} before ${pattern} came\n${lines.join('\n')}`));
      const late = setTimeout(() => fail(`${limitMs} ms passed`), limitMs);
      looking.add(look);
      void ended.then(() => fail('ended'));
      look();
      return found.promise.finally(() => {
        clearTimeout(late);
        looking.delete(look);
      });
    },
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}
