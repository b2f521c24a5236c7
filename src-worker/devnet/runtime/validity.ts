import type { Shape } from '../scale/types.ts';

/** What a pool asks of a transaction before it takes it, and what it is told. */
export const validityShapes: Readonly<Record<string, Shape>> = {
  TransactionSource: {
    path: 'sp_runtime::transaction_validity::TransactionSource',
    variants: { InBlock: 0, Local: 1, External: 2 },
  },
  ValidTransaction: {
    path: 'sp_runtime::transaction_validity::ValidTransaction',
    fields: {
      priority: 'u64 as TransactionPriority',
      requires: 'Vec<Vec<u8>> as Vec<TransactionTag>',
      provides: 'Vec<Vec<u8>> as Vec<TransactionTag>',
      longevity: 'u64 as TransactionLongevity',
      propagate: 'bool',
    },
  },
  TransactionValidityError: {
    path: 'sp_runtime::transaction_validity::TransactionValidityError',
    variants: { Invalid: [0, ['InvalidTransaction']], Unknown: [1, ['UnknownTransaction']] },
  },
  InvalidTransaction: {
    path: 'sp_runtime::transaction_validity::InvalidTransaction',
    variants: {
      Call: 0,
      Payment: 1,
      Future: 2,
      Stale: 3,
      BadProof: 4,
      AncientBirthBlock: 5,
      ExhaustsResources: 6,
      Custom: [7, ['u8']],
      BadMandatory: 8,
      MandatoryValidation: 9,
      BadSigner: 10,
      IndeterminateImplicit: 11,
      UnknownOrigin: 12,
    },
  },
  UnknownTransaction: {
    path: 'sp_runtime::transaction_validity::UnknownTransaction',
    variants: { CannotLookup: 0, NoUnsignedValidator: 1, Custom: [2, ['u8']] },
  },
};
