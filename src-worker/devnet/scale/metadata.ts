import { metadata as metadataCodec } from '@polkadot-api/substrate-bindings';
import type { AnyItem } from '../runtime/item.ts';
import type { ApiMethod, Pallet } from '../runtime/pallet.ts';
import type { Codecs } from './codecs.ts';
import { toHex } from './hex.ts';
import type { Def, Field, TypeTable } from './types.ts';

export type MetadataVersion = 14 | 15 | 16;

export interface Description {
  readonly pallets: readonly Pallet[];
  readonly apis: Readonly<Record<string, Readonly<Record<string, ApiMethod>>>>;
  readonly apiVersions: Readonly<Record<string, number>>;
  /** Name of the extension's own type, and the type of its implicit part. */
  readonly extensions: readonly (readonly [name: string, implicit: string])[];
}

const MAGIC = 0x6174656d;
const docs: string[] = [];
const NOT_DEPRECATED = { tag: 'NotDeprecated', value: undefined } as const;

/** The metadata blob of one version, made from the same table as the codecs. */
export function encodeMetadata(
  version: MetadataVersion,
  description: Description,
  table: TypeTable,
  codecs: Codecs,
): Uint8Array {
  const ids = {
    address: table.id('MultiAddress'),
    call: table.id('RuntimeCall'),
    signature: table.id('MultiSignature'),
    extra: table.id(`(${description.extensions.map(([name]) => name).join(',')})`),
    type: table.id('UncheckedExtrinsic'),
    event: table.id('RuntimeEvent'),
    error: table.id('RuntimeError'),
    record: table.id('Vec<EventRecord>'),
  };
  const signedExtensions = description.extensions.map(([identifier, implicit]) => ({
    identifier,
    type: table.id(identifier),
    additionalSigned: table.id(implicit),
  }));
  const pallets = description.pallets.map((pallet) => palletRow(pallet, version, table, codecs));
  const apis = Object.entries(description.apis).map(([name, methods]) => ({
    name,
    methods: Object.entries(methods).map(([method, { inputs, output }]) => ({
      name: method,
      inputs: Object.entries(inputs).map(([input, type]) => ({ name: input, type: table.id(type) })),
      output: table.id(output),
      docs,
      deprecationInfo: NOT_DEPRECATED,
    })),
    docs,
    version: description.apiVersions[name] ?? 1,
    deprecationInfo: NOT_DEPRECATED,
  }));
  const extrinsic = {
    version: version === 16 ? [4] : 4,
    signedExtensionsByVersion: [[0, signedExtensions.map((_extension, i) => i)]],
    signedExtensions,
    ...ids,
  };
  const outerEnums = { call: ids.call, event: ids.event, error: ids.error };
  // Rows last: everything above may still have added some.
  const lookup = table.rows.map((row, id) => ({
    id,
    path: row.path,
    params: row.params,
    def: defValue(row.def, row.path.at(-1) === 'Error'),
    docs,
  }));
  const value = { lookup, pallets, extrinsic, type: ids.type, apis, outerEnums, custom: [] };
  const encode = metadataCodec.enc as (value: unknown) => Uint8Array;
  return encode({ magicNumber: MAGIC, metadata: { tag: `v${version}`, value } });
}

function palletRow(pallet: Pallet, version: MetadataVersion, table: TypeTable, codecs: Codecs): unknown {
  const outer = (kind: string, members: object) => {
    if (Object.keys(members).length === 0) return undefined;
    const type = table.id(`${pallet.name}${kind}`);
    return version === 16 ? { type, deprecationInfo: [] } : type;
  };
  const items = Object.entries(pallet.storage).map(([name, entry]) => storageRow(name, entry, table, codecs));
  return {
    name: pallet.name,
    storage: items.length > 0 ? { prefix: pallet.name, items } : undefined,
    calls: outer('Call', pallet.calls),
    events: outer('Event', pallet.events),
    errors: outer('Error', pallet.errors),
    constants: Object.entries(pallet.constants).map(([name, [type, value]]) => ({
      name,
      type: table.id(type),
      value: toHex(codecs.of(type).enc(value)),
      docs,
      deprecationInfo: NOT_DEPRECATED,
    })),
    associatedTypes: [],
    viewFns: [],
    index: pallet.index,
    docs,
    deprecationInfo: NOT_DEPRECATED,
  };
}

function storageRow(name: string, entry: AnyItem, table: TypeTable, codecs: Codecs): unknown {
  const value = table.id(entry.value);
  const types = entry.keys.map(([type]) => type);
  const key = types.length === 1 ? (types[0] ?? '') : `(${types.join(',')})`;
  const hashers = entry.keys.map(([, hasher]) => ({ tag: hasher, value: undefined }));
  return {
    name,
    modifier: entry.fallback === null ? 0 : 1,
    type:
      types.length === 0
        ? { tag: 'plain', value }
        : { tag: 'map', value: { hashers, key: table.id(key), value } },
    fallback: entry.fallback === null ? '0x00' : toHex(codecs.of(entry.value).enc(entry.fallback)),
    docs,
    deprecationInfo: NOT_DEPRECATED,
  };
}

/** What clients print beside the name of an error: the name in words. */
const inWords = (name: string): string =>
  name
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .replaceAll(/ ([A-Z])(?=[a-z])/g, (_all, letter) => ` ${letter.toLowerCase()}`);

/** @param isError of a pallet: some clients show nothing of an error that has no words */
function defValue(def: Def, isError: boolean): unknown {
  const fields = (list: readonly Field[]) => list.map((field) => ({ ...field, docs }));
  switch (def.tag) {
    case 'primitive':
      return { tag: 'primitive', value: { tag: def.name, value: undefined } };
    case 'array':
      return { tag: 'array', value: { len: def.length, type: def.of } };
    case 'sequence':
    case 'compact':
    case 'tuple':
      return { tag: def.tag, value: def.of };
    case 'composite':
      return { tag: 'composite', value: fields(def.fields) };
    case 'variant':
      return {
        tag: 'variant',
        value: def.variants.map((row) => ({
          name: row.name,
          index: row.index,
          fields: fields(row.fields),
          docs: isError ? [inWords(row.name)] : docs,
        })),
      };
  }
}
