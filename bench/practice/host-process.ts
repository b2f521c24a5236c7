import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { listeners } from '../../src-node/listeners.ts';
import type { HostTold } from './told.ts';

const ENTRY = fileURLToPath(new URL('./bench-host.ts', import.meta.url));

/** A host with its practice, as a process. */
export interface HostProcess {
  /** Codes of everything that was ever told to a person. */
  readonly notices: ReadonlySet<string>;
  on(listener: (told: HostTold) => void): () => void;
  /**
   * The first thing told from now on that `pick` makes something of.
   * @throws {Error} when the process ends before, or the limit has passed
   */
  first<T>(what: string, pick: (told: HostTold) => T | undefined, limitMs: number): Promise<T>;
  /** -9, at once. Resolves when it is gone. */
  kill(): Promise<void>;
  /** As a person ends it. Resolves when it is gone. */
  stop(): Promise<void>;
}

/** @param env set in the environment of the host and all its children: a false clock */
export function startHostProcess(dataDir: string, env: Readonly<Record<string, string>> = {}): HostProcess {
  const child = fork(ENTRY, [dataDir, JSON.stringify(env)], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const told = listeners<{ told: HostTold }>();
  const notices = new Set<string>();
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.on('message', (message) => {
    const said = message as HostTold;
    if (said.kind === 'notices') for (const code of said.codes) notices.add(code);
    told.emit('told', said);
  });
  const on = (listener: (said: HostTold) => void) => told.on('told', listener);

  return {
    notices,
    on,
    async first(what, pick, limitMs) {
      const found = Promise.withResolvers<NonNullable<ReturnType<typeof pick>>>();
      const limit = setTimeout(
        () => found.reject(new Error(`${what}: not within ${limitMs / 1000} s`)),
        limitMs,
      );
      void gone.then(() => found.reject(new Error(`${what}: the host ended`)));
      const off = on((said) => {
        const picked = pick(said);
        if (picked !== undefined && picked !== null) found.resolve(picked);
      });
      try {
        return await found.promise;
      } finally {
        clearTimeout(limit);
        off();
      }
    },
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
    async stop() {
      if (child.connected) child.disconnect();
      await gone;
    },
  };
}
