import { createHash, randomBytes } from 'node:crypto';
import { type Answer, type Asked, type FakeServer, fakeServer, ranged } from '../stores/fake-store.ts';

export interface ModelHubOptions {
  /** How large files go in: one request, parts of so many bytes, or chunks that are looked for first. */
  readonly transfer?: 'basic' | 'xet' | { readonly partBytes: number };
  readonly role?: 'read' | 'write' | 'fineGrained';
  /** What the repository holds already, as the Hub counts it. */
  readonly usedBytes?: number;
  /** A repository that is there already, as owner/name. */
  readonly repository?: string;
}

interface Commit {
  readonly title: string;
  readonly parent: string | null;
  readonly files: ReadonlyMap<string, string>;
}

export interface ModelHub extends FakeServer {
  readonly token: string;
  readonly commits: ReadonlyMap<string, Commit>;
  readonly tags: ReadonlyMap<string, string>;
  readonly branches: ReadonlyMap<string, string>;
  readonly isPrivate: boolean;
  /** Bytes that came in chunks, compressed as the library does. */
  readonly chunkBytes: number;
  /** Requests to the storage of large files that carried a key. */
  readonly authorizedElsewhere: number;
  /** Somebody else commits to the branch. */
  commitByAnother(): void;
}

/** Of the addresses that large files go to: with it anybody may write there. */
export const SIGNATURE = 'canary-of-a-signed-address-0123456789';

/** From this on a file goes in by the way of large ones; the real one asks by size and name. */
const LARGE_BYTES = 1_000;

/** The Hub's answers to what Butterfly asks, one repository deep: `me/…`, with real commits, tags and content. */
export async function startModelHub(options: ModelHubOptions = {}): Promise<ModelHub> {
  const { transfer = 'basic', role = 'write' } = options;
  const token = `hf_${randomBytes(12).toString('hex')}`;
  const blobs = new Map<string, Buffer>();
  const parts = new Map<string, Buffer>();
  const commits = new Map<string, Commit>();
  const branches = new Map<string, string>();
  const tags = new Map<string, string>();
  let repository: string | null = null;
  let isPrivate = true;
  let authorizedElsewhere = 0;
  let chunkBytes = 0;
  /** Contents that are on their way in chunks: what they are put together to is not looked at here. */
  const inChunks = new Set<string>();

  function commit(branch: string, title: string, files: ReadonlyMap<string, string>): string {
    const oid = randomBytes(20).toString('hex');
    commits.set(oid, { title, parent: branches.get(branch) ?? null, files });
    branches.set(branch, oid);
    return oid;
  }

  const keep = (bytes: Buffer): string => {
    const oid = createHash('sha256').update(bytes).digest('hex');
    blobs.set(oid, bytes);
    return oid;
  };

  function answer(asked: Asked, url: string): Answer {
    const { method, path, headers, body } = asked;
    if (path.startsWith('/lfs/')) {
      if (headers.authorization && !path.endsWith('/complete')) authorizedElsewhere += 1;
      return large(asked);
    }
    if (path.startsWith('/v1/')) return chunks(asked);
    const isOpen = !isPrivate && headers.authorization === undefined && method === 'GET';
    if (!isOpen && headers.authorization !== `Bearer ${token}`)
      return json({ error: 'Invalid credentials' }, 401);
    if (path === '/api/whoami-v2') return json({ type: 'user', name: 'me', auth: { accessToken: { role } } });
    if (path === '/api/repos/create') return create(body);
    if (repository === null) return json({ error: 'Repository not found' }, 404);
    if (path === '/api/repos/delete' && method === 'DELETE') return remove(body);
    if (path === `/${repository}.git/info/lfs/objects/batch`) return batch(body, url);
    const [, revision, name] = new RegExp(`^/${repository}/resolve/([^/]+)/(.+)$`).exec(path) ?? [];
    if (revision !== undefined && name !== undefined) return resolve(revision, name, headers.range);
    const [, rest] = new RegExp(`^/api/models/${repository}(?:/(.*))?$`).exec(path) ?? [];
    const [verb = '', at = ''] = (rest ?? '').split('/');
    return repositoryCall(`${method} ${verb}`, at, body);
  }

  function repositoryCall(call: string, at: string, body: Buffer): Answer {
    switch (call) {
      case 'GET ':
        return json({ id: repository, private: isPrivate, usedStorage: options.usedBytes ?? 0 });
      case 'GET refs': {
        const listed = (refs: ReadonlyMap<string, string>, kind: string) =>
          [...refs].map(([name, targetCommit]) => ({ name, ref: `refs/${kind}/${name}`, targetCommit }));
        return json({ branches: listed(branches, 'heads'), tags: listed(tags, 'tags'), converts: [] });
      }
      case 'PUT settings':
        isPrivate = (JSON.parse(body.toString()) as { private: boolean }).private;
        return json({ private: isPrivate });
      case 'POST tag': {
        const { tag } = JSON.parse(body.toString()) as { tag: string };
        if (tags.has(tag)) return json({ error: 'Tag reference exists already' }, 409);
        tags.set(tag, at);
        return json({});
      }
      case 'DELETE tag':
        return tags.delete(at) ? json({}) : json({ error: 'no such tag' }, 404);
      case 'POST branch':
        branches.set(at, branches.get('main')!);
        return json({});
      case 'DELETE branch':
        return branches.delete(at) ? json({}) : json({ error: 'no such branch' }, 404);
      case 'POST super-squash': {
        const head = commits.get(branches.get(at)!)!;
        branches.delete(at);
        commit(at, 'squashed', head.files);
        return json({});
      }
      case 'POST preupload': {
        const { files } = JSON.parse(body.toString()) as { files: { path: string; size: number }[] };
        return json({
          files: files.map(({ path, size }) => ({
            path,
            uploadMode: size >= LARGE_BYTES ? 'lfs' : 'regular',
          })),
        });
      }
      case 'POST commit':
        return commitOf(at, body);
      default:
        return json({ error: `no ${call}` }, 404);
    }
  }

  function create(body: Buffer): Answer {
    const { name, organization, visibility } = JSON.parse(body.toString()) as Record<string, string>;
    if (role === 'fineGrained') return json({ error: 'You do not have the required permissions' }, 403);
    if (repository !== null) return json({ error: 'You already created this model repo' }, 409);
    begin(`${organization}/${name}`);
    isPrivate = visibility === 'private';
    return json({ url: `https://hub/${repository}`, id: repository });
  }

  function remove(body: Buffer): Answer {
    const { name, organization } = JSON.parse(body.toString()) as Record<string, string>;
    if (`${organization}/${name}` !== repository) return json({ error: 'Repository not found' }, 404);
    repository = null;
    branches.clear();
    tags.clear();
    return json({});
  }

  function begin(name: string): void {
    repository = name;
    commit('main', 'initial commit', new Map([['.gitattributes', keep(Buffer.from('* text'))]]));
  }

  function batch(body: Buffer, url: string): Answer {
    const { objects } = JSON.parse(body.toString()) as { objects: { oid: string; size: number }[] };
    return json({
      transfer: typeof transfer === 'string' ? transfer : 'multipart',
      objects: objects.map(({ oid, size }) =>
        blobs.has(oid) ? { oid, size } : { oid, size, actions: { upload: upload(oid, size, url) } },
      ),
    });
  }

  /** Nothing is known yet; what comes is taken, and a list of it makes the contents that were asked for. */
  function chunks({ method, path, body, headers }: Asked): Answer {
    if (headers.authorization !== 'Bearer xet-token') return json({}, 401);
    if (method === 'GET') return json({}, 404);
    if (path === '/v1/shards') {
      for (const oid of inChunks) blobs.set(oid, Buffer.alloc(0));
      return json({ result: 1 });
    }
    chunkBytes += body.length;
    return json({ was_inserted: true });
  }

  function upload(oid: string, size: number, url: string) {
    if (transfer === 'xet') {
      inChunks.add(oid);
      const header = {
        'X-Xet-Cas-Url': url,
        'X-Xet-Access-Token': 'xet-token',
        'X-Xet-Token-Expiration': String(Math.floor(Date.now() / 1_000) + 3_600),
        'X-Xet-Session-Id': 'session',
      };
      return { href: `${url}/xet-write-token`, header };
    }
    if (transfer === 'basic') return { href: `${url}/lfs/${oid}?X-Amz-Signature=${SIGNATURE}` };
    const numbers = Array.from({ length: Math.ceil(size / transfer.partBytes) }, (_, i) => i + 1);
    const header: Record<string, string> = { chunk_size: String(transfer.partBytes) };
    for (const number of numbers) header[String(number).padStart(5, '0')] = `${url}/lfs/${oid}/${number}`;
    return { href: `${url}/lfs/${oid}/complete`, header };
  }

  function large({ path, body }: Asked): Answer {
    const [, , oid = '', part] = path.split('/');
    if (part === 'complete') {
      const { parts: listed } = JSON.parse(body.toString()) as { parts: { partNumber: number }[] };
      const bytes = Buffer.concat(listed.map(({ partNumber }) => parts.get(`${oid}/${partNumber}`)!));
      return keep(bytes) === oid ? json({}) : json({ error: 'other content' }, 400);
    }
    if (part === undefined) return keep(body) === oid ? json({}) : json({ error: 'other content' }, 400);
    parts.set(`${oid}/${part}`, body);
    return { status: 200, headers: { etag: `"${createHash('md5').update(body).digest('hex')}"` }, body: '' };
  }

  function commitOf(branch: string, body: Buffer): Answer {
    const lines = body
      .toString()
      .split('\n')
      .map((line) => JSON.parse(line) as { key: string; value: Record<string, string> });
    const head = branches.get(branch)!;
    const { parentCommit, summary = '' } = lines[0]!.value;
    if (parentCommit !== undefined && parentCommit !== head)
      return json({ error: 'A commit has happened since' }, 412);
    const files = new Map(commits.get(head)!.files);
    for (const { key, value } of lines.slice(1)) {
      const { path = '', content = '', oid = '' } = value;
      if (key === 'file') files.set(path, keep(Buffer.from(content, 'base64')));
      else if (key === 'deletedFile') files.delete(path);
      else if (blobs.has(oid)) files.set(path, oid);
      else return json({ error: `${path} was never uploaded` }, 400);
    }
    const oid = commit(branch, summary, files);
    return json({ commitOid: oid, commitUrl: `https://hub/commit/${oid}`, hookOutput: '' });
  }

  function resolve(revision: string, name: string, range: string | undefined): Answer {
    const oid = tags.get(revision) ?? branches.get(revision) ?? revision;
    const content = commits.get(oid)?.files.get(name);
    return content === undefined
      ? json({ error: 'Entry not found' }, 404)
      : ranged(blobs.get(content)!, range);
  }

  if (options.repository !== undefined) begin(options.repository);
  const server = await fakeServer(answer);
  return {
    url: server.url,
    asked: server.asked,
    fail: server.fail,
    stop: server.stop,
    get putBytes() {
      return server.putBytes;
    },
    get chunkBytes() {
      return chunkBytes;
    },
    get authorizedElsewhere() {
      return authorizedElsewhere;
    },
    get isPrivate() {
      return isPrivate;
    },
    token,
    commits,
    tags,
    branches,
    commitByAnother() {
      const head = commits.get(branches.get('main')!)!;
      commit('main', 'by another', new Map([...head.files, ['note.txt', keep(randomBytes(8))]]));
    },
  };
}

const json = (value: unknown, status = 200): Answer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});
