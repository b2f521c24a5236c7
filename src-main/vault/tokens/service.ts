import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readError } from '../../../src-node/disk-error.ts';
import { readTextBounded } from '../../../src-node/read-bounded.ts';
import {
  TOKEN_NAME,
  type TokenKind,
  type TokenSecret,
  type TokenView,
  tokenKinds,
} from '../../../src-shared/contract/page/tokens.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { TOKEN_TEXT_BYTES_MAX, TOKENS_MAX } from '../limits.ts';
import { secretOfText } from './secret-text.ts';

/** Tokens that systemd lays before a service, each a credential `butterfly.KIND.NAME`; they are only read. */
export interface ServiceTokens {
  list(): Promise<readonly TokenView[]>;
  /** @returns null where there is none. @throws {AppError} TOKEN_INVALID, or of the disk */
  find(name: string): Promise<TokenSecret | null>;
}

interface Credential {
  readonly file: string;
  readonly kind: TokenKind;
  readonly name: string;
}

/** @param folder undefined: no service, or one without credentials */
export function serviceTokens(folder: string | undefined): ServiceTokens {
  async function credentials(): Promise<readonly Credential[]> {
    if (!folder) return [];
    const files = await readdir(folder).catch((thrown: NodeJS.ErrnoException) => {
      if (thrown.code === 'ENOENT') return [];
      throw readError(thrown, folder);
    });
    return files.flatMap(credentialOf).slice(0, TOKENS_MAX);
  }

  return {
    list: async () =>
      (await credentials()).map(({ name, kind }) => ({ name, kind, keptBy: 'service', setAtMs: null })),
    async find(name) {
      const found = (await credentials()).find((one) => one.name === name);
      if (!found || !folder) return null;
      const text = await readTextBounded(join(folder, found.file), TOKEN_TEXT_BYTES_MAX);
      const secret = text ? secretOfText(found.kind, text) : null;
      if (!secret) throw new AppError('TOKEN_INVALID', { kind: found.kind });
      return secret;
    },
  };
}

function credentialOf(file: string): readonly Credential[] {
  const [, of, name = ''] = /^butterfly\.([a-z0-9]+)\.([a-z0-9-]+)$/.exec(file) ?? [];
  const kind = tokenKinds.find((one) => one === of);
  return kind && TOKEN_NAME.test(name) ? [{ file, kind, name }] : [];
}
