import { connect, type Socket } from 'node:net';
import * as v from 'valibot';
import type { DisputeChecked } from '../../../src-shared/contract/page/why-less.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { DISPUTE_CHARS_MAX } from '../../../src-shared/scoring/dispute.ts';
import {
  CONTROL_ANSWER_BYTES,
  CONTROL_ANSWER_MS,
  CONTROL_PEERS_BYTES,
  CONTROL_STOP_MS,
  CONTROL_VIEW_CHARS,
} from '../limits.ts';
import { controlPlace } from './place.ts';
import {
  type Answer,
  answerSchema,
  type HostStatus,
  type Question,
  type RunPeers,
  type RunWeights,
} from './protocol.ts';

/** JSON in JSON: every character may be written as six. */
const VIEW_ANSWER_BYTES = 6 * CONTROL_VIEW_CHARS + CONTROL_ANSWER_BYTES;

/** Answers that may be longer than others, in bytes. */
const answerBytes: Partial<Record<Question['verb'], number>> = {
  view: VIEW_ANSWER_BYTES,
  peers: CONTROL_PEERS_BYTES,
  weights: CONTROL_PEERS_BYTES,
  // JSON in JSON, twice.
  'write-dispute': 3 * DISPUTE_CHARS_MAX + CONTROL_ANSWER_BYTES,
};

/** Nobody listens, or nobody who lets us in. */
const absent = new Set(['ENOENT', 'ECONNREFUSED', 'EACCES', 'ENOTSOCK', 'ENOTDIR']);

/** @throws {AppError} HOST_NOT_RUNNING, TIMEOUT, WIRE_MALFORMED, or what the host refuses with */
export async function askStatus(dataDir: string): Promise<HostStatus> {
  const answer = await ask(dataDir, { verb: 'status' }, CONTROL_ANSWER_MS);
  if (answer.kind !== 'status') throw new AppError('WIRE_MALFORMED', { reason: answer.kind });
  return answer.status;
}

/**
 * @param run null: of every run
 * @throws {AppError} as `askStatus`
 */
export async function askPeers(dataDir: string, run: string | null): Promise<readonly RunPeers[]> {
  const answer = await ask(dataDir, { verb: 'peers', run }, CONTROL_ANSWER_MS);
  if (answer.kind !== 'peers') throw new AppError('WIRE_MALFORMED', { reason: answer.kind });
  return answer.runs;
}

/**
 * What the validators that run would set now.
 * @param run null: of every run
 * @throws {AppError} as `askStatus`
 */
export async function askWeights(dataDir: string, run: string | null): Promise<readonly RunWeights[]> {
  const answer = await ask(dataDir, { verb: 'weights', run }, CONTROL_ANSWER_MS);
  if (answer.kind !== 'weights') throw new AppError('WIRE_MALFORMED', { reason: answer.kind });
  return answer.runs;
}

/** @throws {AppError} as `askStatus`, DISPUTE_MALFORMED, DISPUTE_FOREIGN, DISPUTE_ALTERED */
export async function askDisputeCheck(dataDir: string, path: string): Promise<DisputeChecked> {
  const answer = await ask(dataDir, { verb: 'check-dispute', path }, CONTROL_ANSWER_MS);
  if (answer.kind !== 'disputeChecked') throw new AppError('WIRE_MALFORMED', { reason: answer.kind });
  return answer.checked;
}

/** @throws {AppError} as `askStatus`, DISPUTE_NOTHING */
export async function askDispute(dataDir: string, run: string | null): Promise<string> {
  const answer = await ask(dataDir, { verb: 'write-dispute', run }, CONTROL_ANSWER_MS);
  if (answer.kind !== 'dispute') throw new AppError('WIRE_MALFORMED', { reason: answer.kind });
  return answer.text;
}

/**
 * What helps to find a fault, as JSON; not yet without what is private.
 * @throws {AppError} as `askStatus`
 */
export async function askView(dataDir: string): Promise<string> {
  const answer = await ask(dataDir, { verb: 'view' }, CONTROL_ANSWER_MS);
  if (answer.kind !== 'view') throw new AppError('WIRE_MALFORMED', { reason: answer.kind });
  return answer.text;
}

/**
 * Resolves when it is done; for `stop`, when the host has ended.
 * @throws {AppError} as `askStatus`
 */
export async function askFor(
  dataDir: string,
  question: Extract<Question, { verb: 'pause' | 'resume' | 'follow' | 'stop' }>,
): Promise<void> {
  await ask(dataDir, question, question.verb === 'stop' ? CONTROL_STOP_MS : CONTROL_ANSWER_MS);
}

/** The answer, once the connection has ended: a host that stops keeps it open until it is gone. */
function ask(dataDir: string, question: Question, limitMs: number): Promise<Answer> {
  const socket = connect(controlPlace(dataDir));
  return new Promise<Answer>((resolve, reject) => {
    const limit = setTimeout(() => fail(new AppError('TIMEOUT', { what: question.verb, limitMs })), limitMs);
    const fail = (error: unknown) => {
      clearTimeout(limit);
      socket.destroy();
      reject(error);
    };
    const most = answerBytes[question.verb] ?? CONTROL_ANSWER_BYTES;
    const heard = readAll(socket, most, () => fail(new AppError('WIRE_MALFORMED', { reason: 'too long' })));
    socket.once('connect', () => socket.write(`${JSON.stringify(question)}\n`));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      // A host that is gone in the middle of its answer has said what it had to say.
      if (error.code === undefined || absent.has(error.code))
        fail(new AppError('HOST_NOT_RUNNING', { path: dataDir }, error));
    });
    socket.once('close', () => {
      clearTimeout(limit);
      try {
        resolve(readAnswer(heard()));
      } catch (thrown) {
        reject(thrown);
      }
    });
  });
}

function readAll(socket: Socket, most: number, tooLong: () => void): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > most) tooLong();
    else chunks.push(chunk);
  });
  return () => Buffer.concat(chunks).toString('utf8');
}

function readAnswer(text: string): Answer {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), answerSchema), text);
  if (!parsed.success) throw new AppError('WIRE_MALFORMED', { reason: text === '' ? 'no answer' : 'answer' });
  const answer = parsed.output;
  if (answer.kind === 'refused') throw new AppError(answer.error.code, answer.error.params);
  return answer;
}
