import { AppError, type CodedError, toCodedError } from '../../src-shared/errors/app-error.ts';
import type { SubnetFacts } from './chain.ts';
import type { ExpectedSubnet } from './expected-subnet.ts';

/**
 * Why a subnet is not the expected one; null where it is. Netuids change hands: a subnet of another name or owner is
 * another project, whatever its number. An owner that is not named fits any.
 * @param expected null accepts whatever is there
 */
export function identityFault(
  netuid: number,
  { isThere, name, ownerColdkey }: Pick<SubnetFacts, 'isThere' | 'name' | 'ownerColdkey'>,
  expected: ExpectedSubnet | null,
  chain: string,
): CodedError | null {
  if (!isThere) return toCodedError(new AppError('SUBNET_ABSENT', { netuid, chain }));
  if (!expected) return null;
  const nameFits = expected.name === null || expected.name === name;
  const ownerFits = expected.ownerColdkey === null || expected.ownerColdkey === ownerColdkey;
  if (nameFits && ownerFits) return null;
  return toCodedError(
    new AppError('CHAIN_IDENTITY_MISMATCH', {
      netuid,
      expected: (nameFits ? expected.ownerColdkey : expected.name) ?? '',
      found: (nameFits ? ownerColdkey : name) ?? '',
    }),
  );
}
