import { withLimit } from '../../src-node/waits.ts';
import type { ChildClient } from '../../src-shared/contract/child.ts';
import type { SwarmContract } from '../../src-shared/contract/swarm.ts';
import type { TrainContract } from '../../src-shared/contract/train.ts';
import { toCodedError } from '../../src-shared/errors/app-error.ts';
import { exchangeTimes } from '../../src-shared/rounds/exchange-times.ts';
import type { CommittedBase } from '../../src-shared/rounds/lineage.ts';
import { extendLineage } from '../../src-shared/rounds/lineage.ts';
import { slowdownOf } from '../../src-shared/rounds/pace.ts';
import { encodeRecord } from '../../src-shared/rounds/record.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import type { TxFate } from '../network/chain.ts';
import type { AuditBlocks } from './audit-blocks.ts';
import { auditLine } from './audit-line.ts';
import { readFacts } from './chain-facts.ts';
import type { ChainPace } from './chain-pace.ts';
import type { Journal } from './journal.ts';
import type { JudgeDesk } from './judging.ts';
import {
  CHAIN_READ_LIMIT_MS,
  COMPOSE_LIMIT_MS,
  RECORD_LIMIT_MS,
  REDUCE_SLACK_MS,
  SWARM_CALL_LIMIT_MS,
  TAKE_RESULTS_LIMIT_MS,
  TRAIN_CALL_LIMIT_MS,
} from './limits.ts';
import type { Outcomes } from './outcomes.ts';
import {
  type OpenRound,
  type OwnRecord,
  type RoundCommand,
  type RoundInput,
  recordOf,
} from './round-state.ts';
import { loadState } from './state-loading.ts';
import type { StateSource } from './state-source.ts';
import type { RunChain } from './witnesses.ts';

/** The one writer of our slot, as far as rounds use it. */
export interface RecordWriter {
  writeRecord(
    write: { readonly decision: string; readonly field: Uint8Array; readonly lastBlock: number | null },
    signal: AbortSignal,
  ): Promise<TxFate | null>;
}

/** What commands reach out to. */
export interface Parts extends RunChain {
  readonly train: ChildClient<TrainContract>;
  readonly swarm: ChildClient<SwarmContract>;
  readonly journal: Journal;
  readonly commitmentWriter: RecordWriter | null;
  readonly folder: string;
  readonly source: StateSource | null;
  readonly genesis: CommittedBase;
  readonly outcomes: Outcomes;
  readonly desk: JudgeDesk;
  readonly pace: ChainPace;
  readonly auditBlocks: AuditBlocks;
  readonly signal: AbortSignal;
  /** A short line for the log file. */
  log(line: string): void;
}

type Doing<K extends RoundCommand['kind']> = Extract<RoundCommand, { kind: K }>;

/** Carries out one command; what comes of it goes back into the machine, null where nothing does. */
export async function carryOut(parts: Parts, command: RoundCommand): Promise<RoundInput | null> {
  const { train, swarm, signal } = parts;
  const within = (limitMs: number) => withLimit(signal, limitMs);
  switch (command.kind) {
    case 'readFacts': {
      const facts = await readFacts(parts, parts.outcomes, command, within(CHAIN_READ_LIMIT_MS));
      return { kind: 'facts', round: command.round, facts };
    }
    case 'openRound': {
      const { round, blockHash } = command;
      await train.call('openRound', { round, blockHash }, within(TRAIN_CALL_LIMIT_MS));
      return { kind: 'opened', round };
    }
    case 'readReceipts': {
      const { round } = command;
      const receipts = await swarm.call('receipts', { round }, within(SWARM_CALL_LIMIT_MS));
      return { kind: 'receipts', round, receipts };
    }
    case 'contribute':
      return contribute(parts, command, within(TRAIN_CALL_LIMIT_MS));
    case 'offerWork':
      await swarm.call('offerWork', { round: command.round }, within(SWARM_CALL_LIMIT_MS));
      return null;
    case 'announceReady':
      await swarm.call('announceReady', command.ready, within(SWARM_CALL_LIMIT_MS));
      return null;
    case 'proposeRoster':
      await swarm.call('proposeRoster', command.roster, within(SWARM_CALL_LIMIT_MS));
      return null;
    case 'reduce': {
      const { round, roster, rosterDigest, blockHash, rosterAgoBlocks } = command;
      const slowdown = slowdownOf(parts.pace.blockMs ?? 0, parts.consensus.clock);
      const { endMs } = exchangeTimes(slowdown, parts.consensus);
      const asked = { round, roster, rosterDigest, blockHash, slowdown, rosterAgoBlocks };
      const report = await swarm.call('reduce', asked, within(endMs + REDUCE_SLACK_MS));
      return { kind: 'reduced', round, report };
    }
    case 'composeResults': {
      const { round, rosterDigest } = command;
      const made = await swarm.call('composeResults', { round, rosterDigest }, within(COMPOSE_LIMIT_MS));
      if (made.fault) console.error(`no list of the results of round ${round}: ${made.fault}`);
      return { kind: 'resultsComposed', round, resultsDigest: made.resultsDigest };
    }
    case 'signResults':
      parts.auditBlocks.note(command.vote.round, command.vote.resultsDigest, parts.chain.head);
      await swarm.call('signResults', command.vote, within(SWARM_CALL_LIMIT_MS));
      return null;
    case 'takeResults': {
      parts.auditBlocks.note(command.name.round, command.name.resultsDigest, parts.chain.head);
      const report = await swarm.call('takeResults', command.name, within(TAKE_RESULTS_LIMIT_MS));
      return { kind: 'resultsTaken', round: command.name.round, report };
    }
    case 'prepare': {
      const { round, rosterDigest } = command;
      const prepared = await train.call('prepare', { round, rosterDigest }, within(TRAIN_CALL_LIMIT_MS));
      return { kind: 'prepared', round, prepared };
    }
    case 'announceResult': {
      const { round, resultId, baseDigest } = command;
      await swarm.call('announceResult', { round, resultId, baseDigest }, within(SWARM_CALL_LIMIT_MS));
      return null;
    }
    case 'audit':
      return audit(parts, command);
    case 'persist':
      await parts.journal.savePending(command.pending);
      return null;
    case 'writeRecord':
      return writeRecord(parts, command.record, within(RECORD_LIMIT_MS));
    case 'readOutcome': {
      const outcome = await parts.outcomes.outcome(command, within(CHAIN_READ_LIMIT_MS));
      return { kind: 'outcome', round: command.round, outcome };
    }
    case 'judge':
      await parts.desk.ask(command.round);
      return { kind: 'judged', round: command.round.round };
    case 'settle':
      return settle(parts, command);
    case 'loadState':
      return load(parts, command);
    case 'conclude':
      return null;
  }
}

async function contribute(
  { train, swarm }: Parts,
  { round, codec, medianNorm }: Doing<'contribute'>,
  signal: AbortSignal,
): Promise<RoundInput> {
  const made = await train.call('contribute', { round, codec, medianNorm }, signal);
  await swarm.call('offerWork', { round }, signal);
  return { kind: 'contributed', round, contribution: { ...made, codec } };
}

/**
 * A vote stands in the journal first: what it already holds of that round is what gets sent, whatever we think now.
 * Everything but "final" may be tried again, with the same bytes.
 */
async function writeRecord(parts: Parts, wished: OwnRecord, signal: AbortSignal): Promise<RoundInput> {
  const sent = (isDone: boolean): RoundInput => ({ kind: 'recordSent', record: wished, isDone });
  const { commitmentWriter, chain, tag } = parts;
  const { resultId, lastBlock: outcomeBlock } = wished;
  const record =
    resultId === null
      ? wished
      : recordOf(
          await parts.journal.saveRecord({
            round: wished.round,
            parentId: wished.parentId,
            resultId,
            outcomeBlock,
          }),
        );
  if (record.round !== wished.round || !commitmentWriter) return sent(true);
  // The journal took time: the block may have come meanwhile, and a late record would only mislead.
  if ((chain.head?.number ?? 0) >= record.lastBlock) return sent(false);
  const { round, lastBlock } = record;
  const decision = resultId === null ? `base in round ${round}` : `result of round ${round}`;
  const field = encodeRecord({ tag, round, parentId: record.parentId, resultId: record.resultId });
  const fate = await commitmentWriter.writeRecord({ decision, field, lastBlock }, signal);
  return sent(fate === null || fate.kind === 'finalized');
}

/** An audit that fails for reasons of its own shows nothing wrong. */
async function audit(parts: Parts, command: Doing<'audit'>): Promise<RoundInput> {
  const { swarm, chain, pace, consensus, signal } = parts;
  const { round, rosterDigest, outcomeBlock } = command;
  const found = (
    verdict: 'passed' | 'failed' | 'later',
    withheld: readonly Ss58[] = [],
    seen: OpenRound['auditSeen'] = null,
  ): RoundInput => ({ kind: 'audited', round, verdict, withheld, seen });
  const blockMs = pace.blockMs ?? consensus.clock.blockMs;
  const plan = parts.auditBlocks.plan(chain.head, { round, outcomeBlock, blockMs, nowMs: Date.now() });
  if (plan === 'later') return found('later');
  if (plan === 'none') {
    parts.log(auditLine(round, 'no block was left for it'));
    return found('passed');
  }
  const { block, limitMs } = plan;
  const asked = { rosterDigest, blockHash: block.hash, limitMs };
  const looked = swarm.call('audit', asked, withLimit(signal, limitMs + SWARM_CALL_LIMIT_MS));
  const report = await looked.catch((thrown: unknown) => toCodedError(thrown).code);
  parts.log(auditLine(round, report));
  if (typeof report === 'string') return found('passed');
  const { drawn, fine, notAudited, frauds, withheld } = report;
  const seen = { drawn, wrong: drawn - fine - notAudited };
  return found(frauds.length > 0 ? 'failed' : 'passed', withheld, seen);
}

async function settle(parts: Parts, command: Doing<'settle'>): Promise<RoundInput> {
  const { round, outcome, resultId, drawn, medianNorm, rosterDigest, resultsDigest } = command;
  const standing = await parts.train.call(
    'settle',
    { round, outcome, resultId, drawn, medianNorm },
    withLimit(parts.signal, TRAIN_CALL_LIMIT_MS),
  );
  if (outcome === 'committed' && resultId && rosterDigest && resultsDigest) {
    const entry = { round, rosterDigest, resultsDigest, baseDigest: standing.baseDigest };
    const { lineage } = parts.journal;
    await parts.journal.saveLineage(
      extendLineage(lineage, entry, { genesisId: parts.genesis.id, id: resultId }),
    );
  }
  return { kind: 'settled', round, standing };
}

async function load(parts: Parts, { id, donors, standing }: Doing<'loadState'>): Promise<RoundInput> {
  const { train, swarm, genesis, folder, source } = parts;
  const { saveLineage: keepLineage } = parts.journal;
  const request = { id, genesis, standing, folder, donors, source, keepLineage };
  return { kind: 'adopted', standing: await loadState(swarm, train, request, parts.signal) };
}
