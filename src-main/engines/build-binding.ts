import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { BUILD_LIMIT_MS } from './limits.ts';
import { findProgram, type Running, runProgram } from './program.ts';

const COMPILERS = ['g++', 'c++', 'clang++'];
/** The newest interface of Node that the package knows; its loader looks for the binding under it. */
const NAPI = 8;

/** @throws {AppError} ENGINE_COMPILER_MISSING */
export function findCompiler(): string {
  for (const name of COMPILERS) {
    const found = findProgram(name);
    if (found) return found;
  }
  throw new AppError('ENGINE_COMPILER_MISSING');
}

/**
 * Compiles the package's own binding against the library in its `deps/lib`, as its installer would.
 * @param headers of Node's interface, and of the library
 * @throws {AppError} ENGINE_STEP_FAILED, CANCELLED
 */
export async function buildBinding(
  { compiler, package: home, headers }: { compiler: string; package: string; headers: readonly string[] },
  running: Running,
): Promise<void> {
  const into = join(home, 'lib', `napi-v${NAPI}`);
  await mkdir(into, { recursive: true });
  const words = [
    ...['-shared', '-fPIC', '-O2', '-std=c++17'],
    ...[`-DNAPI_VERSION=${NAPI}`, '-D_GLIBCXX_USE_CXX11_ABI=1'],
    ...[home, ...headers].flatMap((folder) => ['-I', folder]),
    ...['binding/tfjs_backend.cc', 'binding/tfjs_binding.cc', '-o', join(into, 'tfjs_binding.node')],
    ...['-L', join(home, 'deps', 'lib'), '-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2'],
    // Beside the binding wherever the folder lies: it is moved once it is complete.
    '-Wl,-rpath,$ORIGIN/../../deps/lib',
  ];
  await runProgram(
    { name: 'compiler', command: compiler, words, folder: home, limitMs: BUILD_LIMIT_MS },
    running,
  );
}
