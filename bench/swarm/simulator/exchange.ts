import { sha256 } from '../../../src-node/sha256.ts';
import type { Consensus } from '../../../src-shared/profile/schema.ts';
import type { ChunkGrid } from '../../../src-shared/reduce/chunks.ts';
import type { Receipt, Roster } from '../../../src-shared/rounds/messages.ts';
import { rosterDigest } from '../../../src-shared/rounds/signed.ts';
import type { Hex } from '../../../src-shared/units.ts';
import { RoundPlan } from '../../../src-worker/swarm/reduce/plan.ts';
import type { SimFrame } from './frame.ts';
import { type HomeLine, Links, type Source } from './links.ts';
import { type Lie, SimMember } from './sim-member.ts';

/** A member that is lost while the exchange goes on: its process ends and its peers see that, or its cable is pulled. */
export interface Loss {
  readonly member: number;
  readonly atMs: number;
  readonly kind: 'killed' | 'silent';
}

export interface SimExchange {
  readonly consensus: Consensus;
  readonly grid: ChunkGrid;
  readonly roster: Roster;
  readonly blockHash: Hex;
  /** Of all members, in roster order. */
  readonly members: readonly {
    readonly line: HomeLine;
    /** When the roster comes to it, in ms. */
    readonly zeroMs: number;
    readonly lie: Lie | null;
  }[];
  readonly losses: readonly Loss[];
  readonly stepMs: number;
}

export interface SimExchanged {
  readonly members: readonly SimMember[];
  readonly receipts: readonly Receipt[];
}

/** Plays one exchange from the roster's arrival until everybody has what it can have. */
export function playExchange(init: SimExchange): SimExchanged {
  const clock = { nowMs: 0 };
  const members = membersOf(init, clock);
  const links = new Links(
    init.members.map(({ line }) => line),
    members.flatMap((member) => [...member.lines.keys()].map((to) => sourceOf(member, members[to]!))),
    init.stepMs,
  );
  const losses = [...init.losses].sort((a, b) => a.atMs - b.atMs);
  const isOver = () => members.every(({ isGone, overAtMs }) => isGone || overAtMs !== null);
  for (; !isOver() || !links.isQuiet; clock.nowMs += init.stepMs) {
    while (losses[0] && losses[0].atMs <= clock.nowMs) lose(members, losses.shift()!);
    links.deliver(clock.nowMs);
    for (const member of members) if (member.hasBegun && !member.isGone) member.step();
    links.advance(clock.nowMs);
    if (isOver() && members.every((member) => member.isGone || clock.nowMs >= endOf(member))) break;
  }
  return { members, receipts: receiptsOf(members, init.roster.round) };
}

const endOf = ({ plan }: SimMember): number => plan.times.endMs + plan.times.slackMs;

function membersOf({ roster, grid, consensus, blockHash, members }: SimExchange, clock: { nowMs: number }) {
  const digest = rosterDigest(roster);
  return members.map(({ zeroMs, lie }, i) => {
    const { hotkey } = roster.members[i]!;
    const plan = new RoundPlan({
      ...{ roster, grid, consensus, blockHash, hotkey, slowdown: 1, rosterDigest: digest },
    });
    return new SimMember({ plan, clock, zeroMs, lie });
  });
}

function sourceOf(from: SimMember, to: SimMember): Source<SimFrame> {
  const [self, peer] = [from.plan.self!, to.plan.self!];
  const line = from.lines.get(peer)!;
  const isOpen = () => !from.isGone && !to.isGone && from.hasBegun && to.hasBegun;
  return {
    ...{ from: self, to: peer, isOpen },
    next: () => line.next(),
    arrived(frame) {
      if (!isOpen()) return;
      if (frame.type === 'chunk' && from.lie === 'values') to.drop(to.lines.get(self)!);
      to.hear(self, frame);
    },
  };
}

function lose(members: readonly SimMember[], { member, kind }: Loss): void {
  const gone = members[member]!;
  gone.isGone = true;
  if (kind === 'silent') return;
  for (const other of members) {
    const line = other.lines.get(member);
    if (line && !other.isGone) other.lose(line);
  }
}

/** What receivers claim of their senders' chunks; both sign, for nobody lies about this here. */
function receiptsOf(members: readonly SimMember[], round: number): Receipt[] {
  const hotkeyOf = (member: SimMember) => member.plan.members[member.plan.self!]!.hotkey;
  return members
    .filter(({ isGone }) => !isGone)
    .flatMap((member) =>
      [...member.lines.values()].flatMap(({ index, openedAtMs, lastChunkAtMs, chunkBytesReceived }) => {
        if (openedAtMs === null || lastChunkAtMs === null || members[index]!.isGone) return [];
        const durationMs = Math.max(0.01, lastChunkAtMs - openedAtMs);
        const from = hotkeyOf(members[index]!);
        return {
          ...{ round, from, to: hotkeyOf(member), bytes: chunkBytesReceived, durationMs },
          countersigned: true,
        };
      }),
    );
}

/** A block hash that nobody has seen. */
export const blockHashOf = (number: number): Hex =>
  Buffer.from(sha256(Buffer.from(`simulated block ${number}`))).toString('hex') as Hex;
