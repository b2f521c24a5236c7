import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../stamp.ts';
import { notice } from './notice.ts';
import { outsideFiles, packedList } from './packed-files.ts';
import { runtimeName, runtimeSource, type Target } from './target.ts';

/** What `electron-builder.yml` takes beside the build itself. */
export const STAGE = join(ROOT, 'out', 'pack');

/** Lays out the runtime, the list of what is packed with its sums, and the licences. The build has to be there. */
export function stage(target: Target): void {
  rmSync(STAGE, { recursive: true, force: true });
  mkdirSync(join(STAGE, 'runtime'), { recursive: true });
  const runtime = join(STAGE, 'runtime', runtimeName(target));
  copyFileSync(runtimeSource(target), runtime);
  chmodSync(runtime, 0o755);
  writeFileSync(join(STAGE, 'packed-files.json'), packedList(outsideFiles(target)));
  writeFileSync(join(STAGE, 'NOTICE'), notice());
}
