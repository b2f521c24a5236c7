import { ROUTER_BYTES_MAX } from './limits.ts';

/** The text of an answer. @throws {Error} for one that is longer than any router's */
export async function readLimited(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.length;
    if (bytes > ROUTER_BYTES_MAX) throw new Error('the router says too much');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
