import { realpath, stat } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';

/** One name of a path: letters, digits, and `-_.@+` inside; never empty, never starting with a dot. */
const NAME = /^[A-Za-z0-9_@][A-Za-z0-9_@.+-]*$/;
const MAX_PATH_CHARS = 512;

/**
 * The names of the file that a request target asks for, or null when it asks for none of ours. Nothing is decoded:
 * built files have plain names, so a percent sign, a backslash, a NUL or `..` can only be an attempt.
 */
export function staticPath(target: string): readonly string[] | null {
  if (target.length > MAX_PATH_CHARS || !target.startsWith('/')) return null;
  const path = target.split('?', 1)[0] ?? '';
  if (path === '/') return ['index.html'];
  const names = path.slice(1).split('/');
  return names.every((name) => NAME.test(name)) ? names : null;
}

/** The real file below `folder`, or null: also when a link inside the folder leads out of it. */
export async function fileBelow(folder: string, names: readonly string[]): Promise<string | null> {
  try {
    const root = await realpath(folder);
    const file = await realpath(join(root, ...names));
    return file.startsWith(root + sep) && (await stat(file)).isFile() ? file : null;
  } catch {
    return null;
  }
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

export const contentType = (file: string): string => types[extname(file)] ?? 'application/octet-stream';
