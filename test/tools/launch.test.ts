import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ROOT } from '../../tools/build/stamp.ts';

interface Ended {
  readonly code: number;
  readonly said: string;
}

/** Runs the launcher as npm does. */
async function launch(root: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const child = spawn(process.execPath, [join(root, 'tools/launch.mjs'), ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      said += chunk;
    });
  const [code] = await once(child, 'close');
  return { code, said };
}

let folder = '';
afterEach(() => {
  if (folder) rmSync(folder, { recursive: true });
  folder = '';
});

describe('the launcher', () => {
  it.each([
    ['a mistyped option', ['start', '--prot', '5'], {}, 'Did you mean --port?'],
    ['a mistyped command', ['start', 'sevre'], {}, 'Did you mean serve?'],
    [
      'options that npm kept',
      ['start', '5'],
      { npm_lifecycle_event: 'start', npm_config_port: 'true' },
      'npm start -- --port PORT',
    ],
    [
      'a switch of Chromium where no window is wanted',
      ['start', '--no-open', '--disable-gpu'],
      {},
      '--disable-gpu',
    ],
  ])('tells %s before it builds anything', async (_title, args, env, sentence) => {
    const { code, said } = await launch(ROOT, args, env);
    expect(said).toContain(sentence);
    expect(said).not.toContain('Building');
    expect(code).toBe(2);
  });

  it('says what to do where nothing is installed', async () => {
    folder = mkdtempSync(join(tmpdir(), 'butterfly-launch-'));
    mkdirSync(join(folder, 'tools'));
    cpSync(join(ROOT, 'tools/launch.mjs'), join(folder, 'tools/launch.mjs'));
    cpSync(join(ROOT, 'bin'), join(folder, 'bin'), { recursive: true });
    expect(await launch(folder, ['start'])).toEqual({
      code: 1,
      said: 'The dependencies are not installed yet. Run: npm ci\n',
    });
  });

  it('names a task that is not there', async () => {
    expect(await launch(ROOT, ['strat'])).toEqual({
      code: 1,
      said: 'There is no task strat. package.json lists them.\n',
    });
  });
});
