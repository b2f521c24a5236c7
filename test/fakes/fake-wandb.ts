import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Weights & Biases as a run sees it: accounts by key, runs, lines by their offset. It behaves as told: answers with a
 * status, drops the connection before or after it took what was sent, says Stop.
 */
export interface FakeWandb {
  readonly url: string;
  readonly runs: ReadonlyMap<string, FakeRun>;
  /** Everything that was asked, in order: what it was, and under which key. */
  readonly requests: readonly { readonly what: string; readonly authorization: string }[];
  /** What the next requests of that kind get instead of an answer, one each. */
  fail(what: 'graphql' | 'file_stream', ...with_: FakeFault[]): void;
  /** What was to fail does not any more. */
  mend(): void;
  /** Somebody presses Stop. */
  stopRun(id: string): void;
  close(): Promise<void>;
}

/** 'drop-before': nothing was taken; 'drop-after': all was, and nobody hears of it. */
export type FakeFault = number | 'drop-before' | 'drop-after' | 'garbage';

export interface FakeRun {
  readonly entity: string;
  readonly project: string;
  readonly id: string;
  displayName: string | null;
  tags: readonly string[];
  config: Record<string, unknown>;
  summary: string | null;
  readonly history: string[];
  readonly files: Record<string, string[]>;
  isComplete: boolean;
  isStopped: boolean;
}

interface Asked {
  readonly query?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

export async function startFakeWandb(keys: Readonly<Record<string, string>>): Promise<FakeWandb> {
  const runs = new Map<string, FakeRun>();
  const requests: { what: string; authorization: string }[] = [];
  const faults: Record<'graphql' | 'file_stream', FakeFault[]> = { graphql: [], file_stream: [] };

  /** The team of a key; null: nobody has it. */
  function entityOf(authorization: string): string | null {
    const [user, key = ''] = Buffer.from(authorization.replace(/^Basic /, ''), 'base64')
      .toString()
      .split(':');
    return user === 'api' ? (keys[key] ?? null) : null;
  }

  const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const placeOf = (entity: unknown, project: unknown, id: unknown): string => `${entity}/${project}/${id}`;

  function upsert(variables: Readonly<Record<string, unknown>>, entity: string): unknown {
    const at = text(variables.entity) || entity;
    const key = placeOf(at, variables.project, variables.name);
    const before = runs.get(key);
    const run: FakeRun = before ?? {
      ...{ entity: at, project: text(variables.project), id: text(variables.name) },
      ...{ displayName: null, tags: [], config: {}, summary: null, history: [], files: {} },
      ...{ isComplete: false, isStopped: false },
    };
    run.displayName = text(variables.displayName) || run.displayName;
    if (Array.isArray(variables.tags)) run.tags = variables.tags;
    if (variables.config) run.config = { ...run.config, ...JSON.parse(text(variables.config)) };
    if (variables.summaryMetrics) run.summary = text(variables.summaryMetrics);
    run.isComplete = false;
    runs.set(key, run);
    const project = { id: 'p', name: run.project, entity: { id: 'e', name: run.entity } };
    const bucket = {
      ...{ id: 'b', name: run.id, displayName: run.displayName, description: null, sweepName: null, project },
      ...{ config: JSON.stringify(run.config), historyLineCount: run.history.length },
    };
    return { upsertBucket: { bucket, inserted: !before } };
  }

  /** What `wandbConfig(keys: ["t"])` comes to. */
  const startedOf = ({ _wandb }: FakeRun['config']): unknown => {
    const value = (_wandb as { value?: { t?: unknown } } | undefined)?.value;
    return value?.t === undefined ? {} : { t: value.t };
  };

  /** Whoever names no team means that of the key, as the official client does when it resumes. */
  function resume({ entity, project, name }: Readonly<Record<string, unknown>>, own: string): unknown {
    const at = text(entity) || own;
    const run = runs.get(placeOf(at, project, name));
    const model = { id: 'p', name: project, entity: { id: 'e', name: at } };
    if (!run) return { model: { ...model, bucket: null } };
    const bucket = {
      ...{ id: 'b', name: run.id, displayName: run.displayName, tags: run.tags, notes: null },
      historyLineCount: run.history.length,
      eventsLineCount: run.files['wandb-events.jsonl']?.length ?? 0,
      logLineCount: run.files['output.log']?.length ?? 0,
      historyTail: JSON.stringify(run.history.slice(-1)),
      eventsTail: '["{}"]',
      summaryMetrics: run.summary ?? '{}',
      ...{ config: JSON.stringify(run.config), wandbConfig: JSON.stringify(startedOf(run.config)) },
    };
    return { model: { ...model, bucket } };
  }

  function graphql({ query = '', variables = {} }: Asked, entity: string): unknown {
    if (query.includes('UpsertBucket')) return upsert(variables, entity);
    if (query.includes('RunResumeStatus')) return resume(variables, entity);
    if (query.includes('CreateRunFiles')) return placesFor(variables);
    if (/\bviewer\b/i.test(query))
      return { viewer: { id: 'v', entity, username: entity, flags: '{}', teams: { edges: [] } } };
    return {};
  }

  /** Where the official client puts files of a run; what comes there is thrown away. */
  function placesFor({ files }: Readonly<Record<string, unknown>>): unknown {
    const names = Array.isArray(files) ? files.map(String) : [];
    const places = names.map((name) => ({ name, uploadUrl: `${url()}/upload/${encodeURIComponent(name)}` }));
    return { createRunFiles: { runID: 'b', uploadHeaders: [], files: places } };
  }

  function stream(path: string, body: Readonly<Record<string, unknown>>): number {
    const [, , entity, project, id] = path.split('/').map(decodeURIComponent);
    const run = runs.get(placeOf(entity, project, id));
    if (!run) return 404;
    for (const [name, { offset, content }] of Object.entries(
      (body.files ?? {}) as Record<string, { offset: number; content: string[] }>,
    )) {
      if (name === 'wandb-summary.json') run.summary = content.at(-1) ?? run.summary;
      const lines = name === 'wandb-history.jsonl' ? run.history : (run.files[name] ?? []);
      run.files[name] = lines;
      content.forEach((line, at) => {
        lines[offset + at] = line;
      });
    }
    if (body.complete === true) run.isComplete = true;
    return 200;
  }

  const isRunStopped = (path: string): boolean => {
    const [, , entity, project, id] = path.split('/').map(decodeURIComponent);
    return runs.get(placeOf(entity, project, id))?.isStopped ?? false;
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url = '', headers } = request;
    if (url.startsWith('/upload/')) {
      for await (const _ of request);
      return void response.writeHead(200).end();
    }
    const isStream = url.endsWith('/file_stream');
    const kind = isStream ? 'file_stream' : 'graphql';
    const body = JSON.parse((await textOf(request)) || '{}') as Asked & Readonly<Record<string, unknown>>;
    const { authorization = '' } = headers;
    const operation = /(?:query|mutation)\s+(\w+)/.exec(body.query ?? '')?.[1];
    requests.push({ what: isStream ? 'file_stream' : (operation ?? url), authorization });
    const fault = faults[kind].shift();
    if (fault === 'drop-before') return void request.socket.destroy();
    if (typeof fault === 'number') return void response.writeHead(fault).end();
    const entity = entityOf(authorization);
    if (entity === null) return void response.writeHead(401).end();
    const status = isStream ? stream(url, body) : 200;
    const value = isStream
      ? { exitcode: null, limits: {}, stopped: isRunStopped(url) }
      : { data: graphql(body, entity) };
    if (fault === 'drop-after') return void request.socket.destroy();
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(fault === 'garbage' ? '<html>' : JSON.stringify(value));
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => request.socket.destroy());
  });
  await listening(server);
  return {
    url: url(),
    runs,
    requests,
    fail: (what, ...with_) => void faults[what].push(...with_),
    mend() {
      for (const kind of Object.values(faults)) kind.length = 0;
    },
    stopRun(id) {
      for (const run of runs.values()) if (run.id === id) run.isStopped = true;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const listening = (server: Server): Promise<void> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}
