/**
 * Where states and profiles of a run can be read, as one short text that fits a chain's field: it is announced to
 * everybody, so whatever stands in it is read access and no more.
 *
 * - `hub:user/name`: a repository of the Hugging Face Hub
 * - `s3:host[:port]/bucket` or `s3:host[:port]/bucket#keyId:secretKey`: a bucket, with a key that can only read
 * - `https://host[:port]/path/`: files below an address of the web; `http://` on this computer alone
 * - `folder:/path`: a folder of this computer
 */
export type StoreAddress =
  | { readonly kind: 'hub'; readonly repository: string }
  | {
      readonly kind: 's3';
      /** host, or host:port */
      readonly endpoint: string;
      readonly bucket: string;
      /** Of a key that can only read; null where everybody may. */
      readonly readKey: { readonly keyId: string; readonly secretKey: string } | null;
    }
  /** Ends with a slash: names of files are put behind it. */
  | { readonly kind: 'web'; readonly url: string }
  | { readonly kind: 'folder'; readonly path: string };

/** Longest text of one: a web address with a deep path. */
export const STORE_ADDRESS_CHARS_MAX = 512;

const REPOSITORY =
  /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9])?\/[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9_])?$/;
const HOST =
  /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*(?::[1-9]\d{0,4})?$/;
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const READ_KEY = /^([A-Za-z0-9._~+=/-]{1,128}):([A-Za-z0-9._~+=/-]{1,128})$/;
/** From the root on, in the words of either kind of system, and nothing that a line or a terminal would take apart. */
const ABSOLUTE = /^(?:\/|[A-Za-z]:[\\/])[^\p{Cc}\p{Zl}\p{Zp}]*$/u;

/** @returns null for a text that is no address, or that would be written otherwise: one store has one text */
export function parseStoreAddress(text: string): StoreAddress | null {
  if (text.length > STORE_ADDRESS_CHARS_MAX) return null;
  const address = read(text);
  return address && printStoreAddress(address) === text ? address : null;
}

export function printStoreAddress(address: StoreAddress): string {
  switch (address.kind) {
    case 'hub':
      return `hub:${address.repository}`;
    case 's3': {
      const { endpoint, bucket, readKey } = address;
      return `s3:${endpoint}/${bucket}${readKey ? `#${readKey.keyId}:${readKey.secretKey}` : ''}`;
    }
    case 'web':
      return address.url;
    case 'folder':
      return `folder:${address.path}`;
  }
}

/** As a person reads it: a key that only reads is no secret, and says nothing either. */
export const shownStoreAddress = (address: StoreAddress): string =>
  printStoreAddress(address.kind === 's3' ? { ...address, readKey: null } : address);

/**
 * Whether it leads into this computer or the network around it. Whoever announces such an address would have others
 * ask doors that only they can reach.
 */
export function isNearby(address: StoreAddress): boolean {
  switch (address.kind) {
    case 'hub':
      return false;
    case 's3':
      return isNearbyHost(hostOf(`https://${address.endpoint}`));
    case 'web':
      return isNearbyHost(hostOf(address.url));
    case 'folder':
      return true;
  }
}

/** `owner/name`, both parts by the Hub's own rule. */
export const isHubRepository = (text: string): boolean => REPOSITORY.test(text) && !/--|\.\./.test(text);

/** By the rule that all providers share. */
export const isBucketName = (text: string): boolean => BUCKET.test(text) && !text.includes('..');

/** This computer by its name or number. */
export const isLoopbackHost = (host: string): boolean =>
  host === 'localhost' ||
  host.endsWith('.localhost') ||
  host === '[::1]' ||
  /^127(?:\.\d{1,3}){3}$/.test(host);

/** Also names without a dot, which a search list of the own network completes, and numbers of any kind but public v4. */
export function isNearbyHost(name: string): boolean {
  const host = name.replace(/\.$/, '');
  if (isLoopbackHost(host) || host.startsWith('[') || !host.includes('.')) return true;
  if (/\.(?:local|localdomain|internal|private|lan|home|corp|intranet|home\.arpa)$/.test(host)) return true;
  const [a = -1, b = -1] = /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host) ? host.split('.').map(Number) : [];
  return (
    a === 0 ||
    a === 10 ||
    a >= 224 ||
    (a === 100 && b >= 64 && b < 128) ||
    (a === 169 && b === 254) ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168) ||
    (a === 198 && (b === 18 || b === 19))
  );
}

function read(text: string): StoreAddress | null {
  if (text.startsWith('hub:')) return hub(text.slice(4));
  if (text.startsWith('s3:')) return s3(text.slice(3));
  if (text.startsWith('folder:')) return folder(text.slice(7));
  return web(text);
}

const hub = (repository: string): StoreAddress | null =>
  isHubRepository(repository) ? { kind: 'hub', repository } : null;

function s3(text: string): StoreAddress | null {
  const [place = '', key] = splitAt(text, '#');
  const [endpoint = '', bucket = ''] = splitAt(place, '/');
  if (!HOST.test(endpoint) || !URL.canParse(`https://${endpoint}`)) return null;
  if (!isBucketName(bucket)) return null;
  if (key === undefined) return { kind: 's3', endpoint, bucket, readKey: null };
  const [, keyId, secretKey] = READ_KEY.exec(key) ?? [];
  return keyId && secretKey ? { kind: 's3', endpoint, bucket, readKey: { keyId, secretKey } } : null;
}

function web(text: string): StoreAddress | null {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) return null;
  const { protocol, hostname, username, password, search, hash, pathname, href } = new URL(text);
  const isPlain = username === '' && password === '' && search === '' && hash === '' && !/[?#]/.test(href);
  if (!isPlain || !pathname.endsWith('/')) return null;
  if (protocol === 'http:' && !isLoopbackHost(hostname)) return null;
  return { kind: 'web', url: href };
}

function folder(path: string): StoreAddress | null {
  return ABSOLUTE.test(path) ? { kind: 'folder', path } : null;
}

/** @returns one part where the mark is not there */
function splitAt(text: string, mark: string): readonly [string, string?] {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

const hostOf = (url: string): string => new URL(url).hostname;
