/** The file of a coldkey can be tried at leisure by who has copied it: a shorter password is none. */
export const PASSWORD_CHARS_MIN = 8;
/** Longer than anything that is typed or kept in a password store. */
export const PASSWORD_BYTES_MAX = 4_096;
/** 24 words, or a seed, with any spacing. */
export const BACKUP_BYTES_MAX = 4_096;

/** How long a password would stand against somebody who has the file, in words alone. */
export type PasswordStrength = 'too-short' | 'weak' | 'fair' | 'strong';

/** What lists of leaked passwords begin with, and what keyboards have in a row. */
const WORN =
  /pass|word|qwert|asdf|zxcv|letmein|welcome|admin|login|iloveyou|monkey|dragon|bitcoin|bittensor|butterfly|crypto|0123|1234|2345|3456|4567|5678|6789|9876|8765|4321|abcd|1111|0000/gi;
const KINDS = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^a-zA-Z0-9]/];
const KIND_SIZES = [26, 26, 10, 33];
const FAIR_BITS = 48;
const STRONG_BITS = 72;

/**
 * A rough measure, on the safe side: worn pieces and repeated characters count as one character each. It bars nothing but
 * what is too short.
 */
export function passwordStrength(password: string): PasswordStrength {
  const chars = Array.from(password).length;
  if (chars < PASSWORD_CHARS_MIN) return 'too-short';
  const left = Array.from(password.replace(WORN, 'x').replace(/(.)\1+/gu, '$1')).length;
  const alphabet = KINDS.reduce(
    (sum, kind, at) => sum + (kind.test(password) ? (KIND_SIZES[at] ?? 0) : 0),
    0,
  );
  const bits = left * Math.log2(alphabet);
  if (bits < FAIR_BITS) return 'weak';
  return bits < STRONG_BITS ? 'fair' : 'strong';
}

/** Whether a new password is long enough, by its bytes in UTF-8. */
export const isLongEnough = (password: Uint8Array): boolean =>
  Array.from(new TextDecoder().decode(password)).length >= PASSWORD_CHARS_MIN;
