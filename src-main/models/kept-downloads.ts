import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { durableJson } from '../../src-node/durable-json.ts';
import { sha256Hex } from '../../src-node/sha256.ts';
import { count, shortText } from '../../src-shared/contract/fields.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import { storedNameSchema } from '../../src-shared/published/manifest.ts';
import { type KnownState, knownStateSchema } from './known.ts';

const ID = /^[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}-[0-9a-f]{16}$/;
const proved = v.picklist(['same', 'other', 'unknown']);

const keptSchema = v.object({
  id: v.pipe(v.string(), v.regex(ID)),
  /** Of the store that it comes from, for going on. */
  sourceId: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)),
  from: shortText,
  link: v.nullable(shortText),
  state: knownStateSchema,
  /** All its files are here. */
  isWhole: v.boolean(),
  check: v.nullable(
    v.object({
      atMs: count,
      damaged: v.array(storedNameSchema),
      isSigned: v.boolean(),
      weights: proved,
      chain: proved,
    }),
  ),
});
export type KeptDownload = v.InferOutput<typeof keptSchema>;

/** A state goes by what its publisher signed: two publishers may have the same tag. */
export const downloadId = ({ tag, signature }: KnownState): string =>
  `${tag}-${sha256Hex(signature).slice(0, 16)}`;

const ENDING = '.json';

/** Files of downloads: `ID.json` says what it is, `ID/` holds it. */
export function keptDownloads(folder: string, told: (error: CodedError) => void) {
  const fileOf = (id: string) =>
    durableJson({ path: join(folder, `${id}${ENDING}`), schema: keptSchema, told });
  return {
    folderOf: (id: string): string => join(folder, id),
    async keep(kept: KeptDownload): Promise<void> {
      await mkdir(folder, { recursive: true });
      await fileOf(kept.id).write(kept);
    },
    /** What earlier starts left, by tag. A folder that no file speaks of was on its way out. */
    async left(): Promise<readonly KeptDownload[]> {
      const names = await readdir(folder).catch(() => []);
      const found: KeptDownload[] = [];
      for (const name of names.filter(
        (one) => one.endsWith(ENDING) && ID.test(one.slice(0, -ENDING.length)),
      )) {
        const kept = await fileOf(name.slice(0, -ENDING.length)).read();
        if (kept && `${kept.id}${ENDING}` === name) found.push(kept);
      }
      // A file that was damaged lies aside, and its folder stays for its owner.
      for (const name of names.filter((one) => ID.test(one)))
        if (!names.some((one) => one.startsWith(`${name}${ENDING}`)))
          await rm(join(folder, name), { recursive: true, force: true });
      return found;
    },
    async forget(id: string): Promise<void> {
      await rm(join(folder, `${id}${ENDING}`), { force: true });
      await rm(join(folder, id), { recursive: true, force: true });
    },
  };
}
