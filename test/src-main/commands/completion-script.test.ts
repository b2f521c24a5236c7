import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { completionScript } from '../../../src-main/commands/completion-script.ts';
import type { Command } from '../../../src-main/commands/option.ts';
import { commands } from '../../../src-main/commands/table.ts';

const all = Object.values<Command>(commands);
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'butterfly-completion-'));
  writeFileSync(join(folder, 'butterfly.bash'), completionScript('bash', all));
  mkdirSync(join(folder, 'a folder'));
  writeFileSync(join(folder, 'a file'), '');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a real bash offers behind these words; the last one is being typed. */
function offered(...words: string[]): string[] {
  const script = [
    'compopt() { :; }',
    `source ${JSON.stringify(join(folder, 'butterfly.bash'))}`,
    `COMP_WORDS=(butterfly ${words.map((word) => `'${word}'`).join(' ')})`,
    `COMP_CWORD=${words.length}`,
    '_butterfly',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is bash that reads it
    'printf "%s\\n" "${COMPREPLY[@]}"',
  ].join('\n');
  const said = execFileSync('bash', ['--norc', '-uc', script], { cwd: folder, encoding: 'utf8' });
  return said.split('\n').filter((line) => line !== '');
}

describe.skipIf(process.platform === 'win32')('completion in bash', () => {
  it('offers every command', () => {
    expect(offered('')).toEqual([...Object.keys(commands), '--help']);
    expect(offered('st')).toEqual(
      ['status', 'stop', 'stake'].filter((name) => name in commands).sort(byTable),
    );
  });

  it.each(Object.keys(commands))('offers every option of %s', (name) => {
    const { options } = commands[name as keyof typeof commands] as Command;
    const names = Object.values(options).map((option) => option.name);
    expect(offered(name, '--')).toEqual([...names, '--help']);
  });

  it('offers the options of the default command where none is said', () => {
    expect(offered('--no')).toEqual(['--no-open']);
    expect(offered('--no-open', '--hea')).toEqual(['--headless']);
  });

  it('offers what an option can be', () => {
    expect(offered('join', '--role', '')).toEqual(['miner', 'validator']);
    expect(offered('status', '--data-dir', 'a')).toEqual(['a folder']);
    expect(offered('practice', '--json', 'a')).toEqual(expect.arrayContaining(['a folder', 'a file']));
    expect(offered('serve', '--port', '')).toEqual([]);
  });

  it('offers the words of a command', () => {
    expect(offered('engine', 'a')).toEqual(['add']);
  });
});

const order = Object.keys(commands);
const byTable = (a: string, b: string): number => order.indexOf(a) - order.indexOf(b);

describe('completion in zsh and fish', () => {
  it.each(['zsh', 'fish'] as const)('names every command and every option: %s', (shell) => {
    const script = completionScript(shell, all);
    for (const { name, options } of all) {
      expect(script).toContain(name);
      for (const option of Object.values(options))
        expect(script).toContain(shell === 'fish' ? `-l ${option.name.slice(2)}` : `${option.name}[`);
    }
  });

  it.each(['zsh', 'fish'] as const)('closes every quote that it opens: %s', (shell) => {
    // A quote inside a text is written with a backslash before it in either shell.
    const quotes = completionScript(shell, all).replaceAll("\\'", '').split("'").length - 1;
    expect(quotes % 2).toBe(0);
  });
});
