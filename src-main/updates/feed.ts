import * as v from 'valibot';
import { verifyEd25519 } from '../../src-node/ed25519.ts';
import { count } from '../../src-shared/contract/fields.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import type { Hex } from '../../src-shared/units.ts';
import { NOTES_CHARS_MAX, RELEASE_BYTES_MAX } from './limits.ts';
import { VERSION } from './version-order.ts';

/** What the signature stands under besides the text, so that it can be taken for nothing else. */
const SIGNED_AS = 'butterfly release feed 1\n';

/** The installations that fetch a file, by system, processor and form. */
export const releaseTargets = [
  'linux-x64-appimage',
  'linux-arm64-appimage',
  'win32-x64-nsis',
  'darwin-x64-zip',
  'darwin-arm64-zip',
] as const;
export type ReleaseTarget = (typeof releaseTargets)[number];

/** A plain name, beside the list: no path, nothing hidden. */
const fileName = v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9 ._+-]{0,127}$/));
const fileSchema = v.object({
  name: fileName,
  bytes: v.pipe(count, v.minValue(1), v.maxValue(RELEASE_BYTES_MAX)),
  sha512: v.pipe(v.string(), v.regex(/^[0-9a-f]{128}$/)),
});
export type ReleaseFile = v.InferOutput<typeof fileSchema>;
const version = v.pipe(v.string(), v.regex(VERSION));

/** Fields and targets of later lists are passed over. */
const releaseSchema = v.object({
  /** Grows with each list: a smaller one than was seen is a replay. */
  serial: count,
  publishedAtMs: count,
  /** From then on the list says nothing any more: who holds newer ones back is noticed. */
  expiresAtMs: count,
  version,
  /** The oldest version that can be led to this one by itself. */
  least: version,
  /** Of all installations, the share that it is offered to by now. */
  percent: v.pipe(v.number(), v.minValue(0), v.maxValue(100)),
  notes: v.pipe(v.string(), v.maxLength(NOTES_CHARS_MAX)),
  files: v.record(v.pipe(v.string(), v.maxLength(64)), fileSchema),
});
export type Release = v.InferOutput<typeof releaseSchema>;

const envelopeSchema = v.object({
  release: v.string(),
  signature: v.pipe(v.string(), v.regex(/^[0-9a-f]{128}$/)),
});

/** What is signed for a release. */
export const signedBytes = (release: string): Uint8Array => new TextEncoder().encode(SIGNED_AS + release);

/**
 * The release in a list, once its signature was found good: nothing inside is looked at before.
 * @param text JSON `{ release, signature }`; `release` is JSON itself, and the very text that was signed
 * @param key raw Ed25519 public key
 * @throws {AppError} UPDATE_FEED_MALFORMED, UPDATE_FEED_FORGED
 */
export function readFeed(text: string, key: Hex): Release {
  const envelope = v.safeParse(envelopeSchema, parsed(text));
  if (!envelope.success) throw new AppError('UPDATE_FEED_MALFORMED');
  const { release, signature } = envelope.output;
  const raw = (digits: string) => new Uint8Array(Buffer.from(digits, 'hex'));
  if (!verifyEd25519(signedBytes(release), raw(signature), raw(key)))
    throw new AppError('UPDATE_FEED_FORGED');
  const found = v.safeParse(releaseSchema, parsed(release));
  if (!found.success) throw new AppError('UPDATE_FEED_MALFORMED');
  return found.output;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
