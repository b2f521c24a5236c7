import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../../../src-node/durable.ts';
import { turns } from '../../../src-node/turns.ts';
import { REDIRECT_RETRY_MS } from '../limits.ts';

/**
 * The file with which the browser is opened. Argument lists are visible to every user of the machine, so the token
 * stands in a file of mode 0600 that leads to the page. It always holds the token that is still good: a write that
 * failed is tried again until the disk takes it.
 */
export interface RedirectFile {
  readonly path: string;
  /** @throws {AppError} of the disk, for the first try; it goes on by itself */
  write(url: string): Promise<void>;
  remove(): Promise<void>;
}

export function redirectFile(dataDir: string): RedirectFile {
  const path = join(dataDir, 'open-butterfly.html');
  let wanted: string | null = null;
  let written: string | null = null;
  let retry: NodeJS.Timeout | undefined;

  // Two tabs may spend tokens at the same time.
  const inTurn = turns();

  async function bringUpToDate(): Promise<void> {
    const url = wanted;
    if (url === null || url === written) return;
    try {
      await replaceFile(path, redirectPage(url));
      written = url;
    } catch (thrown) {
      clearTimeout(retry);
      retry = setTimeout(() => void inTurn(bringUpToDate).catch(() => {}), REDIRECT_RETRY_MS).unref();
      throw thrown;
    }
  }

  return {
    path,
    write(url) {
      wanted = url;
      return inTurn(bringUpToDate);
    },
    remove() {
      wanted = null;
      return inTurn(() => {
        clearTimeout(retry);
        return rm(path, { force: true });
      });
    },
  };
}

// The address consists of digits, dots and base64url only, so nothing in it needs escaping.
const redirectPage = (url: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0;url=${url}">
<title>Butterfly</title>
<p><a href="${url}">Open Butterfly</a></p>
</html>
`;
