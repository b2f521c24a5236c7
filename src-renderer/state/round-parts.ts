import type { RoundsPart } from '../../src-shared/contract/page/runs.ts';

/** The newest part before what lies here; where there is a gap between them, the part alone. */
export function withOlder(part: RoundsPart, known: RoundsPart): RoundsPart {
  const last = part.rounds.at(-1)?.round;
  if (part.before === null || last === undefined) return part;
  const older = known.rounds.filter(({ round }) => round < last);
  const meets = known.rounds.some(({ round }) => round >= last);
  return meets && older.length > 0 ? { rounds: [...part.rounds, ...older], before: known.before } : part;
}

/** An older part behind what lies here; what it tells twice stands once. */
export function behind(part: RoundsPart, known: RoundsPart): RoundsPart {
  const last = known.rounds.at(-1)?.round ?? Number.POSITIVE_INFINITY;
  const older = part.rounds.filter(({ round }) => round < last);
  return { rounds: [...known.rounds, ...older], before: part.before };
}
