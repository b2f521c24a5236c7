import { S3mini } from 's3mini';
import type { StorePlace } from '../../../src-shared/contract/publish/stores.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { KEYS_AT_ONCE, LIST_PAGES_MAX } from '../limits.ts';
import { refusedBy } from './refused.ts';
import { elementsOf, textOf } from './s3-xml.ts';
import { isPart, type ReadRange, type StoreGround } from './store.ts';
import { storeFetch, storeFileFetch } from './store-fetch.ts';

export type S3Place = Extract<StorePlace, { kind: 's3' }>;

export const BUCKET = 'The bucket';

/** The digest of the whole object, which a bucket itself knows only by its parts. */
const DIGEST_HEADER = 'x-amz-meta-sha256';

export interface ListedPart {
  readonly partNumber: number;
  readonly etag: string;
  readonly sizeBytes: number;
}

/**
 * A bucket, for as long as one job lasts. The library signs and spells requests; they go by our own `fetch`, so that each
 * of them ends with the job and goes at the pace.
 */
export class S3Client {
  readonly #small: S3mini;
  readonly #files: S3mini;
  readonly #lists: S3mini;
  #pagesLeft = 0;

  constructor(
    place: S3Place,
    secretAccessKey: string | null,
    ground: StoreGround,
    { signal, onSent }: { readonly signal: AbortSignal; onSent(bytes: number): void },
  ) {
    const { endpoint, bucket, region, accessKeyId } = place;
    const options = {
      ...{ store: BUCKET, url: endpoint, pace: ground.pace, signal, onSent },
      // A stranger's bucket that leads elsewhere may lead to a door that only the reader can reach.
      redirect: 'manual' as const,
      refusal: (response: Response, isOwn: boolean) =>
        refusedBy(response, isOwn, { store: BUCKET, place: bucket, forbidden }).then((refused) => {
          if (refused) return refused;
          if (response.status >= 300 && response.status < 400)
            return foreign('an answer that leads elsewhere');
          if (response.status === 404) return absent(response, bucket);
          return response.status === 400 ? unfit(response) : null;
        }),
    };
    const config = {
      accessKeyId,
      secretAccessKey: secretAccessKey ?? '',
      endpoint: `${endpoint.replace(/\/+$/, '')}/${bucket}`,
      region,
    };
    const ask = storeFetch(options);
    this.#small = new S3mini({ ...config, fetch: ask });
    this.#lists = new S3mini({ ...config, fetch: (...request) => this.#page(() => ask(...request)) });
    this.#files = new S3mini({ ...config, fetch: storeFileFetch(options) });
  }

  /** Keys below a prefix with their sizes, at most so many. */
  async keys(
    prefix: string,
    keysMax: number,
  ): Promise<readonly { readonly key: string; readonly sizeBytes: number }[]> {
    const found: { key: string; sizeBytes: number }[] = [];
    let token: string | undefined;
    this.#pagesLeft = LIST_PAGES_MAX;
    do {
      const page = await this.#lists.listObjectsPaged('/', prefix, KEYS_AT_ONCE, token);
      if (!page?.objects) throw new AppError('STORE_PLACE_MISSING', { place: this.#small.bucketName });
      found.push(...page.objects.map(({ Key, Size }) => ({ key: Key, sizeBytes: Number(Size) })));
      token = page.nextContinuationToken;
    } while (token !== undefined && found.length < keysMax);
    return found;
  }

  /** The library asks for page after page by itself, and a page may be empty and say that more follow. */
  async #page(ask: () => Promise<Response>): Promise<Response> {
    this.#pagesLeft -= 1;
    if (this.#pagesLeft < 0) throw foreign('a list without end');
    return ask();
  }

  /** SHA-256 and size that an object was put with; null where there is none. */
  async head(key: string): Promise<{ readonly sizeBytes: number; readonly sha256: string | null } | null> {
    const response = await this.#files.getObjectRaw(key, false, 0, 1).catch(nullWhereAbsent);
    if (!response) return null;
    await response.body?.cancel();
    const [, whole] = /\/(\d+)$/.exec(response.headers.get('content-range') ?? '') ?? [];
    const sizeBytes = Number(whole ?? response.headers.get('content-length') ?? Number.NaN);
    return { sizeBytes, sha256: response.headers.get(DIGEST_HEADER) };
  }

  /** @returns null where there is no such object */
  async read(key: string, range: ReadRange = { begin: 0 }): Promise<ReadableStream<Uint8Array> | null> {
    const { begin, end } = range;
    // Its last byte is the first that it does not ask for, and without one it asks for all.
    const response = await this.#files.getObjectRaw(key, !isPart(range), begin, end).catch(nullWhereAbsent);
    if (response && response.status !== (isPart(range) ? 206 : 200)) {
      await response.body?.cancel();
      throw foreign(`status ${response.status} for a file`);
    }
    return response && (response.body as ReadableStream<Uint8Array> | null);
  }

  async put(key: string, bytes: Uint8Array, sha256: string): Promise<void> {
    const digest = { [DIGEST_HEADER]: sha256 };
    await this.#small.putObject(key, bytes as never, 'application/octet-stream', undefined, digest as never);
  }

  async begin(key: string, sha256: string): Promise<string> {
    const digest = { [DIGEST_HEADER]: sha256 };
    return this.#small.getMultipartUploadId(key, 'application/octet-stream', undefined, digest as never);
  }

  /** Uploads that were begun below a prefix and neither completed nor given up. */
  async uploads(prefix: string): Promise<readonly { readonly key: string; readonly uploadId: string }[]> {
    const text = await this.#query('', { uploads: '', prefix });
    return elementsOf(text, 'Upload').map((upload) => ({
      key: textOf(upload, 'Key') ?? '',
      uploadId: textOf(upload, 'UploadId') ?? '',
    }));
  }

  /** What of an upload is there, in the order of its parts. */
  async parts(key: string, uploadId: string): Promise<readonly ListedPart[]> {
    const found: ListedPart[] = [];
    for (let marker = '0'; ; ) {
      const text = await this.#query(key, { uploadId, 'part-number-marker': marker });
      found.push(
        ...elementsOf(text, 'Part').map((part) => ({
          partNumber: Number(textOf(part, 'PartNumber')),
          etag: (textOf(part, 'ETag') ?? '').replaceAll('"', ''),
          sizeBytes: Number(textOf(part, 'Size')),
        })),
      );
      const next = textOf(text, 'IsTruncated') === 'true' ? textOf(text, 'NextPartNumberMarker') : null;
      // A marker that does not move would be asked for without end.
      if (next === null || Number(next) <= Number(marker)) return found;
      marker = next;
    }
  }

  async putPart(key: string, uploadId: string, partNumber: number, bytes: Uint8Array): Promise<string> {
    const { etag } = await this.#small.uploadPart(key, uploadId, bytes as never, partNumber);
    if (!etag) throw foreign('no ETag of a part');
    return etag;
  }

  /** @throws {AppError} STORE_ANSWER_FOREIGN: a bucket may say 200 first and find out later that it failed */
  async complete(key: string, uploadId: string, parts: readonly ListedPart[]): Promise<void> {
    const done = await this.#small.completeMultipartUpload(key, uploadId, [...parts]);
    if (!done.etag)
      throw new AppError('STORE_UNREACHABLE', { store: BUCKET, why: 'it could not put the parts together' });
  }

  async giveUp(key: string, uploadId: string): Promise<void> {
    await this.#small.abortMultipartUpload(key, uploadId).catch(nullWhereAbsent);
  }

  async delete(key: string): Promise<void> {
    await this.#small.deleteObject(key);
  }

  async #query(key: string, query: Record<string, string>): Promise<string> {
    const response = await this.#small.getObjectRaw(key, true, 0, undefined, query);
    return response.text();
  }
}

const foreign = (what: string) => new AppError('STORE_ANSWER_FOREIGN', { store: BUCKET, what });

/** A bucket that is not there is no object that is not there. */
async function absent(response: Response, bucket: string): Promise<AppError | null> {
  const code = textOf(await response.text(), 'Code');
  return code === 'NoSuchBucket'
    ? new AppError('STORE_PLACE_MISSING', { place: bucket })
    : new AppError('STORE_STATE_MISSING', { place: bucket, tag: '?' });
}

function nullWhereAbsent(thrown: unknown): null {
  if (thrown instanceof AppError && thrown.code === 'STORE_STATE_MISSING') return null;
  throw thrown;
}

/** What a 400 means stands in its code: a key that ran out, or a request of which too little came for too long. */
async function unfit(response: Response): Promise<AppError> {
  const code = textOf(await response.text(), 'Code') ?? '';
  if (KEY_REFUSED.test(code)) return new AppError('STORE_KEY_REFUSED', { store: BUCKET });
  const isLate = code === 'RequestTimeout' || code === 'IncompleteBody';
  if (isLate) return new AppError('STORE_UNREACHABLE', { store: BUCKET, why: 'it waited too long for us' });
  return foreign(/^[A-Za-z]{1,64}$/.test(code) ? code : 'status 400');
}

const KEY_REFUSED = /InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|InvalidToken|RequestTimeTooSkewed/;

/** Which of the two a 403 means stands in its code. */
function forbidden(text: string): AppError {
  const code = textOf(text, 'Code') ?? '';
  if (KEY_REFUSED.test(code)) return new AppError('STORE_KEY_REFUSED', { store: BUCKET });
  if (/Quota|Storage/i.test(code)) return new AppError('STORE_FULL', { place: BUCKET, neededMib: '?' });
  return new AppError('STORE_SCOPE_MISSING', {
    store: BUCKET,
    scope: 'the right to read and write in this bucket',
  });
}
