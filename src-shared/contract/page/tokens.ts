import * as v from 'valibot';

/**
 * Work secrets that people have from services: a token of the Hugging Face Hub, a key of Weights & Biases, the two keys of
 * an S3-compatible store. They cross from a page to the host once, when they are set, and never back.
 */
export const tokenKinds = ['hub', 'wandb', 's3'] as const;
export type TokenKind = (typeof tokenKinds)[number];

/** Longest secret of a service: tokens of single sign-on have some thousand letters, all others below 200. */
export const TOKEN_CHARS_MAX = 4_096;

/** How a token is named here; the name becomes that of a file. */
export const TOKEN_NAME = /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/;

/** Visible ASCII alone: whatever else a token held would end a header of a request. */
const secretText = v.pipe(v.string(), v.regex(/^[\x21-\x7e]+$/), v.maxLength(TOKEN_CHARS_MAX));

export const tokenName = v.pipe(v.string(), v.regex(TOKEN_NAME));
export const tokenKind = v.picklist(tokenKinds);
export const tokenSecret = v.variant('kind', [
  v.strictObject({ kind: v.literal('hub'), token: secretText }),
  v.strictObject({ kind: v.literal('wandb'), apiKey: secretText }),
  v.strictObject({ kind: v.literal('s3'), accessKeyId: secretText, secretAccessKey: secretText }),
]);

/** What a service knows somebody by. Never to be logged, shown, or kept but by the vault. */
export type TokenSecret = v.InferOutput<typeof tokenSecret>;
export type SecretOf<K extends TokenKind> = Extract<TokenSecret, { kind: K }>;

/** Where a token is kept: in a file that only this user may read, there and locked by the system's keychain, or outside. */
export type TokenKeeping = 'file' | 'keychain' | 'service';

/** All that is ever said of a token. */
export interface TokenView {
  readonly name: string;
  readonly kind: TokenKind;
  /** 'service': systemd hands it to the service at its start (LoadCredential), so it is changed there. */
  readonly keptBy: TokenKeeping;
  /** null for one of a service. */
  readonly setAtMs: number | null;
}
