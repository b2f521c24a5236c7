import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * A terminal of its own for one command; what is typed into it comes as keys.
 * @param env beside the variables of this process
 */
export function atTerminal(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const words = [process.execPath, 'out/host/serve.js', ...args].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['-qefc', words, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  let said = '';
  let readTo = 0;
  const looking = new Set<() => void>();
  child.stdout.on('data', (chunk) => {
    said += chunk;
    for (const look of looking) look();
  });
  return {
    ended,
    said: () => said,
    press: (text: string) => child.stdin.write(text),
    /** Resolves once this stands on the screen behind what was read before. */
    read(pattern: RegExp): Promise<RegExpExecArray> {
      return new Promise((resolve) => {
        const look = () => {
          const found = pattern.exec(said.slice(readTo));
          if (!found) return;
          readTo += found.index + found[0].length;
          looking.delete(look);
          resolve(found);
        };
        looking.add(look);
        look();
      });
    },
  };
}

/**
 * A command whose questions are all agreed to, in the words that it asks for.
 * @returns what stood on the screen
 * @throws {Error} with that when it ends with another code than 0
 */
export async function agreeing(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const terminal = atTerminal(args, env);
  const agreed = async (): Promise<void> => {
    for (;;) {
      const [, words] = await terminal.read(/Type (\S+) to agree/);
      terminal.press(`${words}\r`);
    }
  };
  const code = await Promise.race([terminal.ended, agreed()]);
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}\n${terminal.said()}`);
  return terminal.said();
}
