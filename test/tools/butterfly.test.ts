import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Asked, commands, isControl } from '../../src-main/commands/table.ts';
import { ROOT } from '../../tools/build/stamp.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'butterfly-bin-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A program in the place of ours, that says how it was called. */
function lay(place: string): void {
  cpSync(join(ROOT, 'bin'), join(folder, 'bin'), { recursive: true });
  mkdirSync(join(folder, place, 'out/host'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(
    join(folder, place, 'out/host/serve.js'),
    `console.log(process.env.BUTTERFLY_CALLED_AS, process.argv.slice(2).join(' ')); process.exit(7);`,
  );
}

async function run(file: string, ...args: string[]) {
  const child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      said += chunk;
    });
  const [code] = await once(child, 'close');
  return { code, said };
}

describe('butterfly', () => {
  it.each(['.', 'app.asar.unpacked'])('runs the program below %s, and ends as it does', async (place) => {
    lay(place);
    expect(await run(join(folder, 'bin/butterfly.mjs'), 'status', '--json')).toEqual({
      code: 7,
      said: 'butterfly status --json\n',
    });
  });

  it('has a small program for what only asks a host, and for nothing else', async () => {
    lay('.');
    writeFileSync(join(folder, 'out/host/ask.js'), `console.log('asks', process.argv.slice(2).join(' '));`);
    const file = join(folder, 'bin/butterfly.mjs');
    expect(await run(file, 'status', '--json')).toEqual({ code: 0, said: 'asks status --json\n' });
    expect(await run(file, 'logs')).toEqual({ code: 7, said: 'butterfly logs\n' });
    const { ASKING } = (await import(String(new URL('../../bin/runtime.mjs', import.meta.url)))) as {
      ASKING: readonly string[];
    };
    const words = Object.keys(commands) as (keyof typeof commands)[];
    const control = words.filter((name) => isControl({ name } as Asked));
    expect([...ASKING].sort()).toEqual(control.sort());
  });

  it.skipIf(process.platform === 'win32')('is found through a link from a folder of programs', async () => {
    lay('.');
    symlinkSync(join(folder, 'bin/butterfly.mjs'), join(folder, 'linked'));
    expect(await run(join(folder, 'linked'), 'help')).toMatchObject({ code: 7 });
  });

  it('says what to do where nothing is built', async () => {
    cpSync(join(ROOT, 'bin'), join(folder, 'bin'), { recursive: true });
    expect(await run(join(folder, 'bin/butterfly.mjs'))).toEqual({
      code: 1,
      said: 'Butterfly is not built yet. Run: npm run build\n',
    });
  });
});
