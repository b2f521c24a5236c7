const LARGEST_STRETCH = 32;
/** So that messages are too long, too; blanks mean nothing in JSON. */
const MOST_BLANKS = 20_000;
const BLANK = 32;
const BLANKS = 7;
const MOST_CHANGES = 4;
/** What texts of JSON stumble over, and numbers that do not fit. */
const TOKENS = [
  '-1',
  '1e999',
  '0.5',
  '9007199254740993',
  'null',
  '[]',
  '{}',
  '"',
  '\\ud800',
  ',',
  '\u00e9',
].map((token) => new TextEncoder().encode(token));

/** Numbers below a bound, the same ones for the same seed (xorshift of 32 bits). */
function drawFrom(seed: number): (below: number) => number {
  let state = (Math.imul(seed, 0x9e3779b1) ^ 0x85ebca6b) >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/**
 * Copies of valid bytes, one after another, each with one to four faults: a bit, a byte, a cut, an addition, a stretch
 * that stands for another, a token of JSON in the place of what stood there, rarely thousands of blanks.
 */
export function mutationsOf(valid: readonly Uint8Array[], seed: number): () => Uint8Array {
  const draw = drawFrom(seed);
  return () => {
    let bytes = new Uint8Array(valid[draw(valid.length)]!);
    for (let left = 1 + draw(MOST_CHANGES); left > 0; left--) bytes = changedOnce(bytes, draw);
    return bytes;
  };
}

function changedOnce(
  bytes: Uint8Array<ArrayBuffer>,
  draw: (below: number) => number,
): Uint8Array<ArrayBuffer> {
  if (bytes.length === 0) return Uint8Array.of(draw(256));
  const at = draw(bytes.length);
  const kind = draw(100) === 0 ? BLANKS : draw(BLANKS);
  if (kind === 0) return bytes.slice(0, at);
  if (kind === 1) return joined(bytes.subarray(0, at), Uint8Array.of(draw(256)), bytes.subarray(at));
  if (kind === 2) return joined(bytes.subarray(0, at), bytes.subarray(at + 1 + draw(LARGEST_STRETCH)));
  if (kind === BLANKS) return joined(bytes, new Uint8Array(draw(MOST_BLANKS)).fill(BLANK));
  if (kind === 3) bytes[at]! ^= 1 << draw(8);
  else if (kind === 4) bytes[at] = draw(256);
  else if (kind === 5) bytes.copyWithin(at, draw(bytes.length), draw(bytes.length));
  else bytes.set(TOKENS[draw(TOKENS.length)]!.subarray(0, bytes.length - at), at);
  return bytes;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
