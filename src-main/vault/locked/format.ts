/** How a key file is locked with a password: by today's wallets, and by those of two generations before. */
export type LockFormat = 'nacl' | 'fernet' | 'ansible';

/** What the file of each begins with. */
const MARKS: Readonly<Record<LockFormat, string>> = {
  nacl: '$NACL',
  fernet: 'gAAAAA',
  ansible: '$ANSIBLE_VAULT',
};

/** @returns null for a file that is not locked in any way that is known */
export function lockFormatOf(bytes: Uint8Array): LockFormat | null {
  const head = Buffer.from(bytes.subarray(0, 16)).toString('latin1');
  return (Object.keys(MARKS) as LockFormat[]).find((format) => head.startsWith(MARKS[format])) ?? null;
}

/** Why a locked file did not open. With another password it may, where it is not damaged. */
export type LockFault = 'password' | 'damaged';

export class LockError extends Error {
  override readonly name = 'LockError';
  readonly fault: LockFault;

  constructor(fault: LockFault) {
    super(fault);
    this.fault = fault;
  }
}
