import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { diskError, readError } from '../../../src-node/disk-error.ts';
import { syncFolder } from '../../../src-node/durable.ts';
import { durableJson } from '../../../src-node/durable-json.ts';
import { turns } from '../../../src-node/turns.ts';
import { count } from '../../../src-shared/contract/fields.ts';
import {
  TOKEN_NAME,
  type TokenSecret,
  type TokenView,
  tokenKind,
} from '../../../src-shared/contract/page/tokens.ts';
import { AppError, type CodedError } from '../../../src-shared/errors/app-error.ts';
import { KEYCHAIN_LIMIT_MS, TOKENS_MAX } from '../limits.ts';
import { type FindKeychain, type KeychainPlace, unwrap, wrap, wrappedSecret } from './wrapped.ts';

const ENDING = '.json';
const fileSchema = v.object({ kind: tokenKind, setAtMs: count, wrapped: wrappedSecret });
type TokenFile = v.InferOutput<typeof fileSchema>;

export interface FilePlaces {
  readonly dataDir: string;
  /** The system's keychain, asked for when it is needed first; left out: there is none. */
  readonly keychain?: FindKeychain;
  readonly keychainLimitMs?: number;
  /** Ends every wait for it. */
  readonly signal: AbortSignal;
  now(): number;
  /** A file that was damaged lies aside now. */
  told(error: CodedError): void;
}

export interface TokenFiles {
  list(): Promise<readonly TokenView[]>;
  /** @returns null where there is none. @throws {AppError} TOKEN_LOCKED, or of the disk */
  read(name: string): Promise<TokenSecret | null>;
  /** @throws {AppError} TOKEN_NAME_INVALID, TOKENS_FULL, KEYCHAIN_REFUSED, or of the disk */
  write(name: string, secret: TokenSecret): Promise<void>;
  /** @returns false where there was none */
  remove(name: string): Promise<boolean>;
}

/**
 * The tokens of a data folder, a file each: a host and a terminal change them side by side, each file whole or not at
 * all, and neither takes back what the other did to another one.
 */
export function tokenFiles({
  dataDir,
  keychain,
  keychainLimitMs = KEYCHAIN_LIMIT_MS,
  now,
  told,
  signal,
}: FilePlaces): TokenFiles {
  const folder = join(dataDir, 'vault', 'tokens');
  const place: KeychainPlace = { find: keychain, limitMs: keychainLimitMs, signal };
  /** Changes of tokens, in the order of their calls. */
  const settingInTurn = turns();
  /** Looks at files, and changes of them: never behind a keychain, which may wait for its user. */
  const inTurn = turns();
  const fileOf = (name: string) =>
    durableJson({ path: join(folder, `${name}${ENDING}`), schema: fileSchema, told });

  async function entries(): Promise<readonly string[]> {
    return readdir(folder).catch((thrown: NodeJS.ErrnoException) => {
      if (thrown.code === 'ENOENT') return [];
      throw readError(thrown, folder);
    });
  }

  async function names(): Promise<readonly string[]> {
    return (await entries())
      .flatMap((name) => (name.endsWith(ENDING) ? [name.slice(0, -ENDING.length)] : []))
      .filter((name) => TOKEN_NAME.test(name))
      .slice(0, TOKENS_MAX);
  }

  async function list(): Promise<readonly TokenView[]> {
    const found: TokenView[] = [];
    for (const name of await names()) {
      const file = await fileOf(name).read();
      if (file) found.push({ name, kind: file.kind, keptBy: file.wrapped.by, setAtMs: file.setAtMs });
    }
    return found;
  }

  async function read(name: string): Promise<TokenSecret | null> {
    const file = TOKEN_NAME.test(name) ? await inTurn(() => fileOf(name).read()) : null;
    if (!file) return null;
    const opened = await unwrap(file.wrapped, place);
    if (opened?.secret.kind !== file.kind) throw new AppError('TOKEN_LOCKED', { name });
    // The key that it was locked by will be gone one day.
    if (opened.isStale) await lockAnew(name, file, opened.secret);
    return opened.secret;
  }

  /**
   * It opens still, so a keychain or a disk that refuses only puts it off. Another one that was set meanwhile is not
   * undone.
   */
  async function lockAnew(name: string, file: TokenFile, secret: TokenSecret): Promise<void> {
    const wrapped = await wrap(secret, place).catch(() => null);
    if (wrapped?.by !== 'keychain') return;
    await inTurn(async () => {
      if (await isStill(name, file)) await fileOf(name).write({ ...file, wrapped });
    }).catch(() => undefined);
  }

  async function isStill(name: string, { wrapped }: TokenFile): Promise<boolean> {
    return JSON.stringify((await fileOf(name).peek())?.wrapped) === JSON.stringify(wrapped);
  }

  async function write(name: string, secret: TokenSecret): Promise<void> {
    if (!TOKEN_NAME.test(name)) throw new AppError('TOKEN_NAME_INVALID', { name });
    await inTurn(() => demandRoom(name));
    const wrapped = await wrap(secret, place);
    await inTurn(async () => {
      await mkdir(folder, { recursive: true, mode: 0o700 }).catch((thrown: unknown) => {
        throw diskError(thrown, folder);
      });
      const file = fileOf(name);
      // A damaged one goes aside before its name is written to.
      await file.read();
      await file.write({ kind: secret.kind, setAtMs: now(), wrapped });
    });
  }

  /** @throws {AppError} TOKENS_FULL */
  async function demandRoom(name: string): Promise<void> {
    const taken = await names();
    if (!taken.includes(name) && taken.length >= TOKENS_MAX)
      throw new AppError('TOKENS_FULL', { most: TOKENS_MAX });
  }

  /** With what a crash or damage left of it: a secret stands in that too. */
  async function remove(name: string): Promise<boolean> {
    if (!TOKEN_NAME.test(name)) return false;
    const own = `${name}${ENDING}`;
    const found = (await entries()).filter((entry) => entry === own || entry.startsWith(`${own}.`));
    if (found.length === 0) return false;
    try {
      for (const entry of found) await rm(join(folder, entry), { force: true });
      await syncFolder(folder);
    } catch (thrown) {
      throw diskError(thrown, folder);
    }
    return true;
  }

  return {
    list: () => inTurn(list),
    read,
    write: (name, secret) => settingInTurn(() => write(name, secret)),
    remove: (name) => settingInTurn(() => inTurn(() => remove(name))),
  };
}
