import { RATE_ROUNDS } from '../../../src-main/rounds/limits.ts';
import { sha256 } from '../../../src-node/sha256.ts';
import { ChunkCoder } from '../../../src-shared/codec/chunk-coder.ts';
import type { CodecId } from '../../../src-shared/codec/table.ts';
import { parameterCount } from '../../../src-shared/model/layout.ts';
import type { Consensus } from '../../../src-shared/profile/schema.ts';
import { type ChunkGrid, chunkGrid } from '../../../src-shared/reduce/chunks.ts';
import type { Ready, Receipt, Roster } from '../../../src-shared/rounds/messages.ts';
import { measuredRates } from '../../../src-shared/rounds/rates.ts';
import { composeRoster } from '../../../src-shared/rounds/roster.ts';
import { addressOf } from '../../../src-shared/rounds/ss58.ts';
import { chooseTier } from '../../../src-shared/rounds/tier.ts';
import { type Hex, hex, type Ss58 } from '../../../src-shared/units.ts';
import { blockHashOf, type Loss, playExchange, type SimExchanged } from './exchange.ts';
import type { HomeLine } from './links.ts';
import { type Concluded, conclude } from './outcome.ts';
import type { Lie } from './sim-member.ts';

/** Somebody with a home line. */
export interface SimPeer {
  readonly hotkey: Ss58;
  readonly line: HomeLine;
  /** 0 for a validator: it receives results, and holds and signs the list of them. */
  readonly weight: number;
  readonly lie: Lie | 'rate' | null;
}

const FULL_WEIGHT = 127;
const ZERO = hex('0'.repeat(64));
const CLAIMED_BYTES_PER_S = 1e12;

export const simPeer = (
  number: number,
  line: HomeLine,
  { weight = FULL_WEIGHT, lie = null }: Partial<Pick<SimPeer, 'weight' | 'lie'>> = {},
): SimPeer => ({ hotkey: addressOf(sha256(Buffer.from(`simulated peer ${number}`))), line, weight, lie });

/** Who is ready for a round, and what befalls them. */
export interface RoundFate {
  readonly present: readonly SimPeer[];
  /** When the roster comes to a member, in ms. */
  zeroMs(peer: SimPeer): number;
  losses(roster: Roster): readonly Loss[];
  readonly stepMs: number;
}

export interface SimRound extends Concluded {
  readonly roster: Roster;
  readonly exchanged: SimExchanged;
  readonly peers: readonly SimPeer[];
}

/** A run over its rounds: what receipts of the last ones show decides parts, believed rates and tiers of the next. */
export class SimGroup {
  readonly #consensus: Consensus;
  readonly #grid: ChunkGrid;
  readonly #tierBytes: ReadonlyMap<CodecId, number>;
  readonly #tiers = new Map<Ss58, CodecId>();
  #receipts: readonly (readonly Receipt[])[] = [];
  #round = 0;
  readonly #seed: number;

  constructor(consensus: Consensus, seed: number) {
    this.#consensus = consensus;
    this.#seed = seed;
    this.#grid = chunkGrid(parameterCount(consensus.model), consensus.codec.chunkElements);
    const coder = new ChunkCoder(this.#grid, consensus);
    this.#tierBytes = new Map(consensus.codec.tiers.map((tier) => [tier, coder.offsets(tier).at(-1)!]));
  }

  /** @throws {Error} where too few are there for a roster */
  play(fate: RoundFate): SimRound {
    const [consensus, grid] = [this.#consensus, this.#grid];
    const blockHash = blockHashOf(this.#seed * 1_000 + this.#round);
    const roster = this.#roster(fate.present, blockHash);
    const byHotkey = new Map(fate.present.map((peer) => [peer.hotkey, peer]));
    const peers = roster.members.map(({ hotkey }) => byHotkey.get(hotkey)!);
    const exchanged = playExchange({
      ...{ consensus, grid, roster, blockHash, stepMs: fate.stepMs, losses: fate.losses(roster) },
      members: peers.map((peer) => ({
        ...{ line: peer.line, zeroMs: fate.zeroMs(peer) },
        lie: peer.lie === 'rate' ? null : peer.lie,
      })),
    });
    this.#receipts = [exchanged.receipts, ...this.#receipts].slice(0, RATE_ROUNDS);
    this.#round++;
    return { ...conclude(exchanged.members, consensus), roster, exchanged, peers };
  }

  #roster(present: readonly SimPeer[], blockHash: Hex): Roster {
    const rates = measuredRates(this.#receipts);
    const witnesses = present.filter(({ weight }) => weight === 0).map(({ hotkey }) => hotkey);
    const readies = present.map((peer): Ready => {
      const shown = rates.get(peer.hotkey);
      const said = (rate: number | null | undefined) =>
        peer.lie === 'rate' ? CLAIMED_BYTES_PER_S : (rate ?? 0);
      const { hotkey, weight } = peer;
      return {
        ...{
          round: this.#round,
          hotkey,
          weight,
          baseId: ZERO,
          schemaHash: ZERO,
          root: ZERO,
          workDigest: ZERO,
        },
        ...{ codec: this.#tier(hotkey, shown?.upBytesPerS ?? null), norm: 1, sequences: 1 },
        ...{ upBytesPerS: said(shown?.upBytesPerS), downBytesPerS: said(shown?.downBytesPerS) },
      };
    });
    const roster = composeRoster(this.#consensus, {
      ...{ round: this.#round, baseId: ZERO, schemaHash: ZERO, blockHash, readies, witnesses, rates },
      ...{ proposer: present[0]!.hotkey, chunks: this.#grid.chunks },
      coldkeys: new Map(present.map(({ hotkey }) => [hotkey, hotkey])),
      ...{ failedChecks: new Set(), silent: new Set() },
    });
    if (!roster) throw new Error('too few for a roster');
    return roster;
  }

  #tier(hotkey: Ss58, upBytesPerS: number | null): CodecId {
    const { codec, reduce, clock } = this.#consensus;
    const tier = chooseTier(codec.tiers, {
      last: this.#tiers.get(hotkey) ?? codec.tiers[0]!,
      ...{ bytes: this.#tierBytes, upBytesPerS },
      exchangeMs: reduce.exchangeBlocks * clock.blockMs,
    });
    this.#tiers.set(hotkey, tier);
    return tier;
  }
}
