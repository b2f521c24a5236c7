import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HostApi } from '../../../src-shared/contract/page/api.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { HEADERS_CHECK_MS, HEADERS_MS, HTTP_SILENT_MS, METRICS_CONNECTIONS } from '../limits.ts';
import { metricsText } from './metrics-text.ts';

/** Names of this machine to itself: any other was made to point here by somebody's DNS. */
const LOOPBACK = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/i;

export interface MetricsServer {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Answers `GET /metrics` on 127.0.0.1. It tells no secret and takes no order; any program of this machine may ask, a web
 * page may not. @throws {AppError} PORT_IN_USE, OPTION_INVALID
 */
export async function serveMetrics(api: Pick<HostApi, 'view'>, port: number): Promise<MetricsServer> {
  const startedAtMs = Date.now() - process.uptime() * 1_000;
  const server = createServer(
    { headersTimeout: HEADERS_MS, requestTimeout: HEADERS_MS, connectionsCheckingInterval: HEADERS_CHECK_MS },
    (request, response) => void answer(request, response).catch(() => response.destroy()),
  );
  server.maxConnections = METRICS_CONNECTIONS;
  server.timeout = HTTP_SILENT_MS;
  await listen(server, port);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Cache-Control', 'no-store');
    const { headers, method, url } = request;
    if (!LOOPBACK.test(headers.host ?? '')) return end(response, 421);
    if (headers.origin !== undefined || headers['sec-fetch-site'] !== undefined) return end(response, 403);
    if (method !== 'GET') return end(response, 405);
    if (url !== '/metrics') return end(response, 404);
    const facts = { processStartSeconds: startedAtMs / 1e3, rssBytes: process.memoryUsage.rss() };
    const text = metricsText(await api.view(), facts);
    response.writeHead(200, { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' });
    response.end(text);
  }

  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function end(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(`${status}\n`);
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new AppError('PORT_IN_USE', { port }, error)
          : new AppError(
              'OPTION_INVALID',
              { option: '--metrics-port', value: port, expected: 'a port that this user may take' },
              error,
            ),
      ),
    );
    server.listen({ host: '127.0.0.1', port, exclusive: true }, resolve);
  });
}
