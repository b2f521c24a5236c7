import ranks from 'gpt-tokenizer/bpeRanks/r50k_base';

/** GPT-2's byte-pair encoding: token r is the merge of rank r, and the first 256 are single bytes. */
export interface BytePairs {
  /** What each token spells, one character per byte: a byte string that can be a key. */
  readonly bytes: readonly string[];
  /** The two tokens whose merge made this one. Not for a single byte. */
  halves(token: number): readonly [number, number];
}

/** Tokens that are single bytes. */
export const BYTE_TOKENS = 256;

let made: BytePairs | undefined;

/** Made when it is first asked for, in some tens of milliseconds. */
export const gpt2BytePairs = (): BytePairs => (made ??= make());

function make(): BytePairs {
  const bytes = ranks.map((entry) =>
    Buffer.from(typeof entry === 'string' ? Buffer.from(entry) : Uint8Array.from(entry)).toString('latin1'),
  );
  const rankOf = new Map(bytes.map((key, rank) => [key, rank]));
  return { bytes, halves: (token) => halves(bytes[token]!, token, rankOf) };
}

/** What all merges of lower rank leave of its bytes. */
function halves(token: string, rank: number, rankOf: ReadonlyMap<string, number>): readonly [number, number] {
  const parts = [...token];
  while (parts.length > 2) {
    let best = { at: -1, rank };
    for (let at = 0; at + 1 < parts.length; at++) {
      const merged = rankOf.get(parts[at]! + parts[at + 1]!) ?? rank;
      if (merged < best.rank) best = { at, rank: merged };
    }
    if (best.at < 0) break;
    parts.splice(best.at, 2, parts[best.at]! + parts[best.at + 1]!);
  }
  const [left, right, ...rest] = parts.map((part) => rankOf.get(part));
  if (left === undefined || right === undefined || rest.length > 0)
    throw new Error(`token ${rank} has no merge`);
  return [left, right];
}
