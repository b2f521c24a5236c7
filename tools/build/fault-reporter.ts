import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import type { Reporter, TestModule } from 'vitest/node';
import { ROOT } from './stamp.ts';
import { type Fault, faultFile } from './test-summary.ts';

type Errors = readonly Failure[];
interface Failure {
  readonly message?: string;
  readonly stack?: string;
  readonly cause?: unknown;
}

/**
 * Writes down all that makes a run fail, also what belongs to no test: a file that could not be loaded, a set-up that
 * threw, an error that nobody caught, a process of tests that died. vitest's own JSON has no word of these.
 * @param name of the suite, as its result file has it
 */
export function faultReporter(name: string): Reporter {
  return {
    onTestRunEnd(modules, unhandled) {
      const faults = [...modules.flatMap(faultsOf), ...told('outside of any test', false, unhandled)];
      mkdirSync(dirname(faultFile(name)), { recursive: true });
      writeFileSync(faultFile(name), JSON.stringify(faults));
    },
  };
}

function faultsOf(module: TestModule): Fault[] {
  const file = relative(ROOT, module.moduleId);
  const suites = [...module.children.allSuites()];
  const tests = [...module.children.allTests('failed')];
  return [
    ...told(file, false, module.errors()),
    ...suites.flatMap((suite) => told(`${file} > ${suite.fullName}`, false, suite.errors())),
    ...tests.flatMap((test) => told(`${file} > ${test.fullName}`, true, test.result().errors ?? [])),
  ];
}

const told = (where: string, isTest: boolean, errors: Errors): Fault[] =>
  errors.map((error) => ({ where, isTest, message: wordsOf(error) }));

/** Of a process that died only the cause says which tests it ran. */
const wordsOf = ({ message, stack, cause }: Failure): string =>
  [message || stack || 'no words', ...(isFailure(cause) ? [wordsOf(cause)] : [])].join(' ');

const isFailure = (cause: unknown): cause is Failure => typeof cause === 'object' && cause !== null;
