import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startVitest } from 'vitest/node';
import { faultReporter } from '../../tools/build/fault-reporter.ts';
import { ROOT } from '../../tools/build/stamp.ts';
import { describeFault, forgetResults, readCounts, readFaults } from '../../tools/build/test-summary.ts';

const name = `faults-of-${process.pid}`;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(ROOT, 'out', 'faults-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  forgetResults(name);
});

/** Runs one file of tests as the suite runs its own. @returns what is told of what failed */
async function told(source: string): Promise<string[]> {
  writeFileSync(join(folder, 'trial.test.ts'), source);
  const exitCode = process.exitCode;
  const vitest = await startVitest('test', [], {
    ...{ root: folder, config: false, watch: false, include: ['*.test.ts'] },
    ...{ reporters: ['json', faultReporter(name)], outputFile: join(ROOT, 'test-results', `${name}.json`) },
  });
  await vitest.close();
  process.exitCode = exitCode;
  const where = join('out', folder.slice(folder.lastIndexOf('faults-')), 'trial.test.ts');
  return readFaults(name).map((fault) => describeFault(fault).replace(where, 'trial'));
}

const IMPORTS = `import { afterAll, beforeAll, describe, it } from 'vitest';\n`;

describe('what made a run fail', () => {
  it.each([
    ['a test', `it('one', () => { throw new Error('wrong'); });`, 'FAILED trial > one: wrong'],
    [
      'a set-up',
      `describe('all', () => { beforeAll(() => { throw new Error('early'); }); it('one', () => {}); });`,
      'FAILED trial > all: early',
    ],
    [
      'what is left behind',
      `describe('all', () => { afterAll(() => { throw new Error('late'); }); it('one', () => {}); });`,
      'FAILED trial > all: late',
    ],
    ['a file that cannot be loaded', `throw new Error('broken');`, 'FAILED trial: broken'],
    [
      'what nobody caught',
      `it('one', async () => { void Promise.reject(new Error('nobody')); });`,
      'FAILED outside of any test: nobody',
    ],
  ])('%s is told and counted', async (_what, source, line) => {
    expect(await told(IMPORTS + source)).toEqual([line]);
    expect(readCounts(name).failed).toBe(1);
  });

  it('a process of tests that died is told with the file that it ran', async () => {
    const [line] = await told(`${IMPORTS}it('one', () => process.kill(process.pid, 'SIGKILL'));`);
    expect(line).toMatch(/^FAILED outside of any test: .*SIGKILL.*\/trial/);
  });

  it('nothing is told of a run that passed', async () => {
    expect(await told(`${IMPORTS}it('one', () => {});`)).toEqual([]);
    expect(readCounts(name)).toEqual({ passed: 1, failed: 0, skipped: 0 });
  });
});
