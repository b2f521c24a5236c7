import { mnemonicToEntropy, sr25519PairFromSeed } from '@polkadot/util-crypto';

/** Something that must not leave the vault, and every shape in which it could. */
export interface Secret {
  readonly name: string;
  readonly forms: readonly Buffer[];
}

/** A vault's account file: its phrase (also half of it), entropy, mini-secret and expanded key. */
export function accountSecrets(name: string, file: { secretPhrase: string; secretSeed: string }): Secret[] {
  const words = file.secretPhrase.split(' ');
  const halves = [words.slice(0, words.length / 2), words.slice(words.length / 2)];
  const seed = Buffer.from(file.secretSeed.slice(2), 'hex');
  const { secretKey } = sr25519PairFromSeed(new Uint8Array(seed));
  return [
    {
      name: `phrase of ${name}`,
      forms: halves.flatMap((half) => [' ', '","', ','].map((between) => Buffer.from(half.join(between)))),
    },
    { name: `entropy of ${name}`, forms: formsOf(mnemonicToEntropy(file.secretPhrase)) },
    { name: `mini-secret of ${name}`, forms: formsOf(seed) },
    // Scalar and nonce of the expanded key: each gives the key away.
    { name: `private key of ${name}`, forms: formsOf(secretKey.subarray(0, 32)) },
    { name: `nonce of ${name}`, forms: formsOf(secretKey.subarray(32, 64)) },
  ];
}

/** Raw, hex, base64 wherever it may begin in a longer text, and as numbers in a list or an object. */
export function formsOf(bytes: Uint8Array): Buffer[] {
  const raw = Buffer.from(bytes);
  const hex = raw.toString('hex');
  const numbers = [...bytes];
  const texts = [
    hex,
    hex.toUpperCase(),
    ...alignedBase64(raw),
    ...alignedBase64(raw).map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
    numbers.join(','),
    numbers.join(', '),
    numbers.map((byte, at) => `"${at}":${byte}`).join(','),
  ];
  return [raw, ...texts.map((text) => Buffer.from(text))];
}

/** The part of the base64 text that does not hang on what stands before and after, for each of three beginnings. */
function alignedBase64(bytes: Buffer): string[] {
  return [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replaceAll('=', '');
    const whole = Math.floor(((before + bytes.length) * 8) / 6);
    return text.slice(Math.ceil((before * 8) / 6), whole);
  });
}

/** Names of the secrets that stand in there in any shape. */
export const foundIn = (haystack: Buffer, secrets: readonly Secret[]): string[] =>
  secrets.filter(({ forms }) => forms.some((form) => haystack.includes(form))).map(({ name }) => name);
