/** Lower-case hex with `0x`, as JSON-RPC writes bytes. */
export type HexString = `0x${string}`;

/** Some clients leave out the `0x`, and real nodes take it so. */
const HEX = /^(?:0x)?(?:[0-9a-fA-F]{2})*$/;

export const toHex = (bytes: Uint8Array): HexString =>
  `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`;

/** Bytes of hex that is known to be well formed (our own keys and values). */
export const fromHex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.slice(2), 'hex'));

/** Bytes of hex from outside, or null when it is not hex of whole bytes or longer than allowed. */
export function parseHex(text: unknown, maxBytes: number): Uint8Array | null {
  if (typeof text !== 'string' || text.length > 2 + 2 * maxBytes || !HEX.test(text)) return null;
  return fromHex(text.startsWith('0x') ? text : `0x${text}`);
}

export const concat = (...parts: Uint8Array[]): Uint8Array => joined(parts);

/** The same for however many: arguments of a call lie on the stack, which ends at some hundred thousand. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
