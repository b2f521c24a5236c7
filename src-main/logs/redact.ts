import { plainText } from '../../src-shared/plain-text.ts';
import { isLikeWords } from './like-words.ts';
import { withoutPhrases } from './phrases.ts';

/** What of a text may leave this computer. The one place that decides it: `logs` and `support-bundle` both pass here. */
export type Redact = (text: string) => string;

/** The same for lines that stand one behind the other, since a phrase may go over several; there may be fewer then. */
export const redactLines = (redact: Redact, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : redact(lines.join('\n')).split('\n');

/** Whose traces are taken out beside secrets. */
export interface Surroundings {
  /** The user's home folder, and what they and their computer are called; '' where that is not known. */
  readonly home: string;
  readonly user: string;
  readonly host: string;
  readonly dataDir: string;
  /** Whether addresses of accounts stay: they are public, but say whose computer this is. */
  readonly keepsAddresses: boolean;
}

/** Names that many computers share say nothing, and stand in texts for other things. */
const COMMON_NAMES = new Set([
  'root',
  'user',
  'admin',
  'ubuntu',
  'debian',
  'node',
  'butterfly',
  'localhost',
  'miner',
]);
const LEAST_NAME = 3;
const HEX = /(?:0x)?[0-9a-fA-F]{32,}/g;
/** A list or an object of bytes: sixteen and more numbers. */
const BYTES = /(?:"?\d{1,3}"?:\s*)?\d{1,3}(?:,\s*(?:"?\d{1,3}"?:\s*)?\d{1,3}){15,}/g;
const RUN = /[A-Za-z0-9+/_-]{20,}={0,2}/g;
const ADDRESS = /\b5[1-9A-HJ-NP-Za-km-z]{45,49}\b/g;
/** How a run is called at the beginning of its lines: the first characters of its hotkey. */
const SHORT_ADDRESS = /(?<![\w/])5(?=\w*[A-Z])(?=\w*[a-z])[1-9A-HJ-NP-Za-km-z]{7}(?!\w)/g;
const IP4 = /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])/g;
const IP6 = /(?<![\w:.])(?=[0-9a-fA-F:]*[0-9a-fA-F]{1,4}:[0-9a-fA-F:]*:)[0-9a-fA-F:]{6,39}(?![\w:])/g;
const LOCAL_IP = /^(?:127\.|0\.0\.0\.0$)/;
const MAC = /(?<![\w:])(?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}(?![\w:])/g;
const MAIL = /(?<![\w.+-])[\w.+-]{1,64}@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}(?![\w.])/g;
/** A user with a password, in which anything may stand; a user alone; what is asked for behind a question mark. */
const URL_SECRETS =
  /\b(\w+:\/\/)(?:[^\s/@:"']{0,200}:(?!\d{1,5}\/)[^\s"']{1,200}@|[^\s/@"']{1,200}@)|([?&][\w.-]+=)[^\s&#"']+/g;
const SECRET_NAME =
  '(?:passwords?|passphrase|passwd|pwd|secret|token|mnemonic|credentials?|authorization|(?:api|access|private|secret)[_-]?key)';
/** A text in quotation marks, also where JSON stands in JSON; a word, with what kind of one it is before it. */
const SECRET_VALUE = String.raw`(?:"(?:[^"\\\n]|\\.)*"?|\\+"[^"\\\n]*(?:\\+")?|'[^'\n]*'?|(?:(?:basic|bearer|token)[ \t]+)?[^\s,;}"'&\\]{3,})`;
/** Behind a name that ends so, whatever it begins with: `HF_TOKEN=`, `accessToken:`, `"coldkey_password": `. */
const NAMED_SECRET = new RegExp(
  String.raw`(${SECRET_NAME}(?:\\*["'])?[ \t]*[:=][ \t]*|--[\w-]{0,32}${SECRET_NAME}[ \t]+)(?!null\b|true\b|false\b|<)${SECRET_VALUE}|\b(bearer )[^\s"'<]{4,}`,
  'gi',
);
const KNOWN_TOKEN =
  /\b(?:(?:hf|ghp|gho|npm|sk|xox[a-z])_[A-Za-z0-9]{8,}|wandb_v\d_\w{8,}|(?:AKIA|ASIA)[A-Z0-9]{8,}|(?:glpat|sk|xox[a-z])-[\w-]{8,}|eyJ[\w-]{6,}\.[\w-]+(?:\.[\w-]+)?)/g;
/** Folders of users; of Windows' names a space may be a part, up to the next folder. */
const USER_FOLDER =
  /(\b[a-z]:[\\/]+Users[\\/]+)(?:[^\\/:"'<>|\n]{1,64}(?=[\\/])|[^\s\\/:"'<>|]+)|((?:\/|%2F)(?:home|Users|media)(?:\/|%2F)|\\Users\\+)[^\s/\\:"'%<>]+/gi;

/** Takes secrets and traces of the user out of texts. An address gets the same stand-in in all texts of one redactor. */
export function redactor(around: Surroundings): Redact {
  const aliases = new Map<string, string>();
  const aliasOf = (address: string): string => {
    const short = address.slice(0, 8);
    const alias = aliases.get(short) ?? `<account ${aliases.size + 1}>`;
    aliases.set(short, alias);
    return alias;
  };
  const names = ownNames(around);
  return (text) => {
    // First: a colour in the midst of a key would hide it.
    const plain = withoutPlaces(plainText(text), around);
    const free = withoutSecrets(plain, around.keepsAddresses ? null : aliasOf);
    return names.reduce((rest, { pattern, instead }) => rest.replace(pattern, instead), free);
  };
}

function withoutPlaces(text: string, { home, dataDir }: Surroundings): string {
  const places = [
    { path: dataDir, instead: '<data folder>' },
    { path: home, instead: '~' },
  ].filter(({ path }) => path.length > 1);
  const known = places.reduce(
    (rest, { path, instead }) =>
      // JSON writes the separators of Windows twice.
      rest.replaceAll(path, instead).replaceAll(path.replaceAll('\\', '\\\\'), instead),
    text,
  );
  return known.replace(USER_FOLDER, '$1$2<user>');
}

function withoutSecrets(text: string, aliasOf: ((address: string) => string) | null): string {
  const free = withoutPhrases(text)
    .replace(URL_SECRETS, (_all, scheme?: string, key?: string) =>
      scheme ? `${scheme}<user>@` : `${key}<value>`,
    )
    .replace(NAMED_SECRET, (all, name?: string, bearer?: string) => withoutValue(all, name ?? bearer ?? ''))
    .replace(KNOWN_TOKEN, '<token>')
    .replace(MAIL, '<mail>')
    .replace(MAC, '<mac>')
    .replace(HEX, '<hex>')
    .replace(BYTES, '<bytes>')
    .replace(IP4, (ip) => (LOCAL_IP.test(ip) ? ip : '<ip>'))
    .replace(IP6, (ip) => (ip.includes('::') || ip.split(':').length === 8 ? '<ip>' : ip));
  if (!aliasOf) return keepingAddresses(free);
  return free.replace(ADDRESS, aliasOf).replace(RUN, withoutKey).replace(SHORT_ADDRESS, aliasOf);
}

/** The marks around a value of JSON stay: what could be parsed before still can. */
function withoutValue(all: string, name: string): string {
  const value = all.slice(name.length);
  const isJson = /"[ \t]*:[ \t]*$/.test(name) && /^".*"$/s.test(value);
  return isJson ? `${name}"<secret>"` : `${name}<secret>`;
}

/** Addresses are runs of letters too, and are stepped around. */
function keepingAddresses(text: string): string {
  let at = 0;
  let kept = '';
  for (const { index, 0: address } of text.matchAll(ADDRESS)) {
    kept += text.slice(at, index).replace(RUN, withoutKey) + address;
    at = index + address.length;
  }
  return kept + text.slice(at).replace(RUN, withoutKey);
}

const withoutKey = (run: string): string => (isLikeWords(run) ? run : '<key>');

function ownNames({ user, host }: Surroundings): { readonly pattern: RegExp; readonly instead: string }[] {
  return [
    { name: user, instead: '<user>' },
    { name: host, instead: '<computer>' },
  ]
    .filter(({ name }) => name.length >= LEAST_NAME && !COMMON_NAMES.has(name.toLowerCase()))
    .map(({ name, instead }) => ({
      pattern: new RegExp(`(?<![A-Za-z0-9])${literally(name)}(?![A-Za-z0-9])`, 'gi'),
      instead,
    }));
}

/** `RegExp.escape` is younger than the Electron that tests have. */
const literally = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
