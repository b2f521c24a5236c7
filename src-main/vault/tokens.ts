import type { SecretOf, TokenKind, TokenSecret, TokenView } from '../../src-shared/contract/page/tokens.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { type FilePlaces, tokenFiles } from './tokens/files.ts';
import { serviceTokens } from './tokens/service.ts';

/**
 * Work secrets that people have from services: the token of the Hugging Face Hub, the key of Weights & Biases, the keys
 * of an S3-compatible store, each by a name of its own (`hub`, `wandb`, `s3` where somebody has one of each). Each lies in
 * a file of mode 0600 below the data folder, locked by the system's keychain where the shell has one; or systemd hands it
 * to the service. Only `reveal` gives a value, to the host alone, which hands it to the child that needs it for one job.
 * Nothing is kept in memory in between, so what a terminal changes holds at the next job.
 */
export interface Tokens {
  /** By name: what there is, and never a letter of it. @throws {AppError} of the disk */
  list(): Promise<readonly TokenView[]>;
  /**
   * Keeps a token under this name, in the place of the one that had it.
   * @throws {AppError} TOKEN_NAME_INVALID, TOKEN_OF_SERVICE, TOKENS_FULL, KEYCHAIN_REFUSED, or of the disk; then the one
   * before stays
   */
  set(name: string, secret: TokenSecret): Promise<void>;
  /**
   * Whether the token opens here, without its value. Whether the service takes it, only the service knows.
   * @throws {AppError} as `reveal`
   */
  test(name: string): Promise<void>;
  /** @throws {AppError} TOKEN_UNKNOWN, TOKEN_OF_SERVICE, or of the disk */
  forget(name: string): Promise<void>;
  /**
   * The value, for one job. Not to be kept, logged, or sent to anybody but the child that does the job.
   * @param kind what it has to be: a Hub's token is not sent to somebody else by a name that was mistaken
   * @throws {AppError} TOKEN_UNKNOWN where there is none of this name and kind, TOKEN_LOCKED where the keychain that
   * locked it is not here (its file stays), or of the disk
   */
  reveal<K extends TokenKind>(name: string, kind: K): Promise<SecretOf<K>>;
}

export interface TokenPlaces extends FilePlaces {
  /** Where systemd lays the credentials of a service (`$CREDENTIALS_DIRECTORY`); undefined: it is none. */
  readonly credentialsDir: string | undefined;
}

export function openTokens(places: TokenPlaces): Tokens {
  const files = tokenFiles(places);
  const ofService = serviceTokens(places.credentialsDir);

  /** @throws {AppError} TOKEN_OF_SERVICE */
  async function demandOwn(name: string): Promise<void> {
    if (await ofService.find(name)) throw new AppError('TOKEN_OF_SERVICE', { name });
  }

  /** What a service was given counts, whatever lies in a file of that name. */
  async function secretOf(name: string): Promise<TokenSecret> {
    const secret = (await ofService.find(name)) ?? (await files.read(name));
    if (!secret) throw new AppError('TOKEN_UNKNOWN', { name });
    return secret;
  }

  return {
    async list() {
      const given = await ofService.list();
      const own = (await files.list()).filter(({ name }) => !given.some((one) => one.name === name));
      return [...given, ...own].toSorted((a, b) => (a.name < b.name ? -1 : 1));
    },
    async set(name, secret) {
      await demandOwn(name);
      await files.write(name, secret);
    },
    async test(name) {
      await secretOf(name);
    },
    async forget(name) {
      await demandOwn(name);
      if (!(await files.remove(name))) throw new AppError('TOKEN_UNKNOWN', { name });
    },
    async reveal(name, kind) {
      const secret = await secretOf(name);
      if (secret.kind !== kind) throw new AppError('TOKEN_UNKNOWN', { name });
      return secret as SecretOf<typeof kind>;
    },
  };
}
