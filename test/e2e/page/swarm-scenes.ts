import type {
  PeerView,
  RoundSummary,
  RoundsPart,
  UplinkView,
} from '../../../src-shared/contract/page/runs.ts';
import type { RunView, View } from '../../../src-shared/contract/page/sections.ts';
import type { Reachability } from '../../../src-shared/contract/reachability.ts';
import type { Edge, GroupMember, MemberFault } from '../../../src-shared/contract/swarm.ts';
import { type Ss58, ss58 } from '../../../src-shared/units.ts';
import * as scenes from './scenes.ts';

/** A subnet's size, and a whole group of one round. */
export const PEERS = 256;
const GROUP = 64;
const PART_BYTES = 1_937_500;
const HOUR_MS = 3_600_000;

/** An address that looks like one, the same for the same number. */
export const hotkey = (i: number): Ss58 =>
  ss58(`5${String(i).padStart(3, '0').replaceAll('0', 'z')}${'Q'.repeat(40)}${(i * 7 + 1_111) % 9_999}`);

const states = ['training', 'training', 'connected', 'away'] as const;

function peer(i: number, nowMs: number): PeerView {
  const state = states[i % states.length] ?? 'training';
  const connected = state !== 'away';
  const up = 250_000 * (1 + ((i * 13) % 40));
  return {
    ...{ hotkey: hotkey(i), uid: i, role: i === 7 ? 'validator' : 'miner', self: false, connected, state },
    link: connected
      ? {
          rttMs: i === 5 ? null : 8 + ((i * 37) % 280),
          way: i % 9 === 4 ? 'relayed' : 'direct',
          isInbound: i % 3 === 0,
        }
      : null,
    upBytesPerS: up,
    believedBytesPerS: i === 5 ? null : up,
    measured: i % 5 === 2 ? null : { upBytesPerS: up, downBytesPerS: i === 5 ? null : up * 3 },
    codec: i === 7 ? null : i % 6 === 1 ? 'int4' : 'fp16',
    lastFault:
      i === 9
        ? { fault: 'silent', round: 39, atMs: nowMs - HOUR_MS }
        : i === 11
          ? { fault: 'state-piece', round: null, atMs: null }
          : null,
    ready: null,
    lateRounds: 0,
  };
}

const faults: Readonly<Record<number, MemberFault>> = { 9: 'silent', 21: 'result-signature' };

const member = (i: number): GroupMember => ({
  hotkey: hotkey(i),
  takenShare: i === 9 ? 0 : i === 4 ? 0.62 : 1,
  returnedShare: i === 9 ? 0 : i === 21 ? 0.98 : 1,
  stoodIn: i === 4 ? 3 : 0,
  error: faults[i] ?? null,
});

const others = Array.from({ length: GROUP - 1 }, (_, i) => i);

const edges = (share: (i: number) => number, back = share): Edge[] =>
  others.flatMap((i): Edge[] => {
    const edge = (direction: Edge['direction'], part: number): Edge => ({
      ...{ hotkey: hotkey(i), direction, totalBytes: PART_BYTES, bytes: Math.round(PART_BYTES * part) },
      state: i === 9 ? 'failed' : part >= 1 ? 'done' : part > 0 ? 'moving' : 'waiting',
    });
    return [edge('out', share(i)), edge('home', back(i))];
  });

const slowUplink: UplinkView = {
  codec: 'int4',
  tiers: [
    { codec: 'fp16', bytes: 248_000_000 },
    { codec: 'int8', bytes: 124_500_000 },
    { codec: 'int4', bytes: 81_000_000 },
    { codec: 'sparse', bytes: 15_000_000 },
  ],
  exchangeMs: 480_000,
  measured: { upBytesPerS: 250_000, downBytesPerS: 12_500_000 },
};

const behindRouter = (nowMs: number): Reachability => ({
  ...{ state: 'relayed', address: null, testedAtMs: nowMs - 95_000, asked: 3, reached: 0 },
  mapping: { state: 'refused', by: null, address: null, refusal: 606 },
  ...{ relays: [hotkey(2), hotkey(7)], isRelay: false, relayPlaces: 0, direct: 170, relayed: 21 },
});

function withSwarm(nowMs: number, sections: Partial<RunView>): View {
  const view = scenes.training(nowMs);
  const { swarm } = scenes.mineOf(view);
  if (!swarm) throw new Error('the scene has no swarm');
  const mine = swarm.peers.filter(({ self }) => self);
  const peers = [...mine, ...Array.from({ length: PEERS - 1 }, (_, i) => peer(i, nowMs))];
  return scenes.changed(view, {
    swarm: { ...swarm, peers, connected: 191, uplink: slowUplink, reachability: behindRouter(nowMs) },
    ...sections,
  });
}

/** The last exchange of a whole group lies as a still. */
export function atRest(nowMs: number): View {
  const view = scenes.training(nowMs);
  const { history } = scenes.mineOf(view);
  const last = history.at(-1) as RoundSummary;
  const group = others.map(member);
  const still = { ...last, members: GROUP, edges: edges(() => 1), group, endedAtMs: nowMs - 60_000 };
  return withSwarm(nowMs, { history: [...history.slice(0, -1), still] });
}

const halfway = (i: number): number => Math.min(1, ((i * 29) % 100) / 80);

/** In the middle of an exchange of 64. */
export function exchanging(nowMs: number): View {
  const { round } = scenes.mineOf(scenes.training(nowMs));
  return withSwarm(nowMs, {
    worker: { kind: 'averaging' },
    round: round && {
      ...round,
      phase: 'reducing',
      members: GROUP,
      edges: edges(halfway, (i) => halfway(i) / 2),
    },
  });
}

/** Nobody was met yet. */
export function alone(nowMs: number): View {
  const view = scenes.training(nowMs);
  const { swarm, round } = scenes.mineOf(view);
  return scenes.changed(view, {
    history: [],
    heldOut: [],
    round: round && { ...round, round: 0 },
    swarm: swarm && {
      ...{ ...swarm, connected: 0, peers: swarm.peers.filter(({ self }) => self), listening: [] },
      uplink: { ...swarm.uplink, measured: null },
    },
  });
}

const past = (
  round: number,
  nowMs: number,
  over: Partial<RoundsPart['rounds'][number]> = {},
): RoundsPart['rounds'][number] => ({
  ...{
    round,
    endedAtMs: nowMs - (41 - round) * HOUR_MS,
    outcome: 'committed',
    members: GROUP,
    contributed: true,
  },
  ...{ bytes: 9e8, durationMs: 412_000, heldOutLoss: null, group: [], reason: null },
  ...over,
});

/** What a store knows of the rounds gone by. */
export const pastRounds = (nowMs: number): RoundsPart => ({
  rounds: [
    past(40, nowMs, { group: [member(9), member(4), member(21)] }),
    past(39, nowMs, { outcome: 'void', contributed: false, reason: { code: 'no-agreement', params: {} } }),
    past(38, nowMs, {
      ...{ outcome: 'skipped', members: 0, contributed: false },
      reason: { code: 'too-few-ready', params: { ready: 2, needed: 3 } },
    }),
    past(37, nowMs, { contributed: false, reason: { code: 'late', params: {} } }),
    past(36, nowMs, { endedAtMs: null }),
  ],
  before: 36,
});
