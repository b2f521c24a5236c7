import { once } from 'node:events';
import { request as ask, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { type DatasetHub, type DatasetHubOptions, startDatasetHub } from './data-sets.ts';
import { type ModelHub, startModelHub } from './models.ts';

export interface WholeHub {
  /** One address for both, as HF_ENDPOINT names it. */
  readonly url: string;
  readonly datasets: DatasetHub;
  readonly models: ModelHub;
  stop(): Promise<void>;
}

/** A Hub with data sets to read and repositories to write to behind one address, which hands requests on to either. */
export async function startWholeHub(options: DatasetHubOptions): Promise<WholeHub> {
  const [datasets, models] = await Promise.all([startDatasetHub(options), startModelHub()]);
  const front = createServer((asked, response) => {
    const path = asked.url ?? '/';
    const behind = /^\/(?:api\/)?datasets\//.test(path) ? datasets.hubUrl : models.url;
    const { method, headers } = asked;
    const onward = ask(`${behind}${path}`, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      pipeline(answer, response).catch(() => response.destroy());
    });
    pipeline(asked, onward).catch(() => response.destroy());
  });
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
  return {
    url: `http://127.0.0.1:${(front.address() as AddressInfo).port}`,
    datasets,
    models,
    async stop() {
      front.close();
      front.closeAllConnections();
      await Promise.all([datasets.close(), models.stop()]);
    },
  };
}
