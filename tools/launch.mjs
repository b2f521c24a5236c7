#!/usr/bin/env node
// Finds a Node 24 and hands over to it. Imports nothing but node: modules, because it must run on whatever
// Node the user has (20 or newer) before anything else of ours may: better-sqlite3 segfaults on Node 20.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const REQUIRED_MAJOR = 24;

/** The bundled runtime of this platform, or null where the registry has none (macOS). */
function bundledNode() {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  try {
    const manifest = createRequire(join(root, 'package.json')).resolve(
      `node-${platform}-${process.arch}/package.json`,
    );
    const binary = join(dirname(manifest), 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
    return existsSync(binary) ? binary : null;
  } catch {
    return null;
  }
}

const [task = 'start', ...args] = process.argv.slice(2);
const own = Number(process.versions.node.split('.')[0]) >= REQUIRED_MAJOR ? process.execPath : null;
const node = bundledNode() ?? own;
if (!node) {
  console.error(
    existsSync(join(root, 'node_modules'))
      ? `Butterfly needs Node ${REQUIRED_MAJOR}: no bundled runtime exists for ${process.platform}-${process.arch}. Install Node ${REQUIRED_MAJOR} from nodejs.org and run this again.`
      : 'The dependencies are not installed yet. Run: npm ci',
  );
  process.exit(1);
}
const child = spawn(
  node,
  [
    '--disable-warning=ExperimentalWarning',
    join(root, 'tools', 'tasks', `${task.replaceAll(':', '-')}.ts`),
    ...args,
  ],
  {
    cwd: root,
    stdio: 'inherit',
  },
);
// The terminal sends its interrupt to the whole process group, so the task gets it without our help.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
