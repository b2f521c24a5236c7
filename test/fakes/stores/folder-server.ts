import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export interface FolderServer {
  /** Ends with a slash. */
  readonly url: string;
  /** What was asked for, in order. */
  readonly asked: readonly { readonly path: string; readonly range: string | null }[];
  /** Answers the next request in place of the folder. */
  next(answer: (request: IncomingMessage, response: ServerResponse) => void): void;
  stop(): Promise<void>;
}

/** A server of the web over a folder, as any that people use: files by path, ranges from a byte on, and no lists. */
export async function folderServer(root: string): Promise<FolderServer> {
  const asked: { path: string; range: string | null }[] = [];
  const instead: ((request: IncomingMessage, response: ServerResponse) => void)[] = [];

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://here').pathname.slice('/states'.length);
    const range = request.headers.range ?? null;
    asked.push({ path, range });
    const other = instead.shift();
    if (other) return other(request, response);
    const file = join(root, path);
    const found = await stat(file).catch(() => null);
    if (!found?.isFile()) {
      response.writeHead(404).end('not here');
      return;
    }
    const [, from, last] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? [];
    const begin = Number(from ?? 0);
    const end = last ? Math.min(found.size, Number(last) + 1) : found.size;
    response.writeHead(from === undefined ? 200 : 206, { 'content-length': end - begin });
    createReadStream(file, { start: begin, end: end - 1 }).pipe(response);
  }

  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/states/`,
    asked,
    next: (answered) => void instead.push(answered),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
