import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../stamp.ts';
import { notice } from './notice.ts';
import { outsideFiles, packedList } from './packed-files.ts';
import { runtimeName, runtimeSource, type Target } from './target.ts';

/** What `electron-builder.yml` takes beside the build itself. */
export const STAGE = join(ROOT, 'out', 'pack');

/**
 * Lays out the runtime, the list of what is packed with its sums, and the licences. The build has to be there.
 * @param node the runtime that is packed
 */
export function stage(target: Target, node = runtimeSource(target)): void {
  rmSync(STAGE, { recursive: true, force: true });
  mkdirSync(join(STAGE, 'runtime'), { recursive: true });
  const runtime = join(STAGE, 'runtime', runtimeName(target));
  copyFileSync(node, runtime);
  chmodSync(runtime, 0o755);
  writeFileSync(join(STAGE, 'packed-files.json'), packedList(outsideFiles(target, node)));
  writeFileSync(join(STAGE, 'NOTICE'), notice());
}
