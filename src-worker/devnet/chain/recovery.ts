import { COPIES, type CopyName, type JournalFiles } from './journal-files.ts';
import {
  type BlockRecord,
  framed,
  type ParsedLine,
  parseLine,
  piecesOf,
  recordText,
  type Snapshot,
  snapshotText,
} from './journal-line.ts';

/** A run of blocks, both ends included. */
export interface BlockRange {
  readonly fromBlock: number;
  readonly toBlock: number;
}

/** What the files hold together, and what has to be done to them. */
export interface Recovery {
  readonly snapshot: Snapshot | null;
  readonly records: readonly BlockRecord[];
  /** Blocks that the chain had and has no longer. */
  readonly lost: BlockRange | null;
  /** Blocks whose states cannot be read any more although the chain goes on. */
  readonly lostHistory: BlockRange | null;
  readonly repairs: readonly Repair[];
}

/** How one file becomes what it should be. */
export type Repair =
  /** Cut off what a crash tore, add what it left out. */
  | {
      readonly kind: 'complete';
      readonly first: number;
      readonly copy: CopyName;
      readonly keepBytes: number;
      readonly add: readonly string[];
    }
  /** Move the damaged file aside and write it anew; without lines it is only moved. */
  | {
      readonly kind: 'replace';
      readonly first: number;
      readonly copy: CopyName;
      readonly lines: readonly string[];
      readonly isNews: boolean;
    };

interface Line {
  readonly parsed: ParsedLine | null;
  readonly beginsLine: boolean;
}

interface CopyRead {
  readonly name: CopyName;
  readonly isThere: boolean;
  readonly lines: readonly Line[];
  readonly bytes: number;
  /** What stands behind the last line feed. */
  readonly torn: string;
}

interface Segment {
  readonly first: number;
  readonly copies: readonly CopyRead[];
  readonly snapshot: Snapshot | null;
  /** The newest block that this segment once held, sound or not. */
  readonly heldTo: number;
}

/**
 * Puts together what the two files of each segment hold. A line that is sound in either counts; a line sound in
 * neither ends the chain there, unless a newer segment's full state carries it on.
 * @param genesis what block 0's segment begins with, which nobody needs a file for
 */
export function recover(files: JournalFiles, genesis: Snapshot): Recovery {
  const segments = files
    .segments()
    .slice(-2)
    .map((first) => readSegment(files, first, genesis));
  const known = new Map<number, BlockRecord>();
  for (const line of segments.flatMap(linesIn))
    if (line.kind === 'record') known.set(numberOf(line.record), line.record);

  const starts = segments.flatMap(({ snapshot }) => snapshot ?? []);
  let [snapshot = null] = starts;
  let records = snapshot ? runFrom(snapshot, known) : [];
  let lostHistory: BlockRange | null = null;
  const newest = starts.at(-1);
  if (snapshot && newest && numberOf(newest) > numberOf(snapshot) + records.length) {
    lostHistory = { fromBlock: numberOf(snapshot), toBlock: numberOf(newest) - 1 };
    snapshot = newest;
    records = runFrom(newest, known);
  }
  const head = snapshot ? numberOf(snapshot) + records.length : 0;
  const heldTo = Math.max(0, ...segments.map((segment) => segment.heldTo));
  const targets = segments.map((segment, i) =>
    snapshot ? targetLines(segment, snapshot, records, segments[i + 1]?.first ?? head) : [],
  );
  return {
    snapshot,
    records,
    lost: heldTo > head ? { fromBlock: head + 1, toBlock: heldTo } : null,
    lostHistory,
    repairs: segments.flatMap(({ first, copies }, i) =>
      copies.flatMap((copy) => repairOf(first, copy, targets[i] ?? [], i === segments.length - 1) ?? []),
    ),
  };
}

const numberOf = ({ block }: Snapshot | BlockRecord): number => block.header.number;
const linesIn = ({ copies }: Segment): ParsedLine[] =>
  copies.flatMap(({ lines }) => lines.flatMap(({ parsed }) => parsed ?? []));

function readSegment(files: JournalFiles, first: number, genesis: Snapshot): Segment {
  const copies = COPIES.map((name): CopyRead => {
    const bytes = files.read(first, name);
    const { pieces, torn } = piecesOf(bytes ?? Buffer.alloc(0));
    const lines = pieces.map(
      ({ text, beginsLine }): Line => ({ parsed: text === null ? null : parseLine(text), beginsLine }),
    );
    return { name, isThere: bytes !== null, lines, bytes: bytes?.length ?? 0, torn };
  });
  const segment = { first, copies, snapshot: first === 0 ? genesis : null, heldTo: heldTo(first, copies) };
  const found = linesIn(segment).find((line) => line.kind === 'snapshot');
  return found ? { ...segment, snapshot: found.snapshot } : segment;
}

/**
 * The newest block that a segment once held. The log is written first and nobody hears of a block before the twin has
 * it too, so one block more in the log alone may be one that never was.
 */
function heldTo(first: number, copies: readonly CopyRead[]): number {
  const [log = null, twin = null] = copies.map((copy) => blocksIn(first, copy));
  // A segment begins whole: an empty one has lost we know not how much.
  if (log === null && twin === null) return first + 1;
  return first + (twin === null ? (log ?? 0) : Math.max(twin, (log ?? 0) - 1));
}

/** How many blocks a file holds, counting those that cannot be read; null where it has not one line. */
function blocksIn(first: number, { lines }: CopyRead): number | null {
  if (lines.length === 0) return null;
  let count = 0;
  for (const [i, { parsed, beginsLine }] of lines.entries()) {
    if (parsed?.kind === 'record') count = numberOf(parsed.record) - first;
    // A bit that becomes a line feed cuts one line in two: the second half is no block of its own.
    else if (!parsed && i > 0 && (beginsLine || lines[i - 1]?.parsed)) count++;
  }
  return count;
}

/** The blocks that follow a state without a gap. */
function runFrom(snapshot: Snapshot, known: ReadonlyMap<number, BlockRecord>): BlockRecord[] {
  const run: BlockRecord[] = [];
  let { hash } = snapshot.block;
  for (let number = numberOf(snapshot) + 1; ; number++) {
    const record = known.get(number);
    if (!record || record.block.header.parentHash !== hash) return run;
    run.push(record);
    hash = record.block.hash;
  }
}

/** The lines that a segment's files should have: none where the recovered chain does not reach into it. */
function targetLines(
  { first, snapshot: own }: Segment,
  base: Snapshot,
  records: readonly BlockRecord[],
  lastBlock: number,
): string[] {
  const baseNumber = numberOf(base);
  if (first < baseNumber || first > baseNumber + records.length) return [];
  const start = own ?? stateAfter(base, records.slice(0, first - baseNumber));
  return [snapshotText(start), ...records.slice(first - baseNumber, lastBlock - baseNumber).map(recordText)];
}

/** The full state at the last of some blocks. */
function stateAfter(base: Snapshot, records: readonly BlockRecord[]): Snapshot {
  const state = new Map(base.state);
  for (const [key, value] of records.flatMap(({ changes }) => changes))
    value === null ? state.delete(key) : state.set(key, value);
  const hashes = records.map(({ block }) => [block.header.number, block.hash] as const);
  const { block, blockMs } = records.at(-1) ?? base;
  return { ...base, block, blockMs, state: [...state], hashes: [...base.hashes, ...hashes] };
}

function repairOf(first: number, copy: CopyRead, lines: readonly string[], isNewest: boolean): Repair | null {
  const { name, isThere, torn } = copy;
  if (!isThere && lines.length === 0) return null;
  const isPrefix = copy.lines.every(({ parsed }, i) => parsed !== null && parsed.text === lines[i]);
  const add = lines.slice(copy.lines.length);
  if (isThere && isPrefix && add.length === 0 && torn === '') return null;
  if (isThere && isPrefix && isNewest && isCrash(copy, add))
    return { kind: 'complete', first, copy: name, keepBytes: copy.bytes - torn.length, add };
  return { kind: 'replace', first, copy: name, lines, isNews: isThere || lines.length > 1 };
}

/** A crash tears the last line, or leaves the twin one behind; anything else is damage. */
function isCrash({ name, lines, torn }: CopyRead, missing: readonly string[]): boolean {
  if (lines.length === 0) return false;
  const [next] = missing;
  return next === undefined || (name === 'twin' && missing.length === 1 && framed(next).startsWith(torn));
}
