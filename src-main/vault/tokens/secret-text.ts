import * as v from 'valibot';
import { type TokenKind, type TokenSecret, tokenSecret } from '../../../src-shared/contract/page/tokens.ts';

/**
 * A token as text, in a pipe or in a service's credential: one line; of a store of S3's kind the access key and the secret
 * key, a line each.
 * @returns null for what is none of that kind
 */
export function secretOfText(kind: TokenKind, text: string): TokenSecret | null {
  const lines = text
    .replace(/^\uFEFF/, '')
    .trim()
    .split(/\r?\n/);
  const [first, second] = lines.map((line) => line.trim());
  if (lines.length !== (kind === 's3' ? 2 : 1)) return null;
  const parsed = v.safeParse(tokenSecret, fieldsOf[kind](first, second));
  return parsed.success ? parsed.output : null;
}

const fieldsOf: Readonly<
  Record<TokenKind, (first: string | undefined, second: string | undefined) => object>
> = {
  hub: (token) => ({ kind: 'hub', token }),
  wandb: (apiKey) => ({ kind: 'wandb', apiKey }),
  s3: (accessKeyId, secretAccessKey) => ({ kind: 's3', accessKeyId, secretAccessKey }),
};
