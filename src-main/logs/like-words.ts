import wordlist from '@polkadot/util-crypto/mnemonic/wordlists/en';

/** Characters of a run that are no words; a key of 16 bytes has 21 in base64, and hardly any that are. */
const UNLIKE_WORDS = 3;
/** Of so many characters one pair of letters may be one that no word has. */
const CHARACTERS_TO_AN_ODD_PAIR = 10;
/** Short words that stand in names of code: chance hardly writes one, and any three letters it often does. */
const SHORT =
  'Add|All|And|Any|Api|App|As|At|Be|By|Can|Cut|Do|Ema|End|Evm|Fee|For|Get|Has|Hot|Id|If|In|Is|Key|Kit|Law|Len|Log|Low|Map|Max|Min|Ms|Net|New|No|Non|Not|Now|Of|Old|On|One|Or|Out|Own|Pay|Per|Pow|Pre|Rao|Run|Set|Sub|Tao|The|To|Too|Tx|Uid|Up|Url|Use|Vec|Was|Web';
const SHORTENED =
  'API|BLS|CPU|CXX|DNS|EMA|EVM|GPU|HTML|HTTP|ID|IDs|IPC|JSON|POW|RAO|RPC|SQL|TCP|TLS|UID|UIDs|UIds|URL';
/** Words with numbers in them. */
const NUMBERED =
  '[Ll]ibp2p|LIBP2P|(?:ip|Ip|IP)v[46]|[Ss]ecp256k1|[Ee]d25519|[Ss]r25519|[Ss]ha(?:256|512)|[Xx]509|x86|[Uu]int(?:8|16|32)';
/** No word is longer than this; a key in the letters of base32 is. */
const LETTERS = '[a-z]{3,24}';
const WORD = `(?:[A-Z]${LETTERS}|(?:${SHORT}|${SHORTENED})(?![a-z])|${NUMBERED})`;
const FIRST = `(?:${LETTERS}|(?:${SHORT.toLowerCase()})(?![a-z])|${WORD})`;
/** A number, a time, an abbreviation, or a name of words as code writes it. */
const WORDLIKE = new RegExp(
  String.raw`^(?:\d{1,14}|\d\dT\d{1,9}|[A-Z]{2,}|[a-z]{1,3}|${FIRST}${WORD}*\d{0,3})$`,
);

const UNKNOWN_SHORT = new RegExp(`(?!(?:${SHORT})(?![a-z]))[A-Z][a-z]{1,2}(?![a-z])`);

/** Words of the field whose pairs of letters no word of a seed phrase has. */
const FIELD_WORDS = [
  'hotkey',
  'coldkey',
  'subnet',
  'commitment',
  'bonds',
  'blocks',
  'settings',
  'paragraphs',
];
const pairs: ReadonlySet<string> = new Set([...wordlist, ...FIELD_WORDS].flatMap(pairsOf));

/**
 * Whether a run of letters, digits and the marks of paths is a path, a name or a sentence; what is none is taken for a key.
 * Two things tell them apart: names are rows of words, long ones or short ones that are known, and the letters of a
 * word stand in pairs, of which chance makes many that no language has.
 */
export function isLikeWords(run: string): boolean {
  // No path and no name of ours has a plus in it.
  if (run.includes('+')) return false;
  const unlike = run
    .replace(/=+$/, '')
    .split(/[/_-]/)
    .reduce((sum, part) => sum + unlikeIn(part), 0);
  return unlike <= UNLIKE_WORDS && oddPairs(run) * CHARACTERS_TO_AN_ODD_PAIR <= run.length;
}

/** Characters of a part that are no words: all of it, unless it is a row of words but for one short one. */
function unlikeIn(part: string): number {
  if (WORDLIKE.test(part)) return 0;
  const unknown = UNKNOWN_SHORT.exec(part)?.[0];
  return unknown && WORDLIKE.test(part.replace(unknown, '')) ? unknown.length : part.length;
}

const oddPairs = (run: string): number =>
  (run.match(/[A-Za-z][a-z]+|[A-Z]{2,}/g) ?? [])
    .flatMap((word) => pairsOf(word.toLowerCase()))
    .filter((pair) => !pairs.has(pair)).length;

function pairsOf(word: string): string[] {
  return [...word].slice(1).map((letter, at) => `${word[at]}${letter}`);
}
