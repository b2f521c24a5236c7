import wordlist from '@polkadot/util-crypto/mnemonic/wordlists/en';

/** Words of a seed phrase in a row: half of the shortest one. */
const PHRASE_WORDS = 6;
const words: ReadonlySet<string> = new Set(wordlist);

/** What stands between the words of one phrase: the beginnings of log lines, and what JSON and URLs make of a character. */
const BETWEEN =
  /\d{4}-\d\d-\d\dT[\d:.]{8,12}Z (?:(?:[\w-]{1,24} )?[\w-]{1,24}: )?|\\+u[0-9a-fA-F]{4}(?:\[[\d;]*m)?|\\+[nrt]|%[0-9A-Fa-f]{2}/;
const PIECE = new RegExp(`(${BETWEEN.source})|[A-Za-z]+`, 'g');
/** What else may: marks, and the numbers of a list. */
const GAP = /^(?:[\s"'`,;|+*_\-[\]().:#\\/]|\d{1,2}(?!\d)){0,48}$/;

/** A row of phrase words, by where it stands in the text. */
interface Row {
  readonly from: number;
  to: number;
  count: number;
}

/** The text with `<words>` for rows of words of seed phrases, however they are written and over however many lines. */
export function withoutPhrases(text: string): string {
  let kept = '';
  let at = 0;
  for (const { from, to } of phraseRows(text)) {
    kept += `${text.slice(at, from)}<words>`;
    at = to;
  }
  return kept + text.slice(at);
}

function* phraseRows(text: string): Generator<Row> {
  let row: Row | null = null;
  let gap = 0;
  for (const { index, 0: piece, 1: between } of text.matchAll(PIECE)) {
    const isJoined = GAP.test(text.slice(gap, index));
    gap = index + piece.length;
    if (row && !isJoined) {
      if (row.count >= PHRASE_WORDS) yield row;
      row = null;
    }
    if (between !== undefined) continue;
    const isWord = words.has(piece.toLowerCase());
    if (isWord && row) Object.assign(row, { to: gap, count: row.count + 1 });
    else if (isWord) row = { from: index, to: gap, count: 1 };
    else {
      if (row && row.count >= PHRASE_WORDS) yield row;
      row = null;
    }
  }
  if (row && row.count >= PHRASE_WORDS) yield row;
}
