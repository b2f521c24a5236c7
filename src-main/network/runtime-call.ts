import { hexToU8a, u8aConcat, u8aToHex } from '@polkadot/util';
import type { Hex } from '../../src-shared/units.ts';
import type { Session } from './session.ts';
import { camelCase, decodeType, hexText, lowerFirst, parse } from './storage.ts';

interface RuntimeCall {
  readonly meta: { readonly params: readonly { readonly type: string }[]; readonly type: string };
}

/** The plain result of a runtime API method, or undefined where the metadata has none of that name. */
export async function callRuntime(
  session: Session,
  api: string,
  method: string,
  args: readonly unknown[],
  at: Hex,
  signal: AbortSignal,
): Promise<unknown> {
  const section: Record<string, unknown> | undefined = session.api.call[lowerFirst(api)];
  const meta = (section?.[camelCase(method)] as RuntimeCall | undefined)?.meta;
  if (!meta) return undefined;
  const encoded = meta.params.map(({ type }, i) =>
    session.registry.createTypeUnsafe(type, [args[i]]).toU8a(),
  );
  const params = [`${api}_${method}`, u8aToHex(u8aConcat(...encoded)), `0x${at}`];
  const answer = parse(hexText, await session.socket.request('state_call', params, signal));
  return decodeType(session, meta.type, hexToU8a(answer)).toPrimitive();
}
