import { existsSync, readFileSync } from 'node:fs';
import { Metadata, TypeRegistry } from '@polkadot/types';
import { metadata as metadataCodec } from '@polkadot-api/substrate-bindings';
import { describe, expect, test } from 'vitest';
import { Runtime } from '../../../src-worker/devnet/runtime/runtime.ts';

const REAL = new URL('../../../../shared/data/subtensor-finney-393-v16.scale', import.meta.url);
const runtime = new Runtime({
  blockMs: 1_000,
  netuids: [38],
  rules: { refuseLoopbackAxons: false, beaconSecret: 38n },
});

// biome-ignore lint/suspicious/noExplicitAny: two metadata documents are compared structurally
type Any = any;
const decode = (bytes: Uint8Array): Any => metadataCodec.dec(new Uint8Array(bytes)).metadata.value;

/** What the source calls a type. A long one is broken into lines by the tool that made the file. */
const called = (typeName: string | undefined): string | undefined => typeName?.replaceAll('\n', '');

/** A type as text: paths, names, indices, primitives and how each field's type is called; outer enums left opaque. */
function structure(lookup: Any[], id: number, depth = 0): string {
  const { path, def } = lookup[id];
  const of = (inner: number) => structure(lookup, inner, depth + 1);
  if (/Runtime(Call|Event|Error)$/.test(path.at(-1) ?? '') || depth > 12) return path.at(-1) ?? '?';
  const fields = (list: Any[]) =>
    list.map(({ name, type, typeName }) => `${name ?? ''}:${of(type)} as ${called(typeName)}`).join(',');
  switch (def.tag) {
    case 'primitive':
      return def.value.tag;
    case 'compact':
      return `Compact<${of(def.value)}>`;
    case 'sequence':
      return `Vec<${of(def.value)}>`;
    case 'array':
      return `[${of(def.value.type)};${def.value.len}]`;
    case 'tuple':
      return `(${def.value.map(of).join(',')})`;
    case 'composite':
      return `${path.join('::')}{${fields(def.value)}}`;
    default:
      return `${path.join('::')}<${def.value.map((row: Any) => `${row.name}=${row.index}(${fields(row.fields)})`).join('|')}>`;
  }
}

/** Everything a document declares, as `name -> structure`. */
function declared(document: Any): Map<string, string> {
  const { lookup, pallets, apis, extrinsic } = document;
  const found = new Map<string, string>();
  const text = (id: number) => structure(lookup, id);
  for (const pallet of pallets) {
    found.set(`pallet ${pallet.name}`, String(pallet.index));
    for (const [kind, reference] of [
      ['call', pallet.calls],
      ['event', pallet.events],
      ['error', pallet.errors],
    ] as const) {
      for (const row of reference ? lookup[reference.type].def.value : []) {
        const fields = row.fields.map(
          (field: Any) => `${field.name ?? ''}:${text(field.type)} as ${called(field.typeName)}`,
        );
        found.set(`${kind} ${pallet.name}.${row.name}`, `${row.index}(${fields.join(',')})`);
      }
    }
    for (const item of pallet.storage?.items ?? []) {
      const { tag, value } = item.type;
      const shape =
        tag === 'plain'
          ? text(value)
          : `${value.hashers.map((each: Any) => each.tag)} ${text(value.key)} -> ${text(value.value)}`;
      found.set(`storage ${pallet.name}.${item.name}`, `${item.modifier} ${shape} = ${item.fallback}`);
    }
    for (const { name, type } of pallet.constants) found.set(`constant ${pallet.name}.${name}`, text(type));
  }
  for (const { name, version, methods } of apis) {
    for (const method of methods) {
      const inputs = method.inputs.map((input: Any) => `${input.name}:${text(input.type)}`);
      found.set(`api ${name}.${method.name}`, `${version} (${inputs}) -> ${text(method.output)}`);
    }
  }
  for (const { identifier, type, additionalSigned } of extrinsic.signedExtensions) {
    found.set(`extension ${identifier}`, `${text(type)} | ${text(additionalSigned)}`);
  }
  return found;
}

/** Where this chain differs from 393 on purpose. */
const WANTED: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['HotkeyLock', 'DecayingHotkeyLock', 'OwnerLock', 'DecayingOwnerLock', 'UnlockRate', 'MaturityRate'].map(
      (name) => [
        `storage SubtensorModule.${name}`,
        'newer than 393, and without it btcli 9.23 shows no metagraph',
      ],
    ),
  ),
  'api StakeInfoRuntimeApi.get_coldkey_lock': 'newer than 393, and without it btcli 9.23 lists no stake',
};

/** The members of an enum of a pallet, in the order in which they are listed. */
const members = (document: Any, pallet: string, kind: 'errors' | 'events'): string[] => {
  const { lookup, pallets } = document;
  const reference = pallets.find(({ name }: Any) => name === pallet)?.[kind];
  return reference ? lookup[reference.type].def.value.map(({ name }: Any) => name) : [];
};

describe('metadata', () => {
  test('every pallet, call, event, error, storage item, constant, API and extension stands as on mainnet 393', (context) => {
    if (!existsSync(REAL)) return context.skip('../shared/data/subtensor-finney-393-v16.scale is not here');
    const real = declared(decode(readFileSync(REAL)));
    const ours = declared(decode(runtime.metadata(16)));
    const different = [...ours].filter(([name, shape]) => real.get(name) !== shape && !(name in WANTED));
    expect(different.map(([name, shape]) => ({ name, ours: shape, real: real.get(name) }))).toEqual([]);
    expect(ours.size).toBeGreaterThan(480);
  });

  test('errors and events stand at the places they have on mainnet 393, for clients that look them up by position', (context) => {
    if (!existsSync(REAL)) return context.skip('../shared/data/subtensor-finney-393-v16.scale is not here');
    const real = decode(readFileSync(REAL));
    const ours = decode(runtime.metadata(16));
    for (const { name } of ours.pallets)
      for (const kind of ['errors', 'events'] as const)
        if (members(ours, name, kind).length > 0)
          expect([name, kind, members(ours, name, kind)]).toEqual([name, kind, members(real, name, kind)]);
  });

  test.each([14, 15, 16] as const)(
    'version %i decodes in an independent library and names every type once',
    (version) => {
      const registry = new TypeRegistry();
      const document = new Metadata(registry, runtime.metadata(version) as unknown as `0x${string}`);
      registry.setMetadata(document);
      expect(document.version).toBe(version);
      expect(document.getUniqTypes(true).length).toBeGreaterThan(20);
    },
  );

  test('the independent library encodes version 15 to the same bytes', () => {
    const registry = new TypeRegistry();
    const blob = runtime.metadata(15);
    const document = new Metadata(registry, blob as unknown as `0x${string}`);
    expect(Buffer.compare(document.toU8a(), blob)).toBe(0);
  });
});
