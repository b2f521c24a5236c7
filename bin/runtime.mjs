// Finds a Node 24 and hands over to it. Imports nothing but node: modules, because it must run on whatever Node the
// user has (20 or newer) before anything else of ours may: better-sqlite3 segfaults on Node 20.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';

const REQUIRED_MAJOR = 24;
const binaryName = process.platform === 'win32' ? 'node.exe' : 'node';

/** Commands that ask a host which runs, and need nothing of it themselves. */
export const ASKING = ['status', 'peers', 'weights', 'dispute', 'pause', 'resume', 'follow', 'stop'];

/** Whether the Node that runs this will do. */
export const isOwnEnough = () => Number(process.versions.node.split('.')[0]) >= REQUIRED_MAJOR;

/** Says why nothing can be started, and ends. */
export function refuse(sentence) {
  console.error(sentence);
  process.exit(1);
}

/** The runtime that dependencies of this platform bring along, or null where the registry has none (macOS). */
function installedNode(root) {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  try {
    const manifest = createRequire(join(root, 'package.json')).resolve(
      `node-${platform}-${process.arch}/package.json`,
    );
    const binary = join(dirname(manifest), 'bin', binaryName);
    return existsSync(binary) ? binary : null;
  } catch {
    return null;
  }
}

/** @param packed folders in which an installed app would have its runtime. @returns a Node 24; ends where there is none */
export function findNode(root, packed = []) {
  const shipped = packed.map((folder) => join(folder, binaryName)).find((binary) => existsSync(binary));
  const node = shipped ?? installedNode(root) ?? (isOwnEnough() ? process.execPath : null);
  if (!node)
    refuse(
      `Butterfly needs Node ${REQUIRED_MAJOR}, and none comes along for ${process.platform}-${process.arch}. Install Node ${REQUIRED_MAJOR} from nodejs.org and run this again.`,
    );
  return node;
}

/**
 * Runs a script on that Node with our terminal, passes signals on, and ends as it ends.
 * @param options of `spawn`. @returns the child
 */
export function handOver(node, script, args, options = {}) {
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', script, ...args], {
    stdio: 'inherit',
    ...options,
  });
  // A terminal sends its interrupt to the whole process group, so the child has it already; a second one means "at once".
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  // The terminal may be gone by the time something is said.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  child.on('error', (error) => refuse(`Node could not be started (${error.code}): ${node}`));
  child.on('exit', (code, signal) => {
    if (signal === 'SIGINT') console.error('\nStopped. Nothing was running yet.');
    process.exit(signal ? 128 + constants.signals[signal] : (code ?? 1));
  });
  return child;
}
