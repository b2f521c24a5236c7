import { metadata as metadataCodec } from '@polkadot-api/substrate-bindings';
import fc from 'fast-check';
import { compactBytes, uintBytes } from '../../../src-worker/devnet/scale/wire.ts';
import { alice, bob, NETUID, owner, ownerHotkey } from './genesis.ts';

// biome-ignore lint/suspicious/noExplicitAny: types are known at run time only
type Any = any;
type Bytes = fc.Arbitrary<readonly number[]>;

const people = [owner, ownerHotkey, alice, bob];
const account = fc.constantFrom(...people.map(({ publicKey }) => [...publicKey]));
/** `System.remark`, and a batch of one: what calls hold here. */
const heldCall = fc.constantFrom([0, 0, 4, 38], [11, 0, 4, 0, 0, 0]);

/** Numbers as arguments mostly are: small ones, the one subnet, a TAO, the largest. */
const number = (width: number) =>
  fc
    .oneof(
      fc.constantFrom(0n, 1n, 2n, 4n, BigInt(NETUID), 10n ** 9n, 2n ** BigInt(8 * width) - 1n),
      fc.bigInt({ min: 0n, max: 2n ** BigInt(8 * width) - 1n }),
    )
    .map((value) => BigInt.asUintN(8 * width, value));

const WIDTHS: Readonly<Record<string, number>> = {
  u8: 1,
  u16: 2,
  u32: 4,
  u64: 8,
  u128: 16,
  i16: 2,
  i32: 4,
  i64: 8,
  i128: 16,
};
const joined = (parts: readonly Bytes[]): Bytes => fc.tuple(...parts).map((bytes) => bytes.flat());

/** SCALE bytes that are arguments of each call of a document, good ones and absurd ones. */
export function callArguments(
  blob: Uint8Array,
): (readonly [name: string, head: readonly number[], tail: Bytes])[] {
  const document: Any = metadataCodec.dec(new Uint8Array(blob)).metadata.value;
  const { lookup, pallets } = document;
  const of = (id: number): Bytes => {
    const { path, def } = lookup[id];
    const last: string = path.at(-1) ?? '';
    if (last === 'AccountId32') return account;
    if (last === 'RuntimeCall') return heldCall;
    switch (def.tag) {
      case 'primitive':
        return def.value.tag === 'bool'
          ? fc.constantFrom([0], [1])
          : number(WIDTHS[def.value.tag] ?? 1).map((value) => [
              ...uintBytes(value, WIDTHS[def.value.tag] ?? 1),
            ]);
      case 'compact':
        return compact(def.value);
      case 'sequence':
        return fc
          .array(of(def.value), { maxLength: 4 })
          .map((items) => [...compactBytes(BigInt(items.length)), ...items.flat()]);
      case 'array':
        return joined(Array.from({ length: def.value.len }, () => of(def.value.type)));
      case 'tuple':
        return joined(def.value.map(of));
      case 'composite':
        return joined(def.value.map(({ type }: Any) => of(type)));
      default:
        return fc.oneof<Bytes[]>(
          ...def.value
            .slice(0, 40)
            .map(({ index, fields }: Any) =>
              joined([fc.constant([index]), ...fields.map(({ type }: Any) => of(type))]),
            ),
        );
    }
  };
  const compact = (id: number): Bytes => {
    const { def } = lookup[id];
    if (def.tag === 'tuple') return fc.constant([]);
    if (def.tag === 'composite') return compact(def.value[0].type);
    return number(WIDTHS[def.value.tag] ?? 1).map((value) => [...compactBytes(value)]);
  };
  return pallets.flatMap(({ name, index, calls }: Any) =>
    (calls ? lookup[calls.type].def.value : []).map((row: Any) => [
      `${name}.${row.name}`,
      [index, row.index],
      joined(row.fields.map(({ type }: Any) => of(type))),
    ]),
  );
}
