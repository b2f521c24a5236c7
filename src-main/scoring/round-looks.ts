import { randomBytes, randomInt } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { sha256 } from '../../src-node/sha256.ts';
import { withLimit } from '../../src-node/waits.ts';
import { tierBytesOf } from '../../src-shared/codec/tier-bytes.ts';
import type { ChildClient } from '../../src-shared/contract/child.ts';
import type { SwarmContract } from '../../src-shared/contract/swarm.ts';
import type { TrainContract } from '../../src-shared/contract/train.ts';
import type { Consensus } from '../../src-shared/profile/schema.ts';
import type { JudgedRound } from '../../src-shared/rounds/concluded.ts';
import type { Roster } from '../../src-shared/rounds/messages.ts';
import { rosterDigest } from '../../src-shared/rounds/signed.ts';
import { type Checkable, checksOf, drawnForCheck } from '../../src-shared/scoring/checks.ts';
import { type Hex, hex, type Ss58 } from '../../src-shared/units.ts';
import type { Chain } from '../network/chain.ts';
import type { DrawBook } from './draw-book.ts';
import { type Drawn, type Look, lookAtEffect } from './effect-check.ts';
import { CHAIN_READ_LIMIT_MS, LOOK_BYTES_PER_ROUND } from './limits.ts';

export interface RoundLooksOptions {
  readonly chain: Chain;
  readonly train: ChildClient<TrainContract>;
  readonly swarm: ChildClient<SwarmContract>;
  readonly consensus: Consensus;
  readonly book: DrawBook;
  /** Asked before each look: who is not reached for it was not drawn. */
  mayLook(): boolean;
  /** Who does harm by now, after each look. */
  harmful(hotkeys: ReadonlySet<Ss58>): void;
  readonly signal: AbortSignal;
}

/** Looks at contributions of rounds that are over, between one exchange and the next. */
export interface RoundLooks {
  /** This round is settled: whoever is drawn is looked at. `baseDigest`: of what it began with, where that was seen. */
  begin(round: JudgedRound, baseDigest: Hex | null): void;
  /** An exchange begins. Who was not reached by now was not drawn. */
  end(): void;
  /** The newest look at each hotkey since this was asked last. */
  taken(): ReadonlyMap<Ss58, Look>;
  /** Resolves when nothing is being looked at. */
  idle(): Promise<void>;
}

interface Settled {
  readonly round: JudgedRound;
  readonly roster: Roster;
  readonly baseDigest: Hex | null;
}

export function roundLooks(options: RoundLooksOptions): RoundLooks {
  const { consensus, book, signal } = options;
  const tierBytes = tierBytesOf(consensus);
  let ending = new AbortController();
  let turn: Promise<void> = Promise.resolve();
  let looks = new Map<Ss58, Look>();
  /** Whom the last round's looks were begun at and not ended: who stalls keeps only itself from being looked at. */
  let unended = new Set<Ss58>();

  async function lookAt(drawn: Drawn, until: AbortSignal): Promise<void> {
    const { hotkey } = drawn.member;
    const { swarm, train } = options;
    const look = await lookAtEffect(
      {
        ...{ swarm, train, consensus, random: randomInt, cost: book.spent },
        nonce: () => hex(randomBytes(32).toString('hex')),
        discard: (path) => rm(path, { force: true }).catch(() => undefined),
      },
      drawn,
      until,
    );
    const { round } = drawn.ready;
    if (look.outcome !== 'silent') {
      await book.draw(hotkey, round, { helped: look.outcome === 'helps', harmed: look.isHarmful });
      looks.set(hotkey, look);
    } else if (await book.silence(hotkey, round)) looks.set(hotkey, look);
    options.harmful(book.harmful);
  }

  async function lookAtAll({ round, roster, baseDigest }: Settled, until: AbortSignal): Promise<void> {
    let bytes = 0;
    const all = await drawnOf(options, round, roster, until);
    const last = unended;
    unended = new Set();
    const isLast = ({ member }: Pick<Drawn, 'member'>) => Number(last.has(member.hotkey));
    for (const candidate of all.toSorted((a, b) => isLast(a) - isLast(b))) {
      const drawn = { ...candidate, baseDigest };
      if (!options.mayLook()) break;
      const next = tierBytes.get(drawn.member.codec) ?? 0;
      if (bytes + next > LOOK_BYTES_PER_ROUND) continue;
      bytes += next;
      await lookAt(drawn, until).catch((error: unknown) => {
        // Our own fault, or it took too long: nothing was learned of the miner.
        unended.add(drawn.member.hotkey);
        if (!until.aborted) console.error('looking at a contribution failed', drawn.member.hotkey, error);
      });
      if (until.aborted) break;
    }
    await book.keep();
  }

  return {
    begin(round, baseDigest) {
      ending.abort();
      ending = new AbortController();
      const until = AbortSignal.any([signal, ending.signal]);
      const { roster } = round;
      if (!roster) return;
      turn = turn
        .then(() => lookAtAll({ round, roster, baseDigest }, until))
        .catch((error: unknown) => {
          if (!until.aborted) console.error('looking at contributions failed', round.round, error);
        });
    },
    end: () => ending.abort(),
    taken() {
      const newest = looks;
      looks = new Map();
      return newest;
    },
    idle: () => turn,
  };
}

/** Of the places of a round so many at most are for who owes a look: silence must not take them all from the others. */
const OWED_SHARE = 0.5;

/**
 * Whose contributions are looked at: whom a pure function of the chain draws, and before them some of those who owe one,
 * for they were drawn before and gave none. Never more than the profile bounds.
 */
async function drawnOf(
  { chain, consensus, book }: RoundLooksOptions,
  { round, blockHash, outcomeBlock, readies }: JudgedRound,
  roster: Roster,
  until: AbortSignal,
): Promise<readonly Omit<Drawn, 'baseDigest'>[]> {
  const limit = withLimit(until, CHAIN_READ_LIMIT_MS);
  const [seed, neurons] = await Promise.all([
    chain.blockHash(outcomeBlock, limit),
    chain.metagraph(null, limit),
  ]);
  const uids = new Map(neurons.map(({ hotkey, uid }) => [hotkey, uid]));
  const digest = rosterDigest(roster);
  const { owing, harmful } = book;
  const candidates = roster.members.flatMap((member): (Omit<Drawn, 'baseDigest'> & Checkable)[] => {
    const { hotkey } = member;
    const ready = readies.find((one) => one.hotkey === hotkey);
    const uid = uids.get(hotkey);
    // Who has no weight because it did harm is looked at all the same: how else should it have some again?
    const counts = member.weight > 0 || (harmful.has(hotkey) && (ready?.weight ?? 0) > 0);
    if (!ready || uid === undefined || !counts) return [];
    return [{ ready, member, rosterDigest: digest, blockHash, hotkey, uid }];
  });
  const { everyRounds, lookedPerRound: most } = checksOf(consensus.scoreModel);
  const placed = (of: typeof candidates, places: number) =>
    drawnForCheck(of, { round, seed, everyRounds, most: places }, sha256);
  const owed = placed(
    candidates.filter(({ hotkey }) => owing.has(hotkey)),
    Math.ceil(most * OWED_SHARE),
  );
  return [...new Set([...owed, ...placed(candidates, most)])].slice(0, most);
}
