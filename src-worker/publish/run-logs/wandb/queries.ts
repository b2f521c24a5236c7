import * as v from 'valibot';
import { AppError } from '../../../../src-shared/errors/app-error.ts';
import { askWandb, odd, type WandbAccess } from './ask.ts';

/** What is asked of Weights & Biases by GraphQL: the part of its schema that a run needs. */

/** A run by its place: `/files/ENTITY/PROJECT/RUN` in addresses. */
export interface WandbPlace {
  readonly entity: string;
  readonly project: string;
  readonly runId: string;
}

const VIEWER = 'query Viewer { viewer { id entity username } }';
const RESUME = `query RunResumeStatus($project: String, $entity: String, $name: String!) {
  model(name: $project, entityName: $entity) {
    bucket(name: $name, missingOk: true) { id historyLineCount historyTail summaryMetrics config }
  }
}`;
const UPSERT = `mutation UpsertBucket($name: String, $project: String, $entity: String, $displayName: String,
    $jobType: String, $tags: [String!], $config: JSONString, $state: String) {
  upsertBucket(input: { name: $name, modelName: $project, entityName: $entity, displayName: $displayName,
      jobType: $jobType, tags: $tags, config: $config, state: $state }) {
    bucket { id name project { name entity { name } } }
    inserted
  }
}`;

const name = v.pipe(v.string(), v.minLength(1), v.maxLength(256));
const viewer = v.object({ viewer: v.nullable(v.object({ entity: v.nullable(name) })) });
const resumed = v.object({
  model: v.nullable(
    v.object({
      bucket: v.nullable(
        v.object({
          historyLineCount: v.nullable(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
          historyTail: v.nullable(v.string()),
          summaryMetrics: v.nullable(v.string()),
          config: v.nullable(v.string()),
        }),
      ),
    }),
  ),
});
const upserted = v.object({
  upsertBucket: v.object({
    bucket: v.object({ name, project: v.object({ name, entity: v.object({ name }) }) }),
  }),
});
const answered = v.object({ data: v.optional(v.unknown()), errors: v.optional(v.array(v.unknown())) });

/** The team that runs go to where none is chosen. @throws {AppError} as `askWandb` */
export async function defaultEntity(access: WandbAccess, signal: AbortSignal): Promise<string> {
  const { viewer: found } = await ask(access, { query: VIEWER, variables: {} }, viewer, '', signal);
  // A key that nobody has is answered like this too.
  if (!found?.entity) throw new AppError('WANDB_KEY_REFUSED');
  return found.entity;
}

/** What stands there of a run; the JSON in it as it came. null: there is none. */
export async function askResume(access: WandbAccess, place: WandbPlace, signal: AbortSignal) {
  const variables = { project: place.project, entity: place.entity, name: place.runId };
  const { model } = await ask(access, { query: RESUME, variables }, resumed, projectOf(place), signal);
  return model?.bucket ?? null;
}

export interface WandbRunFacts {
  readonly displayName: string;
  readonly jobType: string;
  readonly tags: readonly string[];
  readonly config: Readonly<Record<string, unknown>>;
}

/** Makes the run, or says what is new of it. @returns the place as the server spells it */
export async function upsertRun(
  access: WandbAccess,
  place: WandbPlace,
  { displayName, jobType, tags, config }: WandbRunFacts,
  signal: AbortSignal,
): Promise<WandbPlace> {
  const values = Object.entries(config).map(([key, value]) => [key, { value }]);
  const variables = {
    ...{ name: place.runId, project: place.project, entity: place.entity, displayName, jobType, tags },
    ...{ config: JSON.stringify(Object.fromEntries(values)), state: 'running' },
  };
  const { upsertBucket } = await ask(
    access,
    { query: UPSERT, variables },
    upserted,
    projectOf(place),
    signal,
  );
  const { name: runId, project } = upsertBucket.bucket;
  return { runId, project: project.name, entity: project.entity.name };
}

export const projectOf = ({ entity, project }: Pick<WandbPlace, 'entity' | 'project'>): string =>
  `${entity}/${project}`;

async function ask<S extends v.GenericSchema>(
  access: WandbAccess,
  body: { readonly query: string; readonly variables: unknown },
  schema: S,
  project: string,
  signal: AbortSignal,
): Promise<v.InferOutput<S>> {
  const answer = v.safeParse(answered, await askWandb(access, { path: '/graphql', body, project }, signal));
  if (!answer.success) throw odd(access.baseUrl);
  // GraphQL tells refusals beside an answer of 200; what it says of them is for nobody's log.
  if (answer.output.errors?.length) throw new AppError('WANDB_REFUSED', { project, status: 200 });
  const found = v.safeParse(schema, answer.output.data);
  if (!found.success) throw odd(access.baseUrl);
  return found.output;
}
