import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../tools/build/stamp.ts';
import { type Figure, figure, unmeasured } from '../report/figures.ts';

const RESOURCES = join(ROOT, 'dist', 'linux-unpacked', 'resources');
const MB = 1_000_000;

/** All that lies in the unpacked app beside Electron's own files. */
export async function packedMb(): Promise<Figure> {
  const held = { floor: 330, goal: 220 };
  if (!existsSync(RESOURCES))
    return unmeasured('packed-mb', 'MB', 'nothing is packed: npm run pack:check does it', held);
  return figure('packed-mb', bytesBelow(RESOURCES) / MB, 'MB', held);
}

function bytesBelow(folder: string): number {
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name);
    return sum + (entry.isDirectory() ? bytesBelow(path) : lstatSync(path).size);
  }, 0);
}
