/** Letters that may be wrong for one word to stand for another: one in three, and never more than three. */
const mostEdits = (word: string): number => Math.min(3, Math.max(1, Math.floor(word.length / 3)));

/** No option is that long; what is longer is only looked at so far. */
const LONGEST_WORD = 64;

/** The known name that was most likely meant, or null when none is near. */
export function suggest(word: string, known: readonly string[]): string | null {
  const plain = bare(word).slice(0, LONGEST_WORD);
  const ranked = known
    .map((name) => ({ name, edits: editDistance(plain, bare(name)) }))
    .sort((a, b) => a.edits - b.edits);
  const best = ranked[0];
  return best && best.edits <= mostEdits(plain) && best.edits < bare(best.name).length ? best.name : null;
}

const bare = (word: string): string => word.replace(/^-+/, '').toLowerCase();

/** Edits from one word to another: letters put in, left out, changed, or swapped with their neighbour. */
export function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1] ? 0 : 1;
      const edits = [at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + same];
      if (from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1])
        edits.push(at(beforeLast, column - 2) + 1);
      current.push(Math.min(...edits));
    }
    beforeLast = last;
    last = current;
  }
  return at(last, to.length);
}

const at = (row: readonly number[], column: number): number => row[column] ?? Number.POSITIVE_INFINITY;
