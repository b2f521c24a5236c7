import type { MovePart } from '../../src-shared/contract/signing.ts';
import { OWN_KEYS_FOLDER } from '../join/keys.ts';
import { COLDKEY_FILE, HOTKEYS_FOLDER } from '../vault/wallets/layout.ts';
import type { Cargo, CargoFile } from './cargo.ts';

type What = MovePart['what'];
const ORDER: readonly What[] = ['runs', 'hotkeys', 'coldkeys', 'settings', 'contacts', 'ledger', 'marks'];
const BY_NAME: Readonly<Record<string, What>> = {
  'settings.json': 'settings',
  'contacts.json': 'contacts',
  'ledger.db': 'ledger',
  'terminal/ledger.db': 'ledger',
  'store.json': 'ledger',
};

/** What lies in a cargo, for a person to look over: a count and a size of each kind, without those that are empty. */
export function contentsOf({
  data,
  wallets,
  runs,
}: Pick<Cargo, 'data' | 'wallets'> & { readonly runs: readonly unknown[] }): readonly MovePart[] {
  const parts = new Map<What, { count: number; bytes: number }>([
    ['runs', { count: runs.length, bytes: Buffer.byteLength(JSON.stringify(runs)) }],
  ]);
  for (const file of [...data, ...wallets]) {
    const what = whatOf(file);
    const { count, bytes } = parts.get(what) ?? { count: 0, bytes: 0 };
    // A run's own files come with it, and a key's public half with the key.
    const isCounted = what !== 'runs' && !isBeside(file);
    parts.set(what, { count: count + Number(isCounted), bytes: bytes + sizeOf(file) });
  }
  return ORDER.flatMap((what) => {
    const part = parts.get(what);
    return part && part.bytes > 0 && (what !== 'runs' || part.count > 0) ? [{ what, ...part }] : [];
  });
}

function whatOf({ path }: CargoFile): What {
  const known = BY_NAME[path];
  if (known) return known;
  const names = path.split('/');
  if (names.at(-1) === COLDKEY_FILE) return 'coldkeys';
  if (names.includes(HOTKEYS_FOLDER) || names[0] === OWN_KEYS_FOLDER || names.at(-1)?.endsWith('.txt'))
    return 'hotkeys';
  return names[0] === 'runs' ? 'runs' : 'marks';
}

const isBeside = ({ path }: CargoFile): boolean => path.endsWith('.txt') || path === 'store.json';

/** Of what base64 stands for. */
const sizeOf = ({ base64 }: CargoFile): number =>
  Math.floor((base64.length * 3) / 4) - (/={0,2}$/.exec(base64)?.[0].length ?? 0);
