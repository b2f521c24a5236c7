import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { variablesOf } from '../src-main/commands/environment.ts';
import { exitCodeOf, exitCodes } from '../src-main/commands/exit-codes.ts';
import { commands } from '../src-main/commands/table.ts';
import { AppError } from '../src-shared/errors/app-error.ts';

const page = readFileSync(fileURLToPath(new URL('../docs/RUNNING-HEADLESS.md', import.meta.url)), 'utf8');

describe('docs/RUNNING-HEADLESS.md', () => {
  it('lists the codes with which the program ends', () => {
    const rows = [...page.matchAll(/^\| (\d+) \| `(\w+)` \|/gm)].map(([, code, name]) => [
      name,
      Number(code),
    ]);
    expect(Object.fromEntries(rows)).toEqual(exitCodes);
  });

  it('lists the variables of the environment with what their options say', () => {
    const rows = [...page.matchAll(/^\| `(BUTTERFLY_\w+)` \| `(--[a-z-]+)` \| (.*) \|$/gm)];
    expect(rows.map(([, env, name, help]) => ({ env, name, help }))).toEqual(
      variablesOf(Object.values(commands)),
    );
  });
});

describe('how a failure ends the program', () => {
  it('tells a host that is not there from everything else', () => {
    expect(exitCodeOf(new AppError('HOST_NOT_RUNNING', { path: '/d' }))).toBe(3);
    expect(exitCodeOf(new AppError('NO_RUN'))).toBe(1);
    expect(exitCodeOf(new Error('anything'))).toBe(1);
  });
});
