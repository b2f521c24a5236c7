import type {
  PeerState,
  PeerView,
  ScoresView,
  SwarmView,
  UplinkView,
} from '../../src-shared/contract/page/runs.ts';
import { believedRates } from '../../src-shared/rounds/rates.ts';
import type { Rates } from '../../src-shared/scoring/bandwidth.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import type { Neuron } from '../network/chain.ts';
import { type KnownPeer, nobodyYet, type PeerBook } from '../runs/peer-book.ts';

export interface SwarmFacts {
  readonly self: Ss58;
  readonly role: 'miner' | 'validator';
  readonly book: PeerBook;
  readonly neurons: readonly Neuron[];
  readonly witnesses: readonly Ss58[];
  readonly scores: ScoresView | null;
  /** Whether this peer rests because somebody paused it. */
  readonly paused: boolean;
  /** The round being worked on; null before the first. */
  readonly round: number | null;
  /** Rounds each hotkey was ready in and not taken, as this peer saw it. */
  readonly late: ReadonlyMap<Ss58, number>;
  /** What receipts of the last rounds show of each member's link. */
  readonly measured: ReadonlyMap<Ss58, Rates>;
  readonly listening: readonly string[];
  readonly uplink: Omit<UplinkView, 'measured'>;
}

/** Everybody this peer knows of, itself first. Pure. */
export function swarmView(facts: SwarmFacts): SwarmView {
  const { book, self, measured, listening, uplink } = facts;
  const known = [...book.peers].filter(([hotkey]) => hotkey !== self);
  const believed = believedOf(facts);
  const others = known.map(([hotkey, peer]) => peerView(facts, hotkey, peer, believed));
  const me = { ...nobodyYet, ...book.peers.get(self), connected: true, link: null };
  const own = peerView(facts, self, me, believed);
  return {
    peers: [{ ...own, self: true, upBytesPerS: rounded(book.rates.up) }, ...others.sort(byUid)],
    connected: known.filter(([, { connected }]) => connected).length,
    silent: book.addresses.filter(({ isReached, tries }) => !isReached && tries > 0),
    reachability: book.reachability,
    upBytesPerS: rounded(book.rates.up),
    downBytesPerS: rounded(book.rates.down),
    listening,
    uplink: { ...uplink, measured: measured.get(self) ?? null },
  };
}

/** The rate that rosters count on, of everybody who said or showed one (`rounds/rates.ts`). */
function believedOf({ book, measured }: SwarmFacts): ReadonlyMap<Ss58, number> {
  const readies = [...book.peers.values()].flatMap(({ ready }) => ready ?? []);
  const rates = believedRates(readies, measured);
  return new Map(readies.map(({ hotkey }, i) => [hotkey, rates[i]!]));
}

function peerView(
  facts: SwarmFacts,
  hotkey: Ss58,
  peer: KnownPeer,
  believed: ReadonlyMap<Ss58, number>,
): PeerView {
  const { connected, ready, link, lastFault } = peer;
  const neuron = facts.neurons.find((one) => one.hotkey === hotkey);
  const validates = hotkey === facts.self ? facts.role === 'validator' : facts.witnesses.includes(hotkey);
  return {
    hotkey,
    uid: neuron?.uid ?? null,
    role: validates ? 'validator' : neuron ? 'miner' : 'unknown',
    self: false,
    connected,
    link: link && { rttMs: roundedMs(link.rttMs), way: link.way, isInbound: link.isInbound },
    believedBytesPerS: believed.get(hotkey) || null,
    measured: facts.measured.get(hotkey) ?? null,
    codec: ready && ready.weight > 0 ? ready.codec : null,
    lastFault,
    upBytesPerS: ready && ready.upBytesPerS > 0 ? ready.upBytesPerS : null,
    ready: ready ? { round: ready.round, sequences: ready.sequences } : null,
    lateRounds: facts.late.get(hotkey) ?? 0,
    state: stateOf(facts, hotkey, { connected, ready }, validates),
  };
}

function stateOf(
  facts: SwarmFacts,
  hotkey: Ss58,
  { connected, ready }: Pick<KnownPeer, 'connected' | 'ready'>,
  validates: boolean,
): PeerState {
  if (!connected) return 'away';
  if (hotkey === facts.self && facts.paused) return 'paused';
  const gradient = facts.scores?.all.find((card) => card.hotkey === hotkey)?.terms.gradient;
  // Absent for long counts 0 as well, and nothing was refused.
  if (gradient?.value === 0 && gradient.why.code !== 'absent-for-an-epoch') return 'gradient-refused';
  if (validates) return 'validating';
  if (facts.round === null) return 'waiting';
  // Of others one knows what they said: whoever was ready for the last round works on this one.
  const isAtWork = hotkey === facts.self || (ready !== null && ready.round >= facts.round - 1);
  return isAtWork ? 'training' : 'connected';
}

const byUid = (a: PeerView, b: PeerView) =>
  (a.uid ?? Number.MAX_SAFE_INTEGER) - (b.uid ?? Number.MAX_SAFE_INTEGER);
/** Whole ms: finer ones would be news each time. */
const roundedMs = (ms: number | null): number | null => (ms === null ? null : Math.round(ms));
const rounded = (rate: number | null): number | null => (rate === null ? null : Math.round(rate));
