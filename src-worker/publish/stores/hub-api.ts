import { createRepo, deleteRepo, whoAmI } from '@huggingface/hub';
import * as v from 'valibot';
import { count } from '../../../src-shared/contract/fields.ts';
import type { StorePlace } from '../../../src-shared/contract/publish/stores.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { MANIFEST, MANIFEST_BYTES_MAX, stateTagSchema } from '../../../src-shared/published/manifest.ts';
import { INDEXED_STATES_MAX } from '../../../src-shared/published/state-index.ts';
import { HUB_PRIVATE_BYTES_MAX, HUB_PRIVATE_PRO_BYTES_MAX } from '../limits.ts';
import { readWhole } from './read-whole.ts';
import { type RefusedBy, refusedBy } from './refused.ts';
import { isPart, type ReadRange, rangeHeader, type StoreGround } from './store.ts';
import { storeFetch, storeFileFetch } from './store-fetch.ts';

export type HubPlace = Extract<StorePlace, { kind: 'hub' }>;

export const HUB = 'The Hub';
const BRANCH = 'main';

const commitSchema = v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/));
const refSchema = v.object({ name: v.string(), targetCommit: commitSchema });
const refsSchema = v.object({
  branches: v.array(refSchema),
  tags: v.pipe(v.array(refSchema), v.maxLength(INDEXED_STATES_MAX)),
});
const repositorySchema = v.object({ private: v.boolean() });
const storageSchema = v.object({ usedStorage: v.optional(count) });

/** Tokens have more kinds than these; of the others the first thing that is written tells. */
const isReadOnly = (role: unknown): boolean => role === 'read';

export interface Refs {
  /** null for a repository without a commit. */
  readonly head: string | null;
  /** Of states, to their commits; other tags are none of ours. */
  readonly tags: ReadonlyMap<string, string>;
}

/** What the library does not do of the Hub's own protocol, and what every call has in common. */
export class HubApi {
  readonly repository: string;
  readonly account: string;
  readonly url: string;
  readonly #isPro: boolean;
  readonly #token: string | null;
  readonly #fetch: typeof fetch;
  readonly #fileFetch: typeof fetch;
  readonly #signal: AbortSignal;

  /**
   * Finds out whose token it is, and with that where states go.
   * @throws {AppError} STORE_KEY_MISSING, STORE_KEY_REFUSED, STORE_SCOPE_MISSING
   */
  static async open(
    place: HubPlace,
    token: string | null,
    ground: StoreGround,
    { signal, onSent }: { readonly signal: AbortSignal; onSent(bytes: number): void },
  ): Promise<HubApi> {
    if (token === null && place.repository === null) throw new AppError('STORE_KEY_MISSING', { store: HUB });
    // The library would refuse it with a sentence of its own.
    if (token !== null && !token.startsWith('hf_')) throw new AppError('STORE_KEY_REFUSED', { store: HUB });
    const url = place.url.replace(/\/+$/, '');
    const rules: RefusedBy = { store: HUB, place: place.repository ?? HUB, forbidden };
    const options = {
      ...{ store: HUB, url, pace: ground.pace, signal, onSent },
      refusal: (response: Response, isOwn: boolean) => refusal(response, isOwn, rules),
    };
    const reach = { url, fileFetch: storeFileFetch(options), fetch: storeFetch(options), signal };
    if (token === null)
      return new HubApi({ ...reach, account: '', isPro: false, repository: place.repository!, token });
    const me = await whoAmI({ accessToken: token, hubUrl: url, fetch: reach.fetch });
    if (isReadOnly(me.auth?.accessToken?.role))
      throw new AppError('STORE_SCOPE_MISSING', { store: HUB, scope: 'the right to write' });
    const account = v.parse(v.pipe(v.string(), v.maxLength(512)), me.name);
    const repository = place.repository ?? `${account}/${place.repositoryName}`;
    const isPro = me.type === 'user' && me.isPro === true;
    return new HubApi({ ...reach, account, isPro, repository, token });
  }

  private constructor(init: {
    readonly url: string;
    readonly account: string;
    readonly isPro: boolean;
    readonly repository: string;
    /** null: only what is open to all is read. */
    readonly token: string | null;
    readonly fetch: typeof fetch;
    readonly fileFetch: typeof fetch;
    readonly signal: AbortSignal;
  }) {
    this.url = init.url;
    this.account = init.account;
    this.repository = init.repository;
    this.#isPro = init.isPro;
    this.#token = init.token;
    this.#fetch = init.fetch;
    this.#fileFetch = init.fileFetch;
    this.#signal = init.signal;
  }

  /** What `@huggingface/hub` takes with each call that writes. @throws {AppError} STORE_KEY_MISSING */
  get call() {
    if (this.#token === null) throw new AppError('STORE_KEY_MISSING', { store: HUB });
    return { accessToken: this.#token, hubUrl: this.url, fetch: this.#fetch };
  }

  get #authorization() {
    return this.#token === null ? {} : { authorization: `Bearer ${this.#token}` };
  }

  get repo() {
    return { type: 'model', name: this.repository } as const;
  }

  /**
   * Makes the repository where there is none: for states private, until one of them is taken by others. One that is there
   * is not asked for, and stays as open as it is: a token that is good for this repository alone may not make any.
   * @returns whether it was made now, by this
   */
  async ensureRepository(visibility: 'private' | 'public' = 'private'): Promise<boolean> {
    const isThere = await this.isPrivate().then(
      () => true,
      (thrown: unknown) => {
        if (thrown instanceof AppError && thrown.code === 'STORE_PLACE_MISSING') return false;
        throw thrown;
      },
    );
    if (isThere) return false;
    return createRepo({ ...this.call, repo: this.repo, visibility }).then(
      () => true,
      (thrown: unknown) => {
        if ((thrown as { statusCode?: unknown }).statusCode !== 409) throw thrown;
        return false;
      },
    );
  }

  /** Takes a repository away that was made for a moment; one that has states by now stays. */
  async removeRepository(): Promise<void> {
    if ((await this.refs()).tags.size === 0) await deleteRepo({ ...this.call, repo: this.repo });
  }

  async refs(): Promise<Refs> {
    const { branches, tags } = await this.#json('refs', refsSchema);
    return {
      head: branches.find(({ name }) => name === BRANCH)?.targetCommit ?? null,
      tags: new Map(
        tags.filter(({ name }) => v.is(stateTagSchema, name)).map((tag) => [tag.name, tag.targetCommit]),
      ),
    };
  }

  async isPrivate(): Promise<boolean> {
    return (await this.#json('', repositorySchema)).private;
  }

  /**
   * Whether so much more goes into a repository that only its owner sees: of those the Hub takes so much a person and no
   * more, and would say so when all is sent. Of what is open to all, and of organisations, nobody can tell.
   * @throws {AppError} STORE_FULL
   */
  async demandRoom(bytes: number): Promise<void> {
    const isOwn = this.repository.startsWith(`${this.account}/`);
    if (!isOwn || !(await this.isPrivate())) return;
    const { usedStorage } = await this.#json('', storageSchema, '?expand[]=usedStorage');
    const bytesMax = this.#isPro ? HUB_PRIVATE_PRO_BYTES_MAX : HUB_PRIVATE_BYTES_MAX;
    if (usedStorage === undefined || usedStorage + bytes <= bytesMax) return;
    throw new AppError('STORE_FULL', { place: this.repository, neededMib: Math.ceil(bytes / 2 ** 20) });
  }

  async openToAll(): Promise<void> {
    await this.#send('PUT', 'settings', { private: false });
  }

  /** A tag that is there already stays; whoever asks has looked that it is the same. */
  async tag(commit: string, tag: string, message: string): Promise<void> {
    await this.#send('POST', `tag/${commit}`, { tag, message }, [409]);
  }

  async deleteTag(tag: string): Promise<void> {
    await this.#send('DELETE', `tag/${tag}`, undefined, [404]);
  }

  /** What no tag holds any more is given up; otherwise a repository would grow with every state for good. */
  async squash(message: string): Promise<void> {
    await this.#send('POST', `super-squash/${BRANCH}`, { message });
  }

  /** @returns null where that commit has no such file */
  async file(
    revision: string,
    name: string,
    range: ReadRange = { begin: 0 },
  ): Promise<(AsyncIterable<Uint8Array> & { cancel(): Promise<void> }) | null> {
    const at = [this.repository, 'resolve', revision, name].join('/');
    const response = await this.#fileFetch(`${this.url}/${at}`, {
      headers: {
        ...this.#authorization,
        ...(isPart(range) && { range: rangeHeader(range) }),
      },
    });
    if (response.status === 404 || !response.body) {
      await response.body?.cancel();
      return null;
    }
    if (response.status !== (isPart(range) ? 206 : 200)) {
      await response.body.cancel();
      throw foreign(`status ${response.status} for a file`);
    }
    return response.body;
  }

  async manifestAt(revision: string): Promise<string | null> {
    const body = await this.file(revision, MANIFEST);
    return body && readWhole(body, MANIFEST_BYTES_MAX);
  }

  async #json<S extends v.GenericSchema>(path: string, schema: S, query = ''): Promise<v.InferOutput<S>> {
    const response = await this.#api(path, { method: 'GET' }, query);
    if (!response.ok) throw await this.#absent(response);
    const parsed = v.safeParse(schema, await response.json().catch(() => null));
    if (!parsed.success) throw foreign(v.getDotPath(parsed.issues[0]) ?? 'no JSON');
    return parsed.output;
  }

  async #send(
    method: string,
    path: string,
    body: object | undefined,
    tolerated: readonly number[] = [],
  ): Promise<void> {
    const response = await this.#api(path, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    await response.body?.cancel();
    if (!response.ok && !tolerated.includes(response.status)) throw await this.#absent(response);
  }

  #api(path: string, init: RequestInit, query = ''): Promise<Response> {
    this.#signal.throwIfAborted();
    const at = ['api/models', this.repository, ...(path === '' ? [] : [path])].join('/');
    return this.#fetch(`${this.url}/${at}${query}`, {
      ...init,
      headers: { ...(init.headers as Record<string, string>), ...this.#authorization },
    });
  }

  async #absent(response: Response): Promise<AppError> {
    await response.body?.cancel();
    if (response.status === 404) return new AppError('STORE_PLACE_MISSING', { place: this.repository });
    return foreign(`status ${response.status}`);
  }
}

const foreign = (what: string) => new AppError('STORE_ANSWER_FOREIGN', { store: HUB, what });

async function refusal(response: Response, isOwn: boolean, rules: RefusedBy): Promise<AppError | null> {
  if (response.status === 412 && isOwn) return new AppError('STORE_CONFLICT', { place: rules.place });
  // The chunks of xet are looked for by asking; that storage answers 404 for what it does not have.
  if (response.status === 404) return null;
  return refusedBy(response, isOwn, rules);
}

/** The Hub says in words what of a 403 is a right that is missing, and what is room. */
function forbidden(text: string): AppError {
  if (/storage|quota|too large|limit/i.test(text))
    return new AppError('STORE_FULL', { place: HUB, neededMib: '?' });
  return new AppError('STORE_SCOPE_MISSING', { store: HUB, scope: 'the right to write to this repository' });
}

/** An error of the library in our words; what is ours already stays. */
export function hubError(thrown: unknown, place: string): unknown {
  if (thrown instanceof AppError) return thrown;
  const status = (thrown as { statusCode?: unknown } | null)?.statusCode;
  if (status === 404) return new AppError('STORE_PLACE_MISSING', { place }, thrown);
  // Of one object among several, which the library reads out of a good answer.
  if (status === 413 || status === 507) return new AppError('STORE_FULL', { place, neededMib: '?' }, thrown);
  if (status === 403) return forbidden(String((thrown as Error).message));
  if (typeof status === 'number')
    return new AppError('STORE_ANSWER_FOREIGN', { store: HUB, what: `status ${status}` }, thrown);
  const isForeign =
    thrown instanceof SyntaxError ||
    thrown instanceof TypeError ||
    (thrown as Error)?.name === 'InvalidApiResponseFormatError';
  return isForeign ? new AppError('STORE_ANSWER_FOREIGN', { store: HUB, what: 'its form' }, thrown) : thrown;
}
