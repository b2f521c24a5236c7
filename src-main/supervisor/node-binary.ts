import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { AppError } from '../../src-shared/errors/app-error.ts';

/**
 * The Node that children run on. Inside Electron `process.execPath` is the app itself, whose Node cannot map GPU
 * memory; there it is the runtime that the installer ships, or the one of the npm package in a checkout.
 */
export function nodeBinary(): string {
  if (!process.versions.electron) return process.execPath;
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const shipped = join((process as { resourcesPath?: string }).resourcesPath ?? '', 'runtime', name);
  if (existsSync(shipped)) return shipped;
  const installed = packagedNode(name);
  if (installed && existsSync(installed)) return installed;
  throw new AppError('RUNTIME_MISSING', { platform: `${process.platform}-${process.arch}` });
}

function packagedNode(name: string): string | null {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  try {
    const manifest = createRequire(import.meta.url).resolve(`node-${platform}-${process.arch}/package.json`);
    return join(dirname(manifest), 'bin', name);
  } catch {
    return null;
  }
}
