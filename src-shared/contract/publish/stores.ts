import * as v from 'valibot';
import { PROFILE_BYTES_MAX } from '../../profile/limits.ts';
import { STORED_FILES_MAX, stateTagSchema, storedNameSchema } from '../../published/manifest.ts';
import { INDEXED_STATES_MAX, storedStateSchema } from '../../published/state-index.ts';
import { isBucketName, isHubRepository } from '../../stores/store-address.ts';
import { count, digest, finite, none, path, shortText } from '../fields.ts';
import { readSegmentSchema, SEGMENTS_MAX, storedTensorSchema, TENSORS_MAX } from './extents.ts';

/** Names a job for as long as it lives; the host chooses it. */
export const jobSchema = v.pipe(v.string(), v.regex(/^[0-9a-zA-Z._-]{1,128}$/));

/** Of a service; http is for this computer alone, which whoever fetches looks at once more. */
const serviceUrl = v.pipe(v.string(), v.url(), v.regex(/^https?:\/\/[^@?#]+$/), v.maxLength(512));

const repository = v.pipe(v.string(), v.check(isHubRepository));
const bucket = v.pipe(v.string(), v.check(isBucketName));

/** Where states are kept, and can be written. Nothing of it is secret. */
export const storePlaceSchema = v.variant('kind', [
  v.object({
    kind: v.literal('hub'),
    url: serviceUrl,
    /** null: made of the account's name and `repositoryName`. */
    repository: v.nullable(repository),
    repositoryName: v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,95}$/)),
    /** Chunked and deduplicated by the library; slower where nothing of it is there already. */
    xet: v.boolean(),
  }),
  v.object({
    kind: v.literal('s3'),
    endpoint: serviceUrl,
    bucket,
    region: v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,32}$/)),
    accessKeyId: v.pipe(v.string(), v.regex(/^[\x21-\x7e]{0,128}$/)),
  }),
  v.object({ kind: v.literal('folder'), path }),
]);

export type StorePlace = v.InferOutput<typeof storePlaceSchema>;

/** Where states are read: also a folder of them behind a server of the web, by the address that its files lie below. */
const readPlaceSchema = v.variant('kind', [
  ...storePlaceSchema.options,
  v.object({ kind: v.literal('web'), url: v.pipe(serviceUrl, v.endsWith('/')) }),
]);

export type ReadPlace = v.InferOutput<typeof readPlaceSchema>;

/** Token of the Hub, or secret access key; null for a folder, and for reading what is public. */
const secret = v.nullable(v.pipe(v.string(), v.minLength(1), v.maxLength(4096), v.regex(/^[\x21-\x7e]+$/)));

const at = { job: jobSchema, store: storePlaceSchema, secret } as const;
const readAt = { job: jobSchema, store: readPlaceSchema, secret } as const;

export const storeCalls = {
  /** Whether the key is valid and may write: writes 1 MB, reads it again and takes it away. */
  'store.test': {
    params: v.object(at),
    result: v.object({
      /** Whose key it is, as the store says; null where it knows no names. */
      account: v.nullable(shortText),
      /** Where states go: `owner/name`, bucket, or path. */
      place: v.pipe(v.string(), v.maxLength(4096)),
      isPublic: v.nullable(v.boolean()),
      /** Of the round trip. */
      sentBytesPerSecond: finite,
      receivedBytesPerSecond: finite,
    }),
  },
  /**
   * Puts a folder that holds a whole state with its manifest. Asked again after whatever end, it sends what the store
   * does not have yet.
   */
  'store.upload': {
    params: v.object({
      ...at,
      folder: path,
      /** Newest full states that stay; what is older than these is given up once another full one is there. */
      keepStates: v.pipe(count, v.minValue(1), v.maxValue(1_000)),
      /** A private repository is opened to all with this state. */
      isPublic: v.boolean(),
    }),
    result: v.object({
      state: storedStateSchema,
      /** Bytes that went out, and bytes that were there already. */
      sentBytes: count,
      foundBytes: count,
    }),
  },
  /**
   * Puts a run's profile under its hash, where everybody reads it. The same text there already is found; another one is
   * left as it is, and refused.
   */
  'store.putProfile': {
    params: v.object({
      ...at,
      /** Of the profile's consensus part, which the text has to have. */
      hash: digest,
      text: v.pipe(v.string(), v.minLength(1), v.maxBytes(PROFILE_BYTES_MAX)),
    }),
    result: v.object({ isNew: v.boolean() }),
  },
  'store.list': {
    params: v.object(readAt),
    result: v.object({ states: v.pipe(v.array(storedStateSchema), v.maxLength(INDEXED_STATES_MAX)) }),
  },
  /** Brings files of a state into a folder, each whole by its digest; the manifest is always among them. */
  'store.download': {
    params: v.object({
      ...readAt,
      tag: stateTagSchema,
      /** null: all of them. */
      names: v.nullable(v.pipe(v.array(storedNameSchema), v.maxLength(STORED_FILES_MAX))),
      into: path,
      /** Refused before a byte comes where the files are larger together than whoever asks has room for. */
      bytesMax: v.optional(count),
    }),
    result: v.object({ receivedBytes: count, foundBytes: count }),
  },
  /** Where the tensors of a file of weights lie, by its header; of a file whose size is known from the manifest. */
  'store.tensors': {
    params: v.object({ ...readAt, tag: stateTagSchema, name: storedNameSchema, sizeBytes: count }),
    result: v.object({ tensors: v.pipe(v.array(storedTensorSchema), v.maxLength(TENSORS_MAX)) }),
  },
  /** Brings bytes of one file by one request, and writes its segments, one behind the other there, by position. */
  'store.extent': {
    params: v.object({
      ...readAt,
      tag: stateTagSchema,
      name: storedNameSchema,
      begin: count,
      segments: v.pipe(v.array(readSegmentSchema), v.minLength(1), v.maxLength(SEGMENTS_MAX)),
      into: path,
    }),
    result: none,
  },
  /** How fast everything together may send from now on: null as fast as it goes, 0 not at all. */
  'store.pace': { params: v.object({ bytesPerSecond: v.nullable(count) }), result: none },
  /** Ends a job, whoever asked for it. One that is not there has ended. */
  abort: { params: v.object({ job: jobSchema }), result: none },
} as const;

export const storeEvents = {
  /** How far a job is, some times a second at most. */
  progress: v.object({
    job: jobSchema,
    phase: v.picklist(['checking', 'sending', 'receiving', 'committing']),
    doneBytes: count,
    allBytes: count,
  }),
  /** The store asked to be left alone until then, or could not be reached and is tried again then. */
  waiting: v.object({ job: jobSchema, reason: v.picklist(['asked', 'failed']), untilMs: finite }),
} as const;
