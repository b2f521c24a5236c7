import { METADATA_KEPT } from './limits.ts';

type Ask = (method: string, params: readonly unknown[]) => Promise<unknown>;

/** By endpoint, genesis, version and question: what one node says of its runtime is never taken for another's. */
const kept = new Map<string, unknown>();

/**
 * Asks as before, but for metadata only once for each runtime of an endpoint: it is the largest answer of a session by
 * far, and a session is opened anew whenever a socket is lost. What version it is, the node tells each time.
 */
export function withKeptMetadata(endpoint: string, ask: Ask): Ask {
  let genesis: unknown;
  let version: unknown;

  return async (method, params) => {
    const key = JSON.stringify([endpoint, genesis, version, method, params]);
    const isKnown = genesis !== undefined && version !== undefined;
    if (isKnown && isOfMetadata(method, params)) {
      const answer = kept.get(key) ?? (await ask(method, params));
      keep(key, answer);
      return answer;
    }
    const answer = await ask(method, params);
    if (method === 'chain_getBlockHash' && params[0] === 0) genesis = answer;
    if (method === 'state_getRuntimeVersion') version = answer;
    return answer;
  };
}

/** A session could not be made of it: the node is asked anew. */
export function forgetMetadata(endpoint: string): void {
  for (const key of [...kept.keys()]) if (JSON.parse(key)[0] === endpoint) kept.delete(key);
}

const isOfMetadata = (method: string, [call]: readonly unknown[]): boolean =>
  method === 'state_getMetadata' || (method === 'state_call' && String(call).startsWith('Metadata_'));

/** The newest stay. */
function keep(key: string, answer: unknown): void {
  kept.delete(key);
  kept.set(key, answer);
  for (const old of [...kept.keys()].slice(0, -METADATA_KEPT)) kept.delete(old);
}
