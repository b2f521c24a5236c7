import type { Readable } from 'node:stream';

/** The newest lines of a stream, bounded in number and length. */
export interface LastLines {
  readonly lines: readonly string[];
  push(line: string): void;
}

export function lastLines(maxLines: number, maxChars: number): LastLines {
  const lines: string[] = [];
  return {
    lines,
    push(line) {
      lines.push(line.length > maxChars ? `${line.slice(0, maxChars)}…` : line);
      if (lines.length > maxLines) lines.shift();
    },
  };
}

/** Calls back for each line; a line without end is cut at `maxChars`, so that a child cannot fill our memory. */
export function eachLine(stream: Readable, maxChars: number, listener: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const parts = (rest + chunk).split(/\r?\n/);
    rest = parts.pop() ?? '';
    for (const part of parts) listener(part);
    if (rest.length > maxChars) {
      listener(rest);
      rest = '';
    }
  });
  stream.on('end', () => {
    if (rest) listener(rest);
  });
  // A pipe that breaks with its child is no news of its own.
  stream.on('error', () => {});
}
