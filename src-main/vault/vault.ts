import { join } from 'node:path';
import * as v from 'valibot';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { type Binding, bindingBytes, bindingSchema, encodeBinding } from '../../src-shared/rounds/binding.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import { type AccountKey, ensureAccountKey, openAccountKey, signable } from './account-key.ts';
import { BINDING_LIFE_LIMIT_S } from './limits.ts';
import { type AccountKind, type CallIndexes, guardPayload } from './payload-guard.ts';
import { ensurePeerKey, type PeerKey } from './peer-key.ts';

/**
 * Work secrets (hotkeys, the peer key) and practice coldkeys, as plain files of mode 0600. It signs messages of two
 * known shapes and nothing else: payloads that begin with a call the key's kind allows, and peer bindings of its own
 * peer key. A real coldkey never comes here.
 */
export interface Vault {
  /**
   * Loads the key of that name, creating it where there is none.
   * @param entropy 16 bytes that a new one is made from; at random where nothing is given
   * @throws {AppError} KEY_FILE_CORRUPT
   */
  ensureHotkey(name: string, entropy?: Uint8Array): Promise<Ss58>;
  ensurePracticeColdkey(name: string, entropy?: Uint8Array): Promise<Ss58>;
  /** Loads the key of that name; null where there is none. @throws {AppError} KEY_FILE_CORRUPT */
  openHotkey(name: string): Promise<Ss58 | null>;
  openPracticeColdkey(name: string): Promise<Ss58 | null>;
  /** @throws {AppError} KEY_UNKNOWN before the key was ensured. */
  addressOf(name: string): Ss58;
  /** @param callIndexes where the chain's calls stand now, asked at every signature */
  signer(name: string, callIndexes: CallIndexes): VaultSigner;
  peerKey(): PeerKey;
  /** The hotkey's statement that it speaks through this vault's peer key, encoded for the swarm. */
  signBinding(name: string, fields: BindingFields): string;
}

export interface VaultSigner {
  readonly address: Ss58;
  /** @throws {AppError} KEY_USE_REFUSED */
  sign(payload: Uint8Array): Promise<Uint8Array>;
}

export type BindingFields = Omit<Binding, 'hotkey' | 'peerKey'>;

interface Account {
  readonly name: string;
  readonly kind: AccountKind;
  readonly key: AccountKey;
}

const FOLDERS: Readonly<Record<AccountKind, string>> = {
  hotkey: 'hotkeys',
  'practice-coldkey': 'practice-coldkeys',
};
/** Names become file names. */
const NAME = /^[a-z0-9][a-z0-9-]{0,31}$/;

/** @throws {AppError} KEY_FILE_CORRUPT when the peer key cannot be read. */
export async function openVault({ dir }: { readonly dir: string }): Promise<Vault> {
  const accounts = new Map<string, Promise<Account>>();
  const loaded = new Map<string, Account>();
  const peerKey = await ensurePeerKey(join(dir, 'peer.json'));

  function pathOf(kind: AccountKind, name: string): string {
    if (!NAME.test(name)) throw new AppError('KEY_UNKNOWN', { name });
    return join(dir, FOLDERS[kind], `${name}.json`);
  }

  function keep(kind: AccountKind, name: string, key: AccountKey): Account {
    const account = { name, kind, key };
    loaded.set(name, account);
    return account;
  }

  async function ensure(kind: AccountKind, name: string, entropy?: Uint8Array): Promise<Ss58> {
    const known =
      accounts.get(name) ??
      ensureAccountKey(pathOf(kind, name), entropy).then((key) => keep(kind, name, key));
    accounts.set(name, known);
    try {
      const account = await known;
      // One name for two kinds of key would let one sign what only the other may.
      if (account.kind !== kind) throw new AppError('KEY_USE_REFUSED', { name, what: kind });
      return account.key.address;
    } catch (error) {
      if (!loaded.has(name)) accounts.delete(name);
      throw error;
    }
  }

  async function open(kind: AccountKind, name: string): Promise<Ss58 | null> {
    if (accounts.has(name)) return ensure(kind, name);
    const key = await openAccountKey(pathOf(kind, name));
    if (!key) return null;
    accounts.set(name, Promise.resolve(keep(kind, name, key)));
    return key.address;
  }

  function account(name: string): Account {
    const found = loaded.get(name);
    if (!found) throw new AppError('KEY_UNKNOWN', { name });
    return found;
  }

  return {
    ensureHotkey: (name, entropy) => ensure('hotkey', name, entropy),
    ensurePracticeColdkey: (name, entropy) => ensure('practice-coldkey', name, entropy),
    openHotkey: (name) => open('hotkey', name),
    openPracticeColdkey: (name) => open('practice-coldkey', name),
    addressOf: (name) => account(name).key.address,
    signer(name, callIndexes) {
      const owner = account(name);
      return {
        address: owner.key.address,
        async sign(payload) {
          guardPayload(owner, payload, callIndexes);
          return owner.key.sign(signable(payload));
        },
      };
    },
    peerKey: () => peerKey,
    signBinding(name, fields) {
      const { kind, key } = account(name);
      if (kind !== 'hotkey') throw new AppError('KEY_USE_REFUSED', { name, what: 'peer binding' });
      if (fields.notAfter - fields.notBefore > BINDING_LIFE_LIMIT_S)
        throw new AppError('KEY_USE_REFUSED', { name, what: 'a peer binding this long' });
      const binding = v.parse(bindingSchema, { ...fields, hotkey: key.address, peerKey: peerKey.publicKey });
      return encodeBinding(binding, key.sign(bindingBytes(binding)));
    },
  };
}
