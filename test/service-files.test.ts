import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { variablesOf } from '../src-main/commands/environment.ts';
import { exitCodes } from '../src-main/commands/exit-codes.ts';
import { commands, isCommandName } from '../src-main/commands/table.ts';
import { CONTROL_STOP_MS } from '../src-main/shells/limits.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const unit = readFileSync(join(ROOT, 'assets/systemd/butterfly.service'), 'utf8');
const image = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');
const known = variablesOf(Object.values(commands)).map(({ env }) => env);
const set = (name: string): string[] =>
  [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value = '']) => value);

describe('the systemd unit', () => {
  it('waits for longer than a stop in order may take', () => {
    expect(Number(set('TimeoutStopSec')[0]) * 1_000).toBeGreaterThan(CONTROL_STOP_MS);
  });

  it('does not start again for words that mean nothing', () => {
    expect(set('RestartPreventExitStatus')).toEqual([String(exitCodes.misunderstood)]);
  });

  it('says what there is: a command, and variables that are read', () => {
    const [, word = ''] = set('ExecStart')[0]?.split(' ') ?? [];
    expect(isCommandName(word)).toBe(true);
    for (const variable of set('Environment')) expect(known).toContain(variable.split('=')[0]);
  });

  it('keeps the data folder where it may write', () => {
    expect(set('Environment')).toContain(`BUTTERFLY_DATA_DIR=/var/lib/${set('StateDirectory')[0]}`);
    expect(set('ProtectSystem')).toEqual(['strict']);
  });
});

describe('the Dockerfile', () => {
  it('copies what is there, or what its build makes', () => {
    const copied = [...image.matchAll(/^COPY (?:--\S+ )*(.+) \S+$/gm)].flatMap(([, sources = '']) =>
      sources.split(' '),
    );
    const own = copied
      .map((path) => path.replace(/^\/app\//, ''))
      .filter((path) => path !== 'out' && path !== 'node_modules');
    expect(own.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('runs as a user without rights, and is asked for its health', () => {
    const last = image.slice(image.lastIndexOf('\nFROM '));
    expect(/^USER (\w+)$/m.exec(last)?.[1]).toBe('node');
    expect(last).toMatch(/^HEALTHCHECK [\s\S]*?"status"/m);
  });

  it('sets variables that are read', () => {
    const names = [...image.matchAll(/\b(BUTTERFLY_\w+)=/g)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !known.includes(name as never))).toEqual([]);
  });
});
