import { Reader, uintBytes } from '../scale/wire.ts';
import { RELEASES, type Release } from './release.ts';
import { Runtime, type RuntimeConfig } from './runtime.ts';

/** `:code`, which no pallet owns. */
export const CODE_KEY = '0x3a636f6465';

const SPEC_BYTES = 4;

/** What the state holds under `:code`: which release it is. Clients see the runtime’s own words in its place. */
export const codeOf = ({ specVersion }: Release): Uint8Array => uintBytes(BigInt(specVersion), SPEC_BYTES);

/** The release that a state names; null for one that is not known here. */
export function releaseIn(code: Uint8Array): Release | null {
  const specVersion = code.length === SPEC_BYTES ? new Reader(code).u32() : null;
  return RELEASES.find((release) => release.specVersion === specVersion) ?? null;
}

/** The runtimes of one chain, each made when it is first asked for. */
export class Runtimes {
  readonly #config: RuntimeConfig;
  readonly #first: Release;
  readonly #made = new Map<Release, Runtime>();

  /** @param first the release that holds where a state names none */
  constructor(config: RuntimeConfig, first: Release) {
    this.#config = config;
    this.#first = first;
  }

  get first(): Runtime {
    return this.of(this.#first);
  }

  of(release: Release): Runtime {
    const runtime = this.#made.get(release) ?? new Runtime(this.#config, release);
    this.#made.set(release, runtime);
    return runtime;
  }

  /** @param code of a state; null where it holds none */
  byCode(code: Uint8Array | null): Runtime {
    if (code === null) return this.first;
    const release = releaseIn(code);
    if (!release) throw new RangeError('a state that was opened names a known release');
    return this.of(release);
  }
}
