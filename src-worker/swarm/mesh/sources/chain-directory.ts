import type { Ss58 } from '../../../../src-shared/units.ts';
import { CHAIN_WINDOW_ADDRESSES, CHAIN_WINDOW_MS } from '../../limits.ts';
import { dialable } from '../addresses.ts';
import type { PeerSource, PeerSourceFactory, Surroundings } from './source.ts';

export interface ChainEntry {
  readonly hotkey: string;
  readonly address: string;
}

/**
 * Where hotkeys of the subnet say on chain that they answer: what is left when no peer that is known can be reached, and
 * how parts of a mesh that lost each other meet again. Most may belong to other programs, so few are tried at a time.
 */
export class ChainDirectory implements PeerSourceFactory {
  #entries: readonly ChainEntry[] = [];
  readonly #changed = new Set<() => void>();

  tell(entries: readonly ChainEntry[]): void {
    this.#entries = entries;
    for (const changed of this.#changed) changed();
  }

  make({ members, self, listenHost, changed }: Surroundings): PeerSource {
    const isSought = ({ hotkey }: ChainEntry) => hotkey !== self && !members.has(hotkey as Ss58);
    return {
      isQuiet: true,
      addresses: () => {
        const sought = this.#entries.filter(isSought).map(({ address }) => address);
        return inWindow(sought).flatMap((address) => dialable([address], listenHost));
      },
      start: async () => void this.#changed.add(changed),
      stop: async () => void this.#changed.delete(changed),
    };
  }
}

/** So many of a list, and the next ones after a while. */
function inWindow(list: readonly string[]): readonly string[] {
  if (list.length <= CHAIN_WINDOW_ADDRESSES) return list;
  const turn = Math.floor(performance.now() / CHAIN_WINDOW_MS);
  const from = (turn * CHAIN_WINDOW_ADDRESSES) % list.length;
  return [...list.slice(from), ...list.slice(0, from)].slice(0, CHAIN_WINDOW_ADDRESSES);
}
