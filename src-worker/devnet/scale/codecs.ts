import { MAX_CALL_DEPTH } from '../limits.ts';
import { concat, fromHex, joined, toHex } from './hex.ts';
import type { Def, Field, TypeTable, VariantRow } from './types.ts';
import { compactBytes, type Reader, ScaleError, smallUintBytes, uintBytes } from './wire.ts';

/**
 * Values inside the chain: integers up to 32 bits are numbers, wider ones bigints; accounts and hashes are hex
 * strings (they serve as map keys); byte vectors are Uint8Array; a struct of one unnamed field is that field; an enum
 * is `{type, value}`, an option the value or null.
 */
// biome-ignore lint/suspicious/noExplicitAny: shapes are known from the description at run time only
export type Value = any;

export interface Codec {
  enc(value: Value): Uint8Array;
  dec(reader: Reader): Value;
}

const HEX_PATHS = new Set(['sp_core::crypto::AccountId32', 'primitive_types::H256']);
const EMPTY = new Uint8Array();

export class Codecs {
  readonly #table: TypeTable;
  readonly #known = new Map<number, Codec>();

  constructor(table: TypeTable) {
    this.#table = table;
  }

  of(expression: string): Codec {
    return this.byId(this.#table.id(expression));
  }

  byId(id: number): Codec {
    const known = this.#known.get(id);
    if (known) return known;
    // A stand-in first: types may contain themselves.
    let real: Codec | undefined;
    const standIn: Codec = { enc: (value) => real!.enc(value), dec: (reader) => real!.dec(reader) };
    this.#known.set(id, standIn);
    const row = this.#table.row(id);
    const path = row.path.join('::');
    real = HEX_PATHS.has(path) ? hexCodec : this.#build(row.def, path);
    this.#known.set(id, real);
    return real;
  }

  #build(def: Def, path: string): Codec {
    switch (def.tag) {
      case 'primitive':
        return primitive(def.name);
      case 'compact':
        return compact(this.#compactWidth(def.of));
      case 'sequence':
        if (this.#isU8(def.of)) return byteVector;
        return this.#isU16Pair(def.of) ? u16Pairs : vector(this.byId(def.of));
      case 'array':
        return this.#isU8(def.of) ? fixedBytes(def.length) : fixedArray(this.byId(def.of), def.length);
      case 'tuple':
        return tuple(def.of.map((id) => this.byId(id)));
      case 'composite':
        return this.#fields(def.fields);
      case 'variant':
        if (path === 'Option') return option(this.#optional(def.variants[1]?.fields ?? []));
        return this.#variant(def.variants, path.endsWith('RuntimeCall'));
    }
  }

  #fields(fields: readonly Field[]): Codec {
    const codecs = fields.map((field) => this.byId(field.type));
    if (fields.length === 0) return nothing;
    if (fields[0]?.name !== undefined)
      return struct(
        fields.map((field) => field.name ?? ''),
        codecs,
      );
    return codecs.length === 1 ? codecs[0]! : tuple(codecs);
  }

  /** What an option holds. An option in it stands in a list of one: null alone could not say which of them is empty. */
  #optional(fields: readonly Field[]): Codec {
    const body = this.#fields(fields);
    return this.#table.row(fields[0]?.type ?? 0).path[0] === 'Option' ? tuple([body]) : body;
  }

  #variant(rows: readonly VariantRow[], nests: boolean): Codec {
    const bodies = rows.map((row) => ({ ...row, body: this.#fields(row.fields) }));
    const byName = new Map(bodies.map((row) => [row.name, row]));
    const byIndex = new Map(bodies.map((row) => [row.index, row]));
    return {
      enc(value) {
        const row = byName.get(value.type);
        if (!row) throw new ScaleError(`unknown variant ${value.type}`);
        return concat(Uint8Array.of(row.index), row.body.enc(value.value));
      },
      dec(reader) {
        if (nests && ++reader.depth > MAX_CALL_DEPTH) throw new ScaleError('calls nested too deep');
        const row = byIndex.get(reader.u8());
        if (!row) throw new ScaleError('unknown variant');
        const value = { type: row.name, value: row.body.dec(reader) };
        if (nests) reader.depth--;
        return value;
      },
    };
  }

  #isU8(id: number): boolean {
    const { def } = this.#table.row(id);
    return def.tag === 'primitive' && def.name === 'u8';
  }

  #isU16Pair(id: number): boolean {
    const { def } = this.#table.row(id);
    if (def.tag !== 'tuple' || def.of.length !== 2) return false;
    return def.of.every((part) => {
      const { def: inner } = this.#table.row(part);
      return inner.tag === 'primitive' && inner.name === 'u16';
    });
  }

  /** Compact of a struct around one integer is compact of the integer; of nothing, nothing. */
  #compactWidth(id: number): number {
    const { def } = this.#table.row(id);
    if (def.tag === 'primitive') return WIDTHS[def.name] ?? 0;
    if (def.tag === 'composite' && def.fields[0]) return this.#compactWidth(def.fields[0].type);
    return 0;
  }
}

const WIDTHS: Record<string, number> = {
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

const nothing: Codec = { enc: () => EMPTY, dec: () => undefined };

const hexCodec: Codec = { enc: (value: string) => fromHex(value), dec: (reader) => toHex(reader.bytes(32)) };

const text: Codec = {
  enc: (value: string) => byteVector.enc(new TextEncoder().encode(value)),
  dec: (reader) => new TextDecoder().decode(byteVector.dec(reader)),
};

const bool: Codec = {
  enc: (value: boolean) => Uint8Array.of(value ? 1 : 0),
  dec(reader) {
    const byte = reader.u8();
    if (byte > 1) throw new ScaleError('not a bool');
    return byte === 1;
  },
};

const byteVector: Codec = {
  enc: (value: Uint8Array) => concat(compactBytes(BigInt(value.length)), value),
  dec: (reader) => reader.bytes(reader.length()),
};

function primitive(name: string): Codec {
  if (name === 'bool') return bool;
  if (name === 'str') return text;
  const width = WIDTHS[name] ?? 0;
  const bits = width * 8;
  if (name.startsWith('i')) {
    return {
      enc: (value: number | bigint) => uintBytes(BigInt.asUintN(bits, BigInt(value)), width),
      dec(reader) {
        const value = BigInt.asIntN(bits, reader.uint(width));
        return width > 4 ? value : Number(value);
      },
    };
  }
  if (width > 4)
    return { enc: (value: bigint) => uintBytes(value, width), dec: (reader) => reader.uint(width) };
  return {
    enc: (value: number) => smallUintBytes(value, width),
    dec: (reader) => reader.smallUint(width),
  };
}

function compact(width: number): Codec {
  if (width === 0) return nothing;
  return {
    enc: (value: number | bigint) => compactBytes(BigInt(value)),
    dec(reader) {
      const value = reader.compact();
      if (value >> BigInt(width * 8) !== 0n) throw new ScaleError('compact integer too large for its type');
      return width > 4 ? value : Number(value);
    },
  };
}

const vector = (of: Codec): Codec => ({
  enc: (values: Value[]) =>
    joined([compactBytes(BigInt(values.length)), ...values.map((value) => of.enc(value))]),
  dec: (reader) => Array.from({ length: reader.length() }, () => of.dec(reader)),
});

/** Rows of weights and bonds in one go: an epoch of a full subnet reads and writes tens of thousands of pairs. */
const u16Pairs: Codec = {
  enc(values: readonly (readonly [number, number])[]) {
    const bytes = new Uint8Array(values.length * 4);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < values.length; i++) {
      const [first = -1, second = -1] = values[i] ?? [];
      if (!isU16(first) || !isU16(second)) throw new ScaleError('integer outside 16 bits');
      view.setUint16(i * 4, first, true);
      view.setUint16(i * 4 + 2, second, true);
    }
    return concat(compactBytes(BigInt(values.length)), bytes);
  },
  dec: (reader) => Array.from({ length: reader.length() }, () => [reader.u16(), reader.u16()]),
};

const isU16 = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= 65_535;

const fixedBytes = (length: number): Codec => ({
  enc(value: Uint8Array) {
    if (value.length !== length) throw new ScaleError(`expected ${length} bytes`);
    return value;
  },
  dec: (reader) => reader.bytes(length),
});

const fixedArray = (of: Codec, length: number): Codec => ({
  enc: (values: Value[]) => joined(values.map((value) => of.enc(value))),
  dec: (reader) => Array.from({ length }, () => of.dec(reader)),
});

const tuple = (codecs: readonly Codec[]): Codec => ({
  enc: (values: Value[]) => concat(...codecs.map((codec, i) => codec.enc(values[i]))),
  dec: (reader) => codecs.map((codec) => codec.dec(reader)),
});

const struct = (names: readonly string[], codecs: readonly Codec[]): Codec => ({
  enc: (value) => concat(...codecs.map((codec, i) => codec.enc(value[names[i] ?? '']))),
  dec: (reader) => Object.fromEntries(codecs.map((codec, i) => [names[i], codec.dec(reader)])),
});

const option = (of: Codec): Codec => ({
  enc: (value) => (value === null ? Uint8Array.of(0) : concat(Uint8Array.of(1), of.enc(value))),
  dec: (reader) => (bool.dec(reader) ? of.dec(reader) : null),
});
