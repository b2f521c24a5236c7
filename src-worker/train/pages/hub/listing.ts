import * as v from 'valibot';
import { AppError } from '../../../../src-shared/errors/app-error.ts';
import { byName, type Shard } from '../../../../src-shared/text-manifest.ts';
import { LISTING_PAGE_MAX_BYTES, LISTING_PAGES_MOST, SHARDS_MOST } from '../limits.ts';
import { type HubDataset, hostOf, revisionUrl, treeUrl } from './addresses.ts';
import { readBody, WrongAnswer } from './answers.ts';
import type { Origin } from './origin.ts';

const COMMIT = /^[0-9a-f]{40}$/;

/** Nothing that could end a line of the manifest, or leave the data set. */
const filePath = v.pipe(
  v.string(),
  v.maxLength(1_024),
  v.check((path) => !/[\p{Cc}\\]/u.test(path) && !path.split('/').some((part) => /^\.{0,2}$/.test(part))),
);
const bytes = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** Of an entry, what Butterfly goes by. A file in large storage has its true size with that. */
const entrySchema = v.object({
  type: v.string(),
  path: filePath,
  size: v.optional(bytes, 0),
  lfs: v.optional(v.nullable(v.object({ size: bytes }))),
});
const pageSchema = v.array(entrySchema);
const revisionSchema = v.object({ sha: v.pipe(v.string(), v.regex(COMMIT)) });

/**
 * The commit that a revision is now.
 * @throws {AppError} as `Origin.ask`
 */
export async function commitOf(
  origin: Origin,
  dataset: HubDataset,
  revision: string,
  signal: AbortSignal,
): Promise<string> {
  const asked = { host: hostOf(dataset), what: `${dataset.id} at ${revision}` };
  const { value } = await askJson(origin, asked, revisionUrl(dataset, revision), revisionSchema, signal);
  return value.sha;
}

/**
 * The Parquet files below a folder of a data set at a commit, in the order of their names.
 * @throws {AppError} TEXT_NOT_FOUND where there are none, TEXT_TOO_LARGE, and as `Origin.ask`
 */
export async function listShards(
  origin: Origin,
  dataset: HubDataset,
  { commit, folder }: { readonly commit: string; readonly folder: string },
  signal: AbortSignal,
): Promise<readonly Shard[]> {
  const host = hostOf(dataset);
  const asked = { host, what: `list of files of ${dataset.id}` };
  const shards: Shard[] = [];
  let url: string | null = treeUrl(dataset, commit, folder);
  for (let page = 0; url !== null; page += 1) {
    if (page >= LISTING_PAGES_MOST || shards.length > SHARDS_MOST)
      throw new AppError('TEXT_TOO_LARGE', { what: dataset.id, reason: `more than ${SHARDS_MOST} files` });
    const answer: Answer<v.InferOutput<typeof pageSchema>> = await askJson(
      origin,
      asked,
      url,
      pageSchema,
      signal,
    );
    for (const { type, path, size, lfs } of answer.value)
      if (type === 'file' && path.endsWith('.parquet')) shards.push({ path, sizeBytes: lfs?.size ?? size });
    url = nextPage(answer.link, dataset.hubUrl, url);
  }
  if (shards.length === 0)
    throw new AppError('TEXT_NOT_FOUND', { host, what: `Parquet file in ${dataset.id}/${folder}` });
  return shards.toSorted((a, b) => byName(a.path, b.path));
}

interface Answer<T> {
  readonly value: T;
  readonly link: string | null;
}

function askJson<const S extends v.GenericSchema>(
  origin: Origin,
  asked: { readonly host: string; readonly what: string },
  url: string,
  schema: S,
  signal: AbortSignal,
): Promise<Answer<v.InferOutput<S>>> {
  return origin.ask(
    {
      ...asked,
      bytes: LISTING_PAGE_MAX_BYTES,
      send: (limit) => fetch(url, { signal: limit, headers: { accept: 'application/json' } }),
      async read(response) {
        const body = await readBody(response, { maxBytes: LISTING_PAGE_MAX_BYTES });
        const parsed = v.safeParse(schema, jsonOf(body));
        if (!parsed.success) throw new WrongAnswer('it is no list of files');
        return { value: parsed.output, link: response.headers.get('link') };
      },
    },
    signal,
  );
}

function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8'));
  } catch {
    // What the parser says quotes the body, which is a stranger's.
    throw new WrongAnswer('it is no JSON');
  }
}

/** @throws {AppError} TEXT_ANSWER_WRONG for one that lies elsewhere, or is the page just read */
function nextPage(link: string | null, hubUrl: string, before: string): string | null {
  const target = /<([^>]*)>\s*;\s*rel="?next"?/.exec(link ?? '')?.[1];
  if (target === undefined) return null;
  const url = URL.canParse(target, hubUrl) ? new URL(target, hubUrl) : null;
  if (url?.origin === new URL(hubUrl).origin && url.href !== before) return url.href;
  const host = new URL(hubUrl).host;
  throw new AppError('TEXT_ANSWER_WRONG', {
    host,
    what: 'a list of files',
    reason: 'its next page is none of it',
  });
}
