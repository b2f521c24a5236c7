import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where `test:long` adds the engine as a user would, once for all that come after; outside the repository. */
export const tensorFlowFolder = (): string =>
  process.env.BUTTERFLY_TENSORFLOW ??
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'butterfly-bench', 'engines', 'tensorflow');

/** Whether the real library is at hand. */
export function hasTensorFlow(): boolean {
  const has = existsSync(join(tensorFlowFolder(), 'node_modules', '@tensorflow', 'tfjs-node-gpu'));
  if (!has) console.warn(`TensorFlow itself is not tested: it is not at ${tensorFlowFolder()}.`);
  return has;
}
