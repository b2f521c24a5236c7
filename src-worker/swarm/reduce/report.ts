import type { Edge, MemberFault, ReduceReport } from '../../../src-shared/contract/swarm.ts';
import { contributorsFromHex, hasMember } from '../../../src-shared/reduce/bitmap.ts';
import { chunkLength } from '../../../src-shared/reduce/chunks.ts';
import type { AverageManifest } from '../../../src-shared/spool.ts';
import type { Average } from './average.ts';
import type { Fates } from './fates.ts';
import type { Line } from './line.ts';
import type { RoundPlan } from './plan.ts';

interface Seen {
  readonly plan: RoundPlan;
  readonly average: Pick<Average, 'contributorsOf' | 'signerOf' | 'size'>;
  readonly fates: Pick<Fates, 'contradictedBy'>;
  readonly lines: ReadonlyMap<number, Line>;
  readonly leaves: readonly Uint8Array[];
}

/** What the round came to, from what lies in the average and what was seen of each peer. */
export function reportOf({ plan, average, lines, fates }: Seen, durationMs: number): ReduceReport {
  const taken = plan.members.map(() => 0);
  const returned = plan.members.map(() => 0);
  /** What fell to each: its part, and what it answered as a standby. */
  const fell = plan.members.map(({ chunkCount }) => chunkCount);
  const stoodIn = plan.members.map(() => 0);
  let elements = 0;
  for (let chunk = 0; chunk < plan.grid.chunks; chunk++) {
    const contributors = average.contributorsOf(chunk);
    if (contributors === null) continue;
    elements += chunkLength(plan.grid, chunk);
    const signer = average.signerOf(chunk)!;
    const isOther = signer !== plan.reducerOf(chunk);
    if (isOther) fell[signer]!++;
    // Two answers are none, for who gave them.
    if (!fates.contradictedBy(signer).has(chunk)) {
      returned[signer]!++;
      if (isOther) stoodIn[signer]!++;
    }
    for (let i = 0; i < taken.length; i++) if (hasMember(contributors, i)) taken[i]!++;
  }
  const share = (part: number, whole: number) => (whole === 0 ? null : part / whole);
  return {
    round: plan.roster.round,
    durationMs,
    bytesSent: sumOf(lines, (line) => line.sentBytes),
    bytesReceived: sumOf(lines, (line) => line.receivedBytes),
    elementsShare: elements / plan.grid.elements,
    chunks: plan.grid.chunks,
    chunksWithResult: average.size,
    members: plan.members.map(({ hotkey, weight }, i) => ({
      hotkey,
      takenShare: weight === 0 ? null : share(taken[i]!, average.size),
      returnedShare: share(returned[i]!, fell[i]!),
      stoodIn: stoodIn[i]!,
      error: fates.contradictedBy(i).size > 0 ? 'two-answers' : errorOf(lines.get(i)),
    })),
  };
}

/** The same for an average that was sealed before a restart; what was seen of the peers is gone. */
export function reportOfSealed(plan: RoundPlan, { chunks }: AverageManifest): ReduceReport {
  const contributorsOf = (chunk: number) => {
    const entry = chunks[chunk];
    return entry ? contributorsFromHex(entry.contributors) : null;
  };
  const signerOf = (chunk: number) => chunks[chunk]?.reducer ?? null;
  const fates = { contradictedBy: () => new Set<number>() };
  const average = { contributorsOf, signerOf, size: chunks.filter((chunk) => chunk !== null).length };
  return reportOf({ plan, average, fates, lines: new Map(), leaves: [] }, 0);
}

/** How the traffic with each peer stands: out to its part, and home from it. */
export function edgesOf({ plan, lines, leaves }: Seen): Edge[] {
  return [...lines.values()].flatMap((line): Edge[] => {
    const { hotkey } = plan.members[line.index]!;
    const part = [...plan.part(line.index)];
    const outBytes =
      leaves.length === 0 ? 0 : part.reduce((sum, c) => sum + plan.chunkBytes(plan.self!, c), 0);
    const homeBytes = part.reduce((sum, c) => sum + plan.resultMaxBytes(c), 0);
    return [
      edge(line, hotkey, 'out', Math.min(line.chunkBytesSent, outBytes), outBytes),
      edge(line, hotkey, 'home', Math.min(line.resultBytesReceived, homeBytes), homeBytes),
    ];
  });
}

function edge(
  line: Line,
  hotkey: Edge['hotkey'],
  direction: Edge['direction'],
  bytes: number,
  totalBytes: number,
): Edge {
  const isDone = line.finished || (totalBytes > 0 && bytes >= totalBytes);
  const state = isDone ? 'done' : !line.alive ? 'failed' : bytes > 0 ? 'moving' : 'waiting';
  return { hotkey, direction, state, bytes, totalBytes };
}

const sumOf = (lines: ReadonlyMap<number, Line>, of: (line: Line) => number): number =>
  [...lines.values()].reduce((sum, line) => sum + of(line), 0);

function errorOf(line: Line | undefined): MemberFault | null {
  if (!line) return null;
  return line.senderFault ?? line.reducerFault ?? (line.alive || line.finished ? null : 'silent');
}
