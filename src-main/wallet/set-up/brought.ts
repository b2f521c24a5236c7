import { isWalletFile } from '../../../src-shared/brought.ts';
import type { BroughtOrder, BroughtWallet } from '../../../src-shared/contract/signing.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { isLongEnough, PASSWORD_CHARS_MIN } from '../../../src-shared/password.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { lookAtWallets, openBrought } from '../../vault/locked/lock.ts';
import { createWallet } from '../../vault/wallets/create-wallet.ts';
import { type HeldFile, heldFiles } from '../../vault/wallets/held-files.ts';
import { broughtFile } from '../../vault/wallets/import-file.ts';
import { coldkeyOfFolder, lookAtHeldFolder, placeFolder } from '../../vault/wallets/import-folder.ts';

/** Where it is kept, and as what. */
export interface KeptAs {
  readonly root: string;
  readonly name: string;
  /** For a file's account; a folder's wallet keeps its own. */
  readonly password: Uint8Array;
}

/** What somebody has brought to the signing window: in memory alone until it is kept. */
export interface Brought {
  readonly shown: BroughtWallet;
  /** @throws {AppError} KEY_PASSWORD_WRONG, or what is wrong with it; TIMEOUT, CANCELLED */
  open(password: Uint8Array, signal: AbortSignal): Promise<void>;
  /** @throws {AppError} NOT_NOW before it is open, PASSWORD_TOO_SHORT, WALLET_EXISTS, or of the disk */
  keep(
    as: KeptAs,
    signal: AbortSignal,
  ): Promise<{ readonly coldkey: Ss58 | null; readonly hotkey: Ss58 | null }>;
  /** Its bytes are gone from memory, once nothing is written of them any more; it is neither opened nor kept again. */
  forget(): void;
}

/**
 * Looks at what was brought; what lies open is opened at once.
 * @param order its bytes are copied, and the caller's are left alone
 * @throws {AppError} as `broughtFile` and `lookAtFolder`, KEY_FILE_FOREIGN for a file that no wallet's folder has
 */
export async function lookAtBrought(order: BroughtOrder, signal: AbortSignal): Promise<Brought> {
  const files = order.files.map(({ path, bytes }) => ({ path, bytes: Uint8Array.from(bytes) }));
  const hold = holdOf(files);
  try {
    const brought =
      order.kind === 'file'
        ? fileBrought(order.name, files, hold)
        : await folderBrought(order.name, { files, hold }, signal);
    if (!brought.shown.isLocked) await brought.open(new Uint8Array(), signal);
    return brought;
  } catch (thrown) {
    hold.forget();
    throw thrown;
  }
}

const NOT_OPEN = () => new AppError('NOT_NOW', { what: 'This', state: 'locked' });

/** Bytes in memory that are wiped once they are forgotten and nobody works with them. */
interface Hold {
  /** @throws {AppError} WALLET_TASK_GONE after they were forgotten */
  use<T>(work: () => Promise<T>): Promise<T>;
  forget(): void;
}

/** What is written to disk meanwhile is written whole: zeros of a wiped file would lie there as somebody's wallet. */
function holdOf(files: readonly HeldFile[]): Hold {
  let users = 0;
  let isForgotten = false;
  function wipe(): void {
    if (isForgotten && users === 0) for (const { bytes } of files) bytes.fill(0);
  }
  return {
    async use(work) {
      if (isForgotten) throw new AppError('WALLET_TASK_GONE');
      users++;
      try {
        return await work();
      } finally {
        users--;
        wipe();
      }
    },
    forget() {
      isForgotten = true;
      wipe();
    },
  };
}

function fileBrought(name: string, files: readonly HeldFile[], hold: Hold): Brought {
  const { kind, isLocked, bytes } = broughtFile(name, files[0]?.bytes ?? new Uint8Array());
  const before = { kind, name, isLocked, coldkey: null, hotkeys: 0 };
  let shown: BroughtWallet = before;
  let backup: string | null = null;
  return {
    get shown() {
      return shown;
    },
    open: (password, signal) =>
      hold.use(async () => {
        const { text, address } = await openBrought(name, bytes, password, signal);
        backup = text;
        shown = { ...before, isLocked: false, coldkey: address };
      }),
    async keep({ root, name: as, password }, signal) {
      if (backup === null) throw NOT_OPEN();
      if (!isLongEnough(password)) throw new AppError('PASSWORD_TOO_SHORT', { least: PASSWORD_CHARS_MIN });
      return createWallet(root, { name: as, backup, password }, signal);
    },
    forget() {
      backup = null;
      hold.forget();
    },
  };
}

async function folderBrought(
  name: string,
  { files, hold }: { readonly files: readonly HeldFile[]; readonly hold: Hold },
  signal: AbortSignal,
): Promise<Brought> {
  const foreign = files.find(({ path }) => !isWalletFile(path));
  if (foreign) throw new AppError('KEY_FILE_FOREIGN', { path: foreign.path });
  const wallet = await lookAtHeldFolder(name, files, signal);
  const held = heldFiles(name, files);
  const isLocked = wallet.coldkey.kind === 'locked';
  const before = { kind: 'folder', name, isLocked, coldkey: null, hotkeys: wallet.hotkeys.length } as const;
  let shown: BroughtWallet = before;
  return {
    get shown() {
      return shown;
    },
    open: (password, until) =>
      hold.use(async () => {
        const coldkey = await coldkeyOfFolder(wallet, held, isLocked ? password : null, until);
        shown = { ...before, isLocked: false, coldkey };
      }),
    keep: ({ root, name: as }) =>
      hold.use(async () => {
        if (shown.isLocked) throw NOT_OPEN();
        await placeFolder(root, as, { wallet, files: held, coldkey: shown.coldkey });
        return { coldkey: shown.coldkey, hotkey: null };
      }),
    forget: () => hold.forget(),
  };
}

/**
 * A second copy of an account under another name would only be confusing. One that is merely watched here may get its key.
 * @throws {AppError} WALLET_HAS_ADDRESS
 */
export async function demandNew(
  root: string,
  { coldkey }: BroughtWallet,
  signal: AbortSignal,
): Promise<void> {
  if (coldkey === null) return;
  const [look] = await lookAtWallets([{ kind: 'wallets', folder: root }], signal);
  const known = look?.wallets.find(
    (wallet) => wallet.coldkey.address === coldkey && ['locked', 'open'].includes(wallet.coldkey.kind),
  );
  if (known) throw new AppError('WALLET_HAS_ADDRESS', { name: known.name, folder: known.path });
}
