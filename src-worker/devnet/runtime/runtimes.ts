import { Reader, uintBytes } from '../scale/wire.ts';
import { type Release, release393, releaseOf } from './release.ts';
import { Runtime, type RuntimeConfig } from './runtime.ts';

/** `:code`, which no pallet owns. */
export const CODE_KEY = '0x3a636f6465';

const SPEC_BYTES = 4;

/** What the state holds under `:code`: which release it is. Clients see the runtime’s own words in its place. */
export const codeOf = ({ specVersion }: Release): Uint8Array => uintBytes(BigInt(specVersion), SPEC_BYTES);

/** The release that a state names; null for one that is not known here. */
export function releaseIn(code: Uint8Array): Release | null {
  return code.length === SPEC_BYTES ? releaseOf(new Reader(code).u32()) : null;
}

/** The runtimes of one chain, each made when it is first asked for. A state that names none is one of 393. */
export class Runtimes {
  readonly #config: RuntimeConfig;
  readonly #made = new Map<Release, Runtime>();

  constructor(config: RuntimeConfig) {
    this.#config = config;
  }

  of(release: Release): Runtime {
    const runtime = this.#made.get(release) ?? new Runtime(this.#config, release);
    this.#made.set(release, runtime);
    return runtime;
  }

  /** @param code of a state; null where it holds none */
  byCode(code: Uint8Array | null): Runtime {
    const release = code === null ? release393 : releaseIn(code);
    if (!release) throw new RangeError('a state that was opened names a known release');
    return this.of(release);
  }
}
