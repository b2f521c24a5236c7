import type { Host } from '../host.ts';
import { type MetricsServer, serveMetrics } from '../shells/metrics/serve-metrics.ts';

/** Serves metrics where an option or the settings ask for it; a port that cannot be had is told, and nothing else stops. */
export async function openMetrics(host: Host, asked: number | null): Promise<MetricsServer | null> {
  const port = asked ?? ((await host.api.view()).settings['window.metricsPort'] || null);
  if (port === null) return null;
  return serveMetrics(host.api, port).catch((problem: unknown) => {
    host.noteProblem(problem);
    return null;
  });
}
