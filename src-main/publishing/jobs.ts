import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { durableJson } from '../../src-node/durable-json.ts';
import { address, count } from '../../src-shared/contract/fields.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import { stateTagSchema } from '../../src-shared/published/manifest.ts';

/** A publication whose files are made, and that is not in its store yet. */
const jobSchema = v.object({
  /** Of its folder. */
  name: v.pipe(v.string(), v.regex(/^[0-9A-Za-z]{1,64}-\d{1,16}$/)),
  hotkey: address,
  /** Of the run in the store of rows. */
  runId: count,
  tag: stateTagSchema,
  kind: v.picklist(['state', 'update']),
  round: v.pipe(v.number(), v.safeInteger(), v.minValue(-1)),
  repositoryName: v.string(),
  isPublic: v.boolean(),
});

export type UploadJob = v.InferOutput<typeof jobSchema>;

/** Files of what is under way: `NAME/` with the content, `NAME.json` once it is whole. */
export interface UploadJobs {
  contentOf(name: string): string;
  /** Its content lies ready: from now on a kill does not lose it. */
  keep(job: UploadJob): Promise<void>;
  /** What an earlier start left to be done, oldest first; what is no such job goes. */
  left(): Promise<readonly UploadJob[]>;
  done(job: UploadJob): Promise<void>;
}

const ENDING = '.json';

export function uploadJobs(folder: string, told: (error: CodedError) => void): UploadJobs {
  const fileOf = (name: string) =>
    durableJson({ path: join(folder, `${name}${ENDING}`), schema: jobSchema, told });

  return {
    contentOf: (name) => join(folder, name),
    async keep(job) {
      await mkdir(folder, { recursive: true });
      await fileOf(job.name).write(job);
    },
    async left() {
      const names = await readdir(folder).catch(() => []);
      const jobs: UploadJob[] = [];
      for (const name of names.filter((one) => one.endsWith(ENDING))) {
        const job = await fileOf(name.slice(0, -ENDING.length)).read();
        if (job && `${job.name}${ENDING}` === name) jobs.push(job);
      }
      const wanted = new Set(jobs.flatMap((job) => [job.name, `${job.name}${ENDING}`]));
      // Content that was never whole; what was moved aside as damaged stays for its owner.
      for (const name of names)
        if (!wanted.has(name) && !name.includes('.damaged-'))
          await rm(join(folder, name), { recursive: true, force: true });
      return jobs.toSorted((a, b) => a.round - b.round);
    },
    async done({ name }) {
      await rm(join(folder, `${name}${ENDING}`), { force: true });
      await rm(join(folder, name), { recursive: true, force: true });
    },
  };
}
