import { join } from 'node:path';
import * as v from 'valibot';
import { durableJson } from '../../src-node/durable-json.ts';
import { count } from '../../src-shared/contract/fields.ts';
import { type CodedError, toCodedError } from '../../src-shared/errors/app-error.ts';
import type { Settings } from './settings-file.ts';

/** Settings that say which chain node money is asked at. */
const ENDPOINTS = ['network.finney.endpoint', 'network.test.endpoint'] as const;
const seenSchema = v.record(
  v.picklist(ENDPOINTS),
  v.object({ endpoint: v.pipe(v.string(), v.maxLength(512)), sinceMs: count }),
);
type Seen = Partial<v.InferOutput<typeof seenSchema>>;

export interface EndpointsSince {
  /** When the settings began to name this endpoint for that network, as far as was seen; null where they do not. */
  sinceOf(network: string, endpoint: string): number | null;
  /** Resolves once what was seen is on disk. */
  stop(): Promise<void>;
}

/**
 * Remembers since when the settings name their endpoints: a page that was taken over can set one, and who signs is told
 * how new it is. One that was set by hand while Butterfly stood still counts from its next start.
 */
export async function watchEndpoints(
  dataDir: string,
  settings: Pick<Settings, 'values' | 'onChange'>,
  told: (fault: CodedError) => void,
): Promise<EndpointsSince> {
  const file = durableJson({ path: join(dataDir, 'endpoints-since.json'), schema: seenSchema, told });
  let seen: Seen = (await file.read()) ?? {};

  let written: Promise<void> = Promise.resolve();

  /** One write after the other: a change that needs none must not stand for one that is on its way. */
  function note(): void {
    const now = Date.now();
    const next = Object.fromEntries(
      ENDPOINTS.map((id) => {
        const endpoint = settings.values[id];
        return [id, seen[id]?.endpoint === endpoint ? seen[id] : { endpoint, sinceMs: now }];
      }),
    ) as Seen;
    if (ENDPOINTS.every((id) => next[id] === seen[id])) return;
    seen = next;
    written = written.then(() => file.write(next)).catch((thrown: unknown) => told(toCodedError(thrown)));
  }

  note();
  await written;
  const off = settings.onChange(note);
  return {
    sinceOf(network, endpoint) {
      const id = ENDPOINTS.find((one) => one === `network.${network}.endpoint`);
      const one = id && seen[id];
      return one?.endpoint === endpoint ? one.sinceMs : null;
    },
    async stop() {
      off();
      await written;
    },
  };
}
