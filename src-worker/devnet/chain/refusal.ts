import type { Release } from '../runtime/release.ts';

/** A transaction that is not let into the pool, as JSON-RPC reports it. Texts are those of Substrate's nodes. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: number;
  readonly data: string | undefined;
  /** How the runtime's own enum of invalid transactions calls it; null for what only the pool can say. */
  readonly validity: Validity | null;

  constructor(code: number, message: string, data?: string, validity: Validity | null = null) {
    super(message);
    this.code = code;
    this.data = data;
    this.validity = validity;
  }
}

export type Validity = 'Call' | 'Payment' | 'Stale' | 'BadProof' | 'AncientBirthBlock' | 'ExhaustsResources';

const invalid = (data: string, validity: Validity): Refusal =>
  new Refusal(1010, 'Invalid Transaction', data, validity);

export const refusals = {
  badSignature: () => invalid('Transaction has a bad signature', 'BadProof'),
  outdated: () => invalid('Transaction is outdated', 'Stale'),
  ancientBirthBlock: () => invalid('Transaction has an ancient birth block', 'AncientBirthBlock'),
  cannotPay: () => invalid('Inability to pay some fees (e.g. account balance too low)', 'Payment'),
  callNotExpected: () => invalid('Transaction call is not expected', 'Call'),
  exhausts: () => invalid('Transaction would exhaust the block limits', 'ExhaustsResources'),
  malformed: (reason: string) => new Refusal(1002, 'Verification Error: Runtime error', reason),
  overIssued: () => new Refusal(-32602, 'Invalid params', 'amount in rao: more than this chain can issue'),
  notReversible: () => new Refusal(-32602, 'Invalid params', 'blocks: none, final, or more than are kept'),
  noSubnet: () => new Refusal(-32602, 'Invalid params', 'netuid: there is no such subnet'),
  noUpgrade: (releases: readonly Release[], now: Release) => {
    const newer = releases.filter(({ specVersion }) => specVersion > now.specVersion);
    const known = newer.map(({ specVersion }) => specVersion).join(', ') || 'there is none';
    return new Refusal(-32602, 'Invalid params', `spec version: newer than ${now.specVersion}: ${known}`);
  },
  tooManyFundings: () => new Refusal(-32099, 'Too many fundings wait for the next block'),
  alreadyImported: () => new Refusal(1013, 'Transaction Already Imported'),
  priorityTooLow: () =>
    new Refusal(
      1014,
      'Priority is too low',
      'The transaction has too low priority to replace another transaction already in the pool.',
    ),
  poolFull: () =>
    new Refusal(1016, 'Immediately Dropped', "The transaction couldn't enter the pool because of the limit"),
} as const;
