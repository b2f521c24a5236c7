import { ss58Parts } from './rounds/ss58.ts';
import { type Ss58, ss58 } from './units.ts';

/** Addresses of the networks that Butterfly speaks to. */
const PREFIX = 42;

/** What is wrong with an address that a person typed or pasted. */
export type AddressFault =
  | { readonly kind: 'empty' }
  /** Something stands inside that no address has: a blank, an invisible character, a line's end. */
  | { readonly kind: 'foreign-letter' }
  /** Bytes as other tools write them. They have no checksum, so that nobody could tell a mistake. */
  | { readonly kind: 'hex' }
  | { readonly kind: 'mistyped' }
  /** A right address, of an account on another network. */
  | { readonly kind: 'other-network'; readonly prefix: number };

/**
 * Reads a destination: by checksum and by network, and never converted into another. Blanks around it are a slip of
 * copying; inside it they are a fault.
 */
export function readAddress(text: string): { readonly address: Ss58 } | { readonly fault: AddressFault } {
  const typed = text.trim();
  if (typed === '') return { fault: { kind: 'empty' } };
  if (/^0x[0-9a-f]*$/i.test(typed)) return { fault: { kind: 'hex' } };
  if (!/^[0-9A-Za-z]+$/.test(typed)) return { fault: { kind: 'foreign-letter' } };
  const parts = ss58Parts(typed);
  if (!parts) return { fault: { kind: 'mistyped' } };
  if (parts.prefix !== PREFIX) return { fault: { kind: 'other-network', prefix: parts.prefix } };
  return { address: ss58(typed) };
}
