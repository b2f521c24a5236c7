import { blake2b } from '@noble/hashes/blake2.js';
import { Codecs, type Value } from '../scale/codecs.ts';
import { concat, toHex } from '../scale/hex.ts';
import { type Description, encodeMetadata, type MetadataVersion } from '../scale/metadata.ts';
import { type Shape, TypeTable } from '../scale/types.ts';
import { compactBytes, Reader } from '../scale/wire.ts';
import { adminOf, adminShapes } from './admin/admin.ts';
import type { ApiState } from './apis/state.ts';
import { apiMethods, apiShapes, stateCalls } from './apis.ts';
import { aura, auraShapes, slotMs } from './aura.ts';
import { balances, balancesShapes } from './balances.ts';
import { commitments, commitmentsShapes } from './commitments.ts';
import { drand, drandShapes } from './drand.ts';
import { dispatchError, type Failure } from './failure.ts';
import { feesShapes, transactionPayment } from './fees.ts';
import { multisig, multisigShapes } from './multisig.ts';
import type { Call, CallRule, Pallet, Rules } from './pallet.ts';
import { proxyPallet } from './proxy/proxy.ts';
import { proxyShapes } from './proxy/storage.ts';
import { quietPallets, quietShapes } from './quiet.ts';
import { type Release, release393 } from './release.ts';
import { commonShapes, signedExtensions } from './shapes.ts';
import { Layout, type RawState, Store } from './store.ts';
import { renamedErrors } from './subtensor/errors-425.ts';
import { netuidsOf } from './subtensor/networks.ts';
import { ROOT_NETUID, subtensorShapes } from './subtensor/storage.ts';
import { goneFrom, subtensorOf } from './subtensor/subtensor.ts';
import { system, systemShapes, systemStorage } from './system.ts';
import { timestampPallet } from './timestamp.ts';
import { utility } from './utility.ts';
import { validityShapes } from './validity.ts';
import { apiVersions, type RuntimeVersion, runtimeVersion } from './version.ts';

export interface RuntimeConfig {
  readonly blockMs: number;
  readonly netuids: readonly number[];
  readonly rules: Rules;
}

/**
 * The state transition rules of one release with everything that follows from their description: types, codecs, keys,
 * metadata.
 */
export class Runtime {
  readonly config: RuntimeConfig;
  readonly release: Release;
  readonly pallets: readonly Pallet[];
  readonly codecs: Codecs;
  readonly #table: TypeTable;
  readonly #layout: Layout;
  readonly #apis: ReturnType<typeof apiMethods>;
  readonly #metadata = new Map<number, Uint8Array>();
  #code: Uint8Array | undefined;

  constructor(config: RuntimeConfig, release: Release = release393) {
    this.config = config;
    this.release = release;
    this.pallets = [
      system(this.version),
      timestampPallet(config.blockMs),
      aura(config.blockMs),
      balances,
      transactionPayment,
      subtensorOf(release),
      utility,
      multisig,
      proxyPallet,
      commitments,
      adminOf(release),
      drand,
      ...quietPallets,
    ];
    this.#table = new TypeTable(allShapes(this.pallets));
    this.codecs = new Codecs(this.#table);
    this.#apis = apiMethods(release);
    const gone = { name: 'SubtensorModule', storage: goneFrom(release) };
    this.#layout = new Layout([...this.pallets, gone], this.codecs);
    this.metadata(16);
  }

  get version(): RuntimeVersion {
    return runtimeVersion(this.release);
  }

  store(raw: RawState): Store {
    return new Store(this.#layout, raw);
  }

  metadata(version: MetadataVersion): Uint8Array {
    const known = this.#metadata.get(version);
    if (known) return known;
    const description: Description = {
      pallets: this.pallets,
      apis: this.#apis,
      apiVersions: apiVersions(this.release),
      extensions: signedExtensions,
    };
    const blob = encodeMetadata(version, description, this.#table, this.codecs);
    this.#metadata.set(version, blob);
    return blob;
  }

  /**
   * What stands where other chains keep their WebAssembly. Clients ask for its digest alone, to know whether the
   * metadata that they have kept is still right: so it names that.
   */
  get code(): Uint8Array {
    this.#code ??= this.#codeInWords();
    return this.#code;
  }

  #codeInWords(): Uint8Array {
    const digest = toHex(blake2b(this.metadata(16), { dkLen: 32 }));
    return new TextEncoder().encode(
      `Butterfly practice chain, spec ${this.release.specVersion}. Its rules are no WebAssembly. Metadata ${digest}`,
    );
  }

  rule(call: Call): CallRule {
    const rule = this.pallets.find(({ name }) => name === call.type)?.calls[call.value.type];
    if (!rule) throw new RangeError('a decoded call has a rule');
    return rule;
  }

  #held(call: Call): readonly Call[] {
    return this.rule(call).holds?.(call.value.value) ?? [];
  }

  /** What a call is charged for, with what it holds. */
  refTime(call: Call): bigint {
    const { refTime, sparesFree } = this.rule(call);
    const charged = this.#held(call).filter((each) => !sparesFree || this.pays(each));
    return charged.reduce((sum, each) => sum + this.refTime(each), BigInt(refTime));
  }

  /** The work of a call and of all that it holds, in calls. */
  callCount(call: Call): number {
    const own = Math.max(1, this.rule(call).counts?.(call.value.value) ?? 1);
    return this.#held(call).reduce((sum, each) => sum + this.callCount(each), own);
  }

  pays(call: Call): boolean {
    const { pays } = this.rule(call);
    return pays === 'asHeld' ? this.#held(call).some((each) => this.pays(each)) : pays;
  }

  dispatchError(failure: Failure): Value {
    return dispatchError(failure, (name, error) => {
      const pallet = this.pallets.find((each) => each.name === name);
      const index = pallet?.errors[error] ?? pallet?.errors[renamedErrors[error] ?? ''];
      if (!pallet || index === undefined)
        throw new RangeError(`no error ${name}.${error} at ${this.release.specVersion}`);
      return [pallet.index, index];
    });
  }

  /** Answers an API that needs state only. @returns null when there is no such API. @throws {ScaleError} */
  stateCall(name: string, args: Uint8Array, store: Store): Uint8Array | null {
    if (name === 'Core_version') return this.codecs.of('RuntimeVersion').enc(this.version);
    if (name === 'AuraApi_slot_duration')
      return this.codecs.of('SlotDuration').enc(slotMs(this.config.blockMs));
    if (name.startsWith('Metadata_')) return this.#metadataCall(name, args);
    const run = Object.hasOwn(stateCalls, name) ? stateCalls[name] : undefined;
    const [api = '', method = ''] = splitOnce(name);
    const rule = this.#apis[api]?.[method];
    if (!run || !rule) return null;
    const reader = new Reader(args);
    const given = Object.fromEntries(
      Object.entries(rule.inputs).map(([input, type]) => [input, this.codecs.of(type).dec(reader)]),
    );
    reader.end();
    const state: ApiState = {
      store,
      block: store.get(systemStorage.Number),
      release: this.release,
      netuids: [ROOT_NETUID, ...netuidsOf(store, this.config.netuids)],
      encode: (type, value) => this.codecs.of(type).enc(value),
    };
    return this.codecs.of(rule.output).enc(run(state, given));
  }

  #metadataCall(name: string, args: Uint8Array): Uint8Array | null {
    const opaque = (blob: Uint8Array) => concat(compactBytes(BigInt(blob.length)), blob);
    if (name === 'Metadata_metadata') return opaque(this.metadata(14));
    if (name === 'Metadata_metadata_versions') return this.codecs.of('Vec<u32>').enc([14, 15, 16]);
    if (name !== 'Metadata_metadata_at_version') return null;
    const version = new Reader(args).u32();
    const isServed = version === 14 || version === 15 || version === 16;
    return isServed ? concat(Uint8Array.of(1), opaque(this.metadata(version))) : Uint8Array.of(0);
  }
}

const splitOnce = (name: string): string[] => [
  name.slice(0, name.indexOf('_')),
  name.slice(name.indexOf('_') + 1),
];

const extra = `(${signedExtensions.map(([name]) => name).join(',')})`;
const extrinsicParts = { Address: 'MultiAddress', Call: 'RuntimeCall', Signature: 'MultiSignature' };

/** Shapes of all pallets, and the outer enums over them. */
function allShapes(pallets: readonly Pallet[]): Record<string, Shape> {
  const shapes: Record<string, Shape> = {
    ...commonShapes,
    ...systemShapes,
    ...balancesShapes,
    ...feesShapes,
    ...subtensorShapes,
    ...commitmentsShapes,
    ...drandShapes,
    ...apiShapes,
    ...validityShapes,
    ...adminShapes,
    ...multisigShapes,
    ...proxyShapes,
    ...quietShapes,
    ...auraShapes,
    RuntimeCall: {
      path: 'node_subtensor_runtime::RuntimeCall',
      variants: outerEnum(pallets, 'calls', 'Call'),
    },
    RuntimeEvent: {
      path: 'node_subtensor_runtime::RuntimeEvent',
      variants: outerEnum(pallets, 'events', 'Event'),
    },
    RuntimeError: {
      path: 'node_subtensor_runtime::RuntimeError',
      variants: outerEnum(pallets, 'errors', 'Error'),
    },
    UncheckedExtrinsic: {
      path: 'fp_self_contained::unchecked_extrinsic::UncheckedExtrinsic',
      params: { ...extrinsicParts, Extension: extra },
      fields: ['PlainExtrinsic as generic::UncheckedExtrinsic<Address, Call, Signature, Extension>'],
    },
    PlainExtrinsic: {
      path: 'sp_runtime::generic::unchecked_extrinsic::UncheckedExtrinsic',
      params: { ...extrinsicParts, Extra: extra },
      fields: ['Vec<u8> as _'],
    },
  };
  for (const { name, crate, calls, events, errors } of pallets) {
    const callRows = Object.entries(calls).map(([call, { index, args }]) => [call, [index, args]] as const);
    shapes[`${name}Call`] = {
      path: `${crate}::pallet::Call`,
      params: { T: null },
      variants: Object.fromEntries(callRows),
    };
    shapes[`${name}Event`] = { path: `${crate}::pallet::Event`, params: { T: null }, variants: events };
    shapes[`${name}Error`] = { path: `${crate}::pallet::Error`, params: { T: null }, variants: errors };
  }
  return shapes;
}

/** How the runtime's own enums call what a pallet adds to them. */
const outerName = (crate: string, kind: string): string => `${crate}::${kind}<Runtime>`;

function outerEnum(
  pallets: readonly Pallet[],
  member: 'calls' | 'events' | 'errors',
  kind: string,
): NonNullable<Shape['variants']> {
  const present = pallets.filter((pallet) => Object.keys(pallet[member]).length > 0);
  return Object.fromEntries(
    present.map(({ name, index, crate }) => [
      name,
      [index, [`${name}${kind} as ${outerName(crate, kind)}`]] as const,
    ]),
  );
}
