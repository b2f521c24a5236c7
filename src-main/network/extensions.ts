import type { PortableRegistry } from '@polkadot/types';
import { findUnknownExtensions } from '@polkadot/types/extrinsic/signedExtensions';
import { AppError } from '../../src-shared/errors/app-error.ts';
import type { Session } from './session.ts';

type TypeId = Parameters<PortableRegistry['getSiType']>[0];

/** How deep types may hold types: bounds a description that holds itself. */
const DEPTH_MAX = 16;

/**
 * What a runtime wants signed beside the call. The client library leaves out what it does not know, which is right for
 * an extension that adds no bytes, and else makes a signature over something that nobody has looked at.
 * @throws {AppError} CHAIN_CALL_UNAVAILABLE with an extension that is unknown here and carries bytes
 */
export function checkExtensions({ registry, api }: Pick<Session, 'registry' | 'api'>): void {
  const { extrinsic } = api.runtimeMetadata.asLatest;
  const unknown = new Set(findUnknownExtensions(registry.signedExtensions));
  for (const { identifier, type, implicit } of extrinsic.transactionExtensions) {
    const name = identifier.toString();
    if (!unknown.has(name) || (isEmpty(registry.lookup, type) && isEmpty(registry.lookup, implicit)))
      continue;
    throw new AppError('CHAIN_CALL_UNAVAILABLE', { call: `a signature with ${name.slice(0, 80)}` });
  }
}

/** Whether values of the type have no bytes: (), a struct of such, a tuple of such. */
export function isEmpty(lookup: Pick<PortableRegistry, 'getSiType'>, type: TypeId, depth = 0): boolean {
  if (depth > DEPTH_MAX) return false;
  const { def } = lookup.getSiType(type);
  if (def.isComposite) return def.asComposite.fields.every((field) => isEmpty(lookup, field.type, depth + 1));
  if (def.isTuple) return def.asTuple.every((member) => isEmpty(lookup, member, depth + 1));
  if (def.isArray) return def.asArray.len.isZero() || isEmpty(lookup, def.asArray.type, depth + 1);
  return false;
}
