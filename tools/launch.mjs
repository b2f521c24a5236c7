#!/usr/bin/env node
// Finds a Node 24 and hands over to it. Imports nothing but node: modules, because it must run on whatever
// Node the user has (20 or newer) before anything else of ours may: better-sqlite3 segfaults on Node 20.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const parent = process.ppid;
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const REQUIRED_MAJOR = 24;
const PARENT_LOOKED_AT_MS = 500;

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

/** Says why nothing can be started, and ends. */
function refuse(sentence) {
  console.error(sentence);
  process.exit(1);
}

if (!existsSync(join(root, 'node_modules'))) refuse('The dependencies are not installed yet. Run: npm ci');
const [task = 'start', ...args] = process.argv.slice(2);
const script = join(root, 'tools', 'tasks', `${task.replaceAll(':', '-')}.ts`);
if (!existsSync(script)) refuse(`There is no task ${task}. package.json lists them.`);
const own = Number(process.versions.node.split('.')[0]) >= REQUIRED_MAJOR ? process.execPath : null;
const node = bundledNode() ?? own;
if (!node)
  refuse(
    `Butterfly needs Node ${REQUIRED_MAJOR}, and none comes along for ${process.platform}-${process.arch}. Install Node ${REQUIRED_MAJOR} from nodejs.org and run this again.`,
  );

// Said here, because the runtime behind it takes a while longer to say anything. Commands that only ask stay silent.
const asks =
  args.some((word) => word === '--help' || word === '-h') ||
  !/^(?:-|serve$|practice$|join$|$)/.test(args[0] ?? '');
if (task === 'start' && !asks) console.error('Butterfly: looking at what has to be built.');

const child = spawn(node, ['--disable-warning=ExperimentalWarning', script, ...args], {
  cwd: root,
  stdio: 'inherit',
});
// A terminal sends its interrupt to the whole process group, so the task has it already; a second one means "at once".
process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
// npm passes a signal on to its shell, and a shell that dies of it tells nobody: its end is the signal then.
if (process.env.npm_lifecycle_event !== undefined) {
  setInterval(() => process.ppid === parent || child.kill('SIGTERM'), PARENT_LOOKED_AT_MS).unref();
}
// The terminal may be gone by the time something is said.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
child.on('error', (error) => refuse(`Node could not be started (${error.code}): ${node}`));
child.on('exit', (code, signal) => {
  if (signal === 'SIGINT') console.error('\nStopped. Nothing was running yet.');
  process.exit(signal ? 128 + constants.signals[signal] : (code ?? 1));
});
