/** A text that is bounded while it is read. @returns null for more than so many bytes */
export async function readWhole(source: AsyncIterable<Uint8Array>, bytesMax: number): Promise<string | null> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of source) {
    bytes += part.length;
    if (bytes > bytesMax) return null;
    parts.push(Buffer.from(part));
  }
  return Buffer.concat(parts).toString('utf8');
}
