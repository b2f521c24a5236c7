import { createInterface } from 'node:readline';

/**
 * The file that leads a browser to the page of a host, as the host names it on its output.
 * @throws {Error} when it ended before
 */
export async function redirectFileOf(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: output })) {
    const file = /: (\/.+\.html)$/.exec(line)?.[1];
    if (file) return file;
  }
  throw new Error('the host ended without naming its page');
}
