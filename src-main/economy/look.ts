import { withLimit } from '../../src-node/waits.ts';
import { type PruningRules, pruneOrder } from '../../src-shared/chain/pruning.ts';
import { type OwnMark, SUBNET_ROWS_MAX, type SubnetView } from '../../src-shared/contract/page/subnet.ts';
import { blocksPerDay } from '../../src-shared/economics/newcomers.ts';
import { alphaRao, type Hex, RAO_PER_TAO, type Ss58 } from '../../src-shared/units.ts';
import type { SubnetSnapshot } from '../network/chain.ts';
import type { ConnectedChain } from '../network/client.ts';
import type { ExpectedSubnet } from '../network/expected-subnet.ts';
import type { SubnetStore } from '../store/subnet-store.ts';
import { blockTimeOf } from './block-time.ts';
import { ifSaid, keptFor } from './kept.ts';
import { lendingOf } from './lending.ts';
import {
  FIELD_BLOCK_MS,
  HISTORY_MS,
  HISTORY_POINTS,
  LOOK_LIMIT_MS,
  MOVES_MS,
  OTHERS_EVERY_MS,
  RULES_EVERY_MS,
  TIMED_EVERY_MS,
  WEEK_MS,
} from './limits.ts';
import { newestSnapshot } from './newest-snapshot.ts';
import { placeOf } from './place.ts';
import { identityOf, marketOf, othersOf, registrationOf, rulesOf } from './view-parts.ts';

export type LookedAtChain = Pick<
  ConnectedChain,
  | 'netuid'
  | 'endpoint'
  | 'snapshot'
  | 'on'
  | 'subnet'
  | 'blockHash'
  | 'blockTimeMs'
  | 'axons'
  | 'commitments'
  | 'economy'
>;

/** For whom one looks. */
export interface Subject {
  /** null: nobody's, and no place is told. */
  readonly hotkey: Ss58 | null;
  readonly coldkey: Ss58 | null;
  /** What the subnet was joined as; null accepts any. */
  readonly expected: ExpectedSubnet | null;
  /** The uid that it had last; null: none that is known. */
  readonly lastUid: number | null;
  readonly mark: OwnMark | null;
}

/** Puts together what the screen shows. What changes with each block is read anew, the rest now and then. */
export interface SubnetLook {
  /** @throws {AppError} CHAIN_UNREACHABLE */
  at(subject: Subject, signal: AbortSignal): Promise<SubnetView>;
}

/** An amount whose sale shows the pool: what one hobbyist may hold. */
const SOLD = alphaRao(100n * RAO_PER_TAO);

export function lookAtSubnet(chain: LookedAtChain, store: SubnetStore, nowMs: () => number): SubnetLook {
  const { economy } = chain;
  const seldom = <T>(everyMs: number, read: (at: Hex, signal: AbortSignal) => Promise<T>) =>
    keptFor(everyMs, nowMs, (at: Hex, signal: AbortSignal) => ifSaid(read(at, signal)));
  const rules = seldom(RULES_EVERY_MS, economy.rules);
  const pruning = seldom(RULES_EVERY_MS, economy.pruning);
  const about = seldom(RULES_EVERY_MS, economy.about);
  const others = seldom(OTHERS_EVERY_MS, economy.allSubnets);
  const blockTime = keptFor(TIMED_EVERY_MS, nowMs, ({ block }: SubnetSnapshot, signal: AbortSignal) =>
    ifSaid(blockTimeOf(chain, block, signal)),
  );

  async function at(subject: Subject, signal: AbortSignal): Promise<SubnetView> {
    const limit = withLimit(signal, LOOK_LIMIT_MS);
    const snapshot = await newestSnapshot(chain, limit);
    const { block, subnet, neurons, alphaPriceRao } = snapshot;
    const now = nowMs();
    const { hash } = block;
    const [ofChain, ofStore] = await Promise.all([
      Promise.all([
        economy.market(hash, limit),
        ifSaid(economy.sale(SOLD, hash, limit)),
        ifSaid(economy.registration(hash, limit)),
        rules(hash, limit),
        pruning(hash, limit),
        about(hash, limit),
        others(hash, limit),
        blockTime(snapshot, limit),
        subject.hotkey === null
          ? null
          : placeOf(chain, snapshot, { ...subject, hotkey: subject.hotkey }, limit),
      ]),
      Promise.all([
        store.points(now - HISTORY_MS, HISTORY_POINTS),
        store.points(now - WEEK_MS, HISTORY_POINTS),
        store.moves(now - MOVES_MS),
        store.returns(now - WEEK_MS),
        subnet.ownerColdkey && store.ownerSince(subnet.ownerColdkey),
      ]),
    ]);
    const [market, receivedRao, registration, hyper, prune, words, all, measuredMs, place] = ofChain;
    const [history, week, moves, returns, ownerSeenSince] = ofStore;
    const blockMs = measuredMs ?? FIELD_BLOCK_MS;
    return {
      netuid: chain.netuid,
      block: block.number,
      atMs: block.seenAtMs,
      blockMs,
      identity: identityOf({ chain, subject, snapshot, market, about: words, ownerSeenSince }),
      rules: hyper && rulesOf(hyper, market.maxUids),
      market: marketOf(market, alphaPriceRao, receivedRao === null ? null : { soldAlpha: SOLD, receivedRao }),
      registration: registration && registrationOf(registration, block.number, week),
      neurons: neurons.slice(0, SUBNET_ROWS_MAX),
      pruneOrder: prune && orderOf(snapshot, prune),
      place,
      lending: lendingOf(neurons, returns, subnet.tempo, blocksPerDay(blockMs)),
      history: history.map(({ chain: _, ...point }) => point),
      moves: moves.map(({ chain: _, ...move }) => move),
      others: all && othersOf(all, chain.netuid),
      mark: subject.mark,
      isAsleep: false,
    };
  }
  return { at };
}

const orderOf = ({ neurons, block }: SubnetSnapshot, rules: PruningRules): readonly number[] =>
  pruneOrder(neurons, rules, block.number);
