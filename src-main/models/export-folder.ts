import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import type { PublishedModel } from '../../src-shared/contract/page/models.ts';
import { EXPORT_NAME_CHARS_MAX } from './limits.ts';

/** A folder of its own for a model. Its publisher named the run: that name may be anything, and leads nowhere else. */
export function exportFolder({ runName, tag }: Pick<PublishedModel, 'runName' | 'tag'>, within = homedir()) {
  const run = runName
    .replaceAll(/[^A-Za-z0-9-]+/g, '-')
    .slice(0, EXPORT_NAME_CHARS_MAX)
    .replaceAll(/^-+|-+$/g, '');
  return join(within, `${run === '' ? 'model' : run}-${basename(tag)}`);
}
