import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createInterface } from 'node:readline';

/** The built host as users run it. */
export interface HostProcess {
  readonly pid: number;
  /** The file that opens the page. Rejects when the host ends without naming one. */
  readonly redirectFile: Promise<string>;
  readonly output: () => string;
  /** The first line that matches. Rejects when the host ends without it. */
  said(pattern: RegExp): Promise<RegExpExecArray>;
  /** What a person types, with Enter. */
  type(line: string): void;
  /** Asks it to stop and resolves with its exit code. */
  stop(): Promise<number | null>;
  readonly ended: Promise<number | null>;
}

export function startHostProcess(args: readonly string[], env: NodeJS.ProcessEnv = {}): HostProcess {
  const child = spawn(process.execPath, ['out/host/serve.js', ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const redirect = Promise.withResolvers<string>();
  redirect.promise.catch(() => {});
  const lines: string[] = [];
  const spoken = new EventEmitter();
  let over = false;
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      spoken.emit('line');
      const file = /: (\S.*\.html)$/.exec(line)?.[1];
      if (file) redirect.resolve(file);
    });
  }
  const ended = once(child, 'exit').then(([code]) => {
    redirect.reject(new Error(lines.join('\n')));
    over = true;
    spoken.emit('line');
    return code as number | null;
  });
  return {
    pid: child.pid ?? 0,
    redirectFile: redirect.promise,
    output: () => lines.join('\n'),
    async said(pattern) {
      for (;;) {
        const found = lines.map((line) => pattern.exec(line)).find((match) => match !== null);
        if (found) return found;
        if (over) throw new Error(lines.join('\n'));
        await once(spoken, 'line');
      }
    },
    type: (line) => void child.stdin.write(`${line}\n`),
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
    ended,
  };
}
