import type { ColdkeyOpens, MoneyOrder } from '../../src-shared/contract/page/money.ts';
import { AppError, type CodedError } from '../../src-shared/errors/app-error.ts';
import type { Hex, Ss58 } from '../../src-shared/units.ts';
import type { Signer } from '../network/chain.ts';
import { maySpendOn } from '../network/known.ts';
import type { Approval } from '../vault/approval.ts';
import { type MoneyKey, moneyKey } from '../vault/money-key.ts';
import { plainColdkey } from '../vault/plain-coldkey.ts';
import type { Shelf } from './shelf.ts';

/** Who signs for an account: its key under a password, its key that lies open, or nobody. */
export interface Holder {
  readonly walletName: string | null;
  readonly opens: ColdkeyOpens;
  /** Its password may open money on any network. */
  readonly isUsers: boolean;
  /**
   * @param password UTF-8, as it was typed; null where the key lies open
   * @throws {AppError} COLDKEY_NOT_HERE, KEY_LOCKED without a password, or as `MoneyKey.unlock`
   */
  open(password: Uint8Array | null, signal: AbortSignal): Promise<void>;
  /** Signs by the newest approval. */
  signer(approval: () => Approval): Signer;
  /** The secret is gone from memory. */
  lock(): void;
}

/** What tests put in the place of passwords that take seconds. */
export type OpenMoneyKey = (at: { readonly path: string; readonly address: Ss58 }) => MoneyKey;

export interface Holders {
  of(address: Ss58, network: string): Holder;
  /** Nothing stays open. */
  lock(): void;
}

/** A key under a password stays the same one, so that wrong passwords are counted over all orders. */
export function openHolders(
  shelf: Pick<Shelf, 'coldkeyOf'>,
  openKey: OpenMoneyKey = (at) => moneyKey(at),
): Holders {
  const keys = new Map<string, MoneyKey>();

  function keyAt(path: string, address: Ss58): MoneyKey {
    const known = keys.get(path);
    if (known?.address === address) return known;
    known?.lock();
    const key = openKey({ path, address });
    keys.set(path, key);
    return key;
  }

  return {
    of(address, network) {
      const place = shelf.coldkeyOf(address, network);
      if (!place || place.opens === 'elsewhere') return nobody(address, place?.walletName ?? null);
      const { path, walletName, isUsers } = place;
      return place.opens === 'password'
        ? underPassword(keyAt(path, address), walletName, isUsers)
        : lyingOpen(path, address, walletName);
    },
    lock() {
      for (const key of keys.values()) key.lock();
    },
  };
}

function underPassword(key: MoneyKey, walletName: string, isUsers: boolean): Holder {
  const { address } = key;
  return {
    walletName,
    opens: 'password',
    isUsers,
    async open(password, signal) {
      if (!password) throw new AppError('KEY_LOCKED', { address });
      await key.unlock(password, signal);
    },
    signer: (approval) => ({
      address,
      isUnderPassword: true,
      sign: (payload) => key.sign(payload, approval()),
    }),
    lock: key.lock,
  };
}

function lyingOpen(path: string, address: Ss58, walletName: string): Holder {
  const key = plainColdkey({ path, address });
  return {
    walletName,
    opens: 'plain',
    isUsers: false,
    open: async () => undefined,
    signer: (approval) => ({ address, sign: (payload) => key.sign(payload, approval()) }),
    lock: () => undefined,
  };
}

function nobody(address: Ss58, walletName: string | null): Holder {
  const refuse = (): never => {
    throw new AppError('COLDKEY_NOT_HERE', { address });
  };
  return {
    walletName,
    opens: 'elsewhere',
    isUsers: false,
    open: async () => refuse(),
    signer: refuse,
    lock: () => undefined,
  };
}

/** Why the account's coldkey signs nothing of this here. */
export function holderFault(
  { opens }: Holder,
  { account, intent }: MoneyOrder,
  genesisHash: Hex,
): CodedError | null {
  if (opens === 'elsewhere') return { code: 'COLDKEY_NOT_HERE', params: { address: account.coldkey } };
  const takesOut = intent.kind === 'unstake' || intent.kind === 'moveStake';
  return opens === 'plain' && !takesOut && !maySpendOn(genesisHash)
    ? { code: 'SPENDING_NEEDS_WALLET', params: {} }
    : null;
}
