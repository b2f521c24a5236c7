import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { ROOT } from './stamp.ts';

/** The script behind a package's command, run without shell and without `.bin`, which differs by platform. */
export function packageScript(name: string, bin: string = name): string {
  const manifest = createRequire(join(ROOT, 'package.json')).resolve(`${name}/package.json`);
  const { bin: bins } = createRequire(manifest)(manifest) as { bin: string | Record<string, string> };
  const script = typeof bins === 'string' ? bins : bins[bin];
  if (!script) throw new Error(`${name} has no command ${bin}`);
  return join(dirname(manifest), script);
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Told what it says, for who runs several at once; default: it says so itself. */
  readonly said?: (text: string) => void;
}

/**
 * Runs a script on this Node with our terminal. Signals reach it: an interrupt of the terminal through the process
 * group, the rest through us. @returns its exit code; 1 when a signal ended it.
 */
export function runNode(script: string, args: readonly string[], options: RunOptions = {}): Promise<number> {
  return runProgram(process.execPath, ['--disable-warning=ExperimentalWarning', script, ...args], options);
}

export function runProgram(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<number> {
  const child = spawn(program, args, {
    cwd: ROOT,
    stdio: options.said ? ['inherit', 'pipe', 'pipe'] : 'inherit',
    env: { ...process.env, ...options.env },
  });
  const { said } = options;
  if (said) for (const out of [child.stdout, child.stderr]) out?.setEncoding('utf8').on('data', said);
  const interrupt = () => process.stdin.isTTY || child.kill('SIGINT');
  const pass = (signal: NodeJS.Signals) => child.kill(signal);
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', pass);
  process.on('SIGHUP', pass);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', pass);
      process.off('SIGHUP', pass);
      resolve(signal ? 1 : (code ?? 1));
    });
  });
}
