import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The file with which the browser is opened. Argument lists are visible to every user of the machine, so the token
 * stands in a file of mode 0600 that leads to the page. It always holds the token that is still good.
 */
export interface RedirectFile {
  readonly path: string;
  write(url: string): Promise<void>;
  remove(): Promise<void>;
}

export function redirectFile(dataDir: string): RedirectFile {
  const path = join(dataDir, 'open-butterfly.html');
  let last = Promise.resolve();
  async function replace(url: string): Promise<void> {
    const fresh = `${path}.new`;
    await rm(fresh, { force: true });
    await writeFile(fresh, redirectPage(url), { mode: 0o600, flag: 'wx' });
    await rename(fresh, path);
  }
  return {
    path,
    // One after the other: two tabs may spend tokens at the same time.
    write: (url) => (last = last.then(() => replace(url))),
    remove: () => (last = last.then(() => rm(path, { force: true }))),
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
