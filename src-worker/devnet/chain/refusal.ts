/** A transaction that is not let into the pool, as JSON-RPC reports it. Texts are those of Substrate's nodes. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: number;
  readonly data: string | undefined;

  constructor(code: number, message: string, data?: string) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

const invalid = (data: string): Refusal => new Refusal(1010, 'Invalid Transaction', data);

export const refusals = {
  badSignature: () => invalid('Transaction has a bad signature'),
  outdated: () => invalid('Transaction is outdated'),
  ancientBirthBlock: () => invalid('Transaction has an ancient birth block'),
  cannotPay: () => invalid('Inability to pay some fees (e.g. account balance too low)'),
  callNotExpected: () => invalid('Transaction call is not expected'),
  malformed: (reason: string) => new Refusal(1002, 'Verification Error: Runtime error', reason),
  overIssued: () => new Refusal(-32602, 'Invalid params', 'amount in rao: more than this chain can issue'),
  notReversible: () => new Refusal(-32602, 'Invalid params', 'blocks: final, or kept on disk'),
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
