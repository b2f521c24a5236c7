import { join } from 'node:path';
import * as v from 'valibot';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { type Manifest, manifestBytes, type UnsignedManifest } from '../../src-shared/published/manifest.ts';
import { type Binding, bindingBytes, bindingSchema, encodeBinding } from '../../src-shared/rounds/binding.ts';
import { encodeSignedText, type TextOf, textBytes } from '../../src-shared/rounds/signed-text.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import { type AccountKey, ensureAccountKey, openAccountKey, signable } from './account-key.ts';
import { findHotkeyFile } from './find-hotkey.ts';
import { isLockedKey } from './key-file.ts';
import { BINDING_LIFE_LIMIT_S } from './limits.ts';
import { type AccountKind, type CallIndexes, guardPayload } from './payload-guard.ts';
import type { PeerKey } from './peer-key.ts';
import { readSecretFile } from './secret-file.ts';
import { HOTKEYS_FOLDER, OWN_COLDKEYS_FOLDER } from './wallets/layout.ts';

/**
 * Hotkeys and practice coldkeys, as plain files of mode 0600. It signs messages of four known shapes and nothing else:
 * payloads that begin with a call the key's kind allows, bindings of a peer key that this host holds, manifests of what
 * the hotkey publishes, and texts of its own: scores that it gives, and disputes. A real coldkey never comes here. Opening
 * writes nothing: the folder may be a wallet's, and read-only.
 */
export interface Vault {
  /**
   * Loads the key of that name, creating it where there is none.
   * @param entropy 16 bytes that a new one is made from; at random where nothing is given
   * @throws {AppError} of the key file (see `parseKeyFile`)
   */
  ensureHotkey(name: string, entropy?: Uint8Array): Promise<Ss58>;
  ensurePracticeColdkey(name: string, entropy?: Uint8Array): Promise<Ss58>;
  /**
   * Loads the hotkey of that name, or the only one there is under that name; null where there is none.
   * @param file its key file, where somebody named one
   * @throws {AppError} HOTKEYS_SEVERAL, or of the key file
   */
  openHotkey(name: string, file: string | null): Promise<Ss58 | null>;
  /** Null where there is none. @throws {AppError} of the key file */
  openPracticeColdkey(name: string): Promise<Ss58 | null>;
  /** Whether a wallet's coldkey lies in this folder, locked with its password. It is not opened. */
  hasLockedColdkey(): Promise<boolean>;
  /** @throws {AppError} KEY_UNKNOWN before the key was ensured. */
  addressOf(name: string): Ss58;
  /** @param callIndexes where the chain's calls stand now, asked at every signature */
  signer(name: string, callIndexes: CallIndexes): VaultSigner;
  /** The hotkey's statement that it speaks through this peer key, encoded for the swarm. */
  signBinding(name: string, peerKey: PeerKey, fields: BindingFields): string;
  /** The manifest of what the hotkey publishes, signed. */
  signManifest(name: string, manifest: Omit<UnsignedManifest, 'hotkey'>): Manifest;
  /** A text of the hotkey, with its signature behind it. */
  signText(name: string, of: TextOf, text: string): string;
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
  hotkey: HOTKEYS_FOLDER,
  'practice-coldkey': OWN_COLDKEYS_FOLDER,
};
/** Names become file names. */
const NAME = /^[a-z0-9][a-z0-9-]{0,31}$/;

/** The keys in a folder, none of them read yet. */
export function openVault({ dir }: { readonly dir: string }): Vault {
  const accounts = new Map<string, Promise<Account>>();
  const loaded = new Map<string, Account>();

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

  async function open(kind: AccountKind, name: string, path: string | null): Promise<Ss58 | null> {
    if (accounts.has(name)) return ensure(kind, name);
    const key = path === null ? null : await openAccountKey(path);
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
    openHotkey: async (name, file) => open('hotkey', name, file ?? (await findHotkeyFile(dir, name))),
    openPracticeColdkey: (name) => open('practice-coldkey', name, pathOf('practice-coldkey', name)),
    async hasLockedColdkey() {
      // One that this user may not read is as good as none: nothing is done with it.
      const text = await readSecretFile(join(dir, 'coldkey')).catch(() => null);
      return text !== null && isLockedKey(text);
    },
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
    signBinding(name, { publicKey: peerKey }, fields) {
      const { kind, key } = account(name);
      if (kind !== 'hotkey') throw new AppError('KEY_USE_REFUSED', { name, what: 'peer binding' });
      if (fields.notAfter - fields.notBefore > BINDING_LIFE_LIMIT_S)
        throw new AppError('KEY_USE_REFUSED', { name, what: 'a peer binding this long' });
      const binding = v.parse(bindingSchema, { ...fields, hotkey: key.address, peerKey });
      return encodeBinding(binding, key.sign(bindingBytes(binding)));
    },
    signManifest(name, described) {
      const { kind, key } = account(name);
      if (kind !== 'hotkey') throw new AppError('KEY_USE_REFUSED', { name, what: 'published manifest' });
      const manifest = { ...described, hotkey: key.address };
      return { ...manifest, signature: Buffer.from(key.sign(manifestBytes(manifest))).toString('hex') };
    },
    signText(name, of, text) {
      const { kind, key } = account(name);
      if (kind !== 'hotkey') throw new AppError('KEY_USE_REFUSED', { name, what: of.kind });
      const signature = Buffer.from(key.sign(textBytes(of, text))).toString('hex');
      return encodeSignedText({ text, signature });
    },
  };
}
