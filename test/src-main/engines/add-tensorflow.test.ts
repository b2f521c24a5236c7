import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Adding, addTensorFlow } from '../../../src-main/engines/add-tensorflow.ts';
import { findNpm } from '../../../src-main/engines/npm.ts';
import { TENSORFLOW_WHEEL } from '../../../src-main/engines/wheel.ts';

let root: string;
let stages: string[];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'adding-'));
  stages = [];
  vi.stubEnv('PATH', join(root, 'bin'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(root, { recursive: true });
});

const folder = () => join(root, 'fresh');
const added = (more: Partial<Adding> = {}) =>
  addTensorFlow({
    roomBytes: 1,
    wheel: TENSORFLOW_WHEEL,
    folder: folder(),
    downloads: join(root, 'downloads'),
    signal: new AbortController().signal,
    log: () => undefined,
    told: (stage) => void stages.push(stage),
    ...more,
  });

/** A program that stands for npm: `ci` lays a package out that cannot be loaded, what follows is the test's. */
async function npm(rebuild: string, ci = 'ok'): Promise<void> {
  const program = join(root, 'bin', 'node_modules', 'npm', 'bin', 'npm-cli.js');
  await mkdir(join(program, '..'), { recursive: true });
  await writeFile(
    program,
    `const fs = require('node:fs');
    const words = process.argv.slice(2);
    fs.appendFileSync('asked', words.join(' ') + '\\n');
    if (words[0] === 'ci' && ${JSON.stringify(ci)} !== 'ok') process.exit(1);
    const home = 'node_modules/@tensorflow/tfjs-node-gpu';
    fs.mkdirSync(home, { recursive: true });
    fs.writeFileSync(home + '/index.js', 'throw new Error("no library")');
    if (words[0] === 'rebuild') { ${rebuild} }`,
  );
}

/** Where nothing helps, the last thing missing is told. */
const LAST = 'ENGINE_COMPILER_MISSING';

describe.skipIf(findNpm({ PATH: '' }) !== null)('putting TensorFlow’s engine together', () => {
  it('needs npm, and begins nothing without it', async () => {
    await expect(added()).rejects.toMatchObject({ code: 'ENGINE_NPM_MISSING' });
    expect(existsSync(folder())).toBe(false);
  });

  it('needs room, and asks for it before anything is fetched', async () => {
    await npm('');
    await expect(added({ roomBytes: Number.MAX_SAFE_INTEGER })).rejects.toMatchObject({
      code: 'ENGINE_NO_ROOM',
    });
    expect(stages).toEqual([]);
  });

  it('installs exactly what the lockfile says, and runs no script but the package’s own', async () => {
    await npm('process.exit(1)');
    await expect(added()).rejects.toMatchObject({ code: LAST });
    const template = new URL('../../../src-main/engines/tensorflow/', import.meta.url);
    for (const name of ['package.json', 'package-lock.json']) {
      const [made, meant] = [join(folder(), name), new URL(name, template)];
      expect(JSON.parse(await readFile(made, 'utf8'))).toEqual(JSON.parse(await readFile(meant, 'utf8')));
    }
    const [first, second] = (await readFile(join(folder(), 'asked'), 'utf8')).split('\n');
    expect(first).toBe('ci --ignore-scripts --no-audit --no-fund');
    expect(second).toMatch(/^rebuild @tensorflow\/tfjs-node-gpu --ignore-scripts=false /);
    expect(stages).toEqual(['packages', 'own-download']);
  });

  it('does not believe an installer that says it succeeded: the engine is loaded', async () => {
    await npm('');
    await expect(added()).rejects.toMatchObject({ code: LAST });
    expect(stages).toEqual(['packages', 'own-download', 'try']);
  });

  it('tells what failed itself where there is no second way', async () => {
    await npm('process.exit(3)');
    await expect(added({ wheel: null })).rejects.toMatchObject({
      code: 'ENGINE_STEP_FAILED',
      params: { program: 'npm', reason: 'exit code 3' },
    });
    await npm('');
    await expect(added({ wheel: null })).rejects.toMatchObject({ code: 'ENGINE_BROKEN' });
  });

  it('ends where npm cannot install the packages', async () => {
    await npm('', 'fails');
    await expect(added()).rejects.toMatchObject({ code: 'ENGINE_STEP_FAILED', params: { program: 'npm' } });
  });

  it('begins with an empty folder whatever lies there', async () => {
    await npm('process.exit(1)');
    await mkdir(join(folder(), 'node_modules'), { recursive: true });
    await writeFile(join(folder(), 'node_modules', 'of-before'), '');
    await expect(added()).rejects.toMatchObject({ code: LAST });
    expect(existsSync(join(folder(), 'node_modules', 'of-before'))).toBe(false);
  });
});
