import { chmod, mkdtemp, rename, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { readTextBounded } from '../../../src-node/read-bounded.ts';
import { within } from '../../../src-node/waits.ts';
import type { HostApi } from '../../../src-shared/contract/page/api.ts';
import type { View } from '../../../src-shared/contract/page/sections.ts';
import type { DisputeChecked } from '../../../src-shared/contract/page/why-less.ts';
import { AppError, toCodedError } from '../../../src-shared/errors/app-error.ts';
import { DISPUTE_CHARS_MAX } from '../../../src-shared/scoring/dispute.ts';
import { CONTROL_ANSWER_MS, CONTROL_CONNECTIONS, CONTROL_LINE_BYTES, CONTROL_SILENT_MS } from '../limits.ts';
import { peersOf } from './peers.ts';
import { controlPlace, preparePlace } from './place.ts';
import { type Answer, type Question, questionSchema, type RunWeights } from './protocol.ts';
import { statusOf } from './status.ts';
import { troubledView } from './troubled-view.ts';

export interface ControlDoorOptions {
  readonly api: HostApi;
  readonly dataDir: string;
  /** Ends this program in order. */
  stop(): void;
  onProblem(problem: unknown): void;
}

/**
 * Lets a terminal of the same user ask the running host. One line a connection, then the answer, then the end; who
 * asked for a stop stays connected, and sees by the end of the connection that the program has ended.
 */
export async function openControlDoor(options: ControlDoorOptions): Promise<{ stop(): Promise<void> }> {
  const place = controlPlace(options.dataDir);
  const stopping = new AbortController();
  const asking = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    asking.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => asking.delete(socket));
    const silent = setTimeout(() => socket.destroy(), CONTROL_SILENT_MS);
    socket.once('close', () => clearTimeout(silent));
    readLine(socket, (line) => {
      clearTimeout(silent);
      void respond(socket, line);
    });
  });
  server.maxConnections = CONTROL_CONNECTIONS;
  await listenPrivately(server, place);
  server.on('error', options.onProblem);

  async function respond(socket: Socket, line: string | null): Promise<void> {
    const question = line === null ? null : readQuestion(line);
    const answer = question ? await answerTo(question) : malformed;
    const text = `${JSON.stringify(answer)}\n`;
    const cut = setTimeout(() => socket.destroy(), CONTROL_SILENT_MS);
    socket.once('close', () => clearTimeout(cut));
    if (question?.verb !== 'stop') return void socket.end(text, () => socket.destroy());
    asking.delete(socket);
    socket.unref();
    socket.write(text, () => clearTimeout(cut));
    options.stop();
  }

  async function answerTo(question: Question): Promise<Answer> {
    try {
      return await within(perform(options.api, question), question.verb, CONTROL_ANSWER_MS, stopping.signal);
    } catch (thrown) {
      const error = toCodedError(thrown);
      if (error.code === 'INTERNAL') options.onProblem(thrown);
      const params = Object.entries(error.params).map(([name, value]) => [name, String(value)]);
      return { kind: 'refused', error: { code: error.code, params: Object.fromEntries(params) } };
    }
  }

  return {
    async stop() {
      stopping.abort();
      server.close();
      for (const socket of asking) socket.destroy();
      if (process.platform !== 'win32') await rm(place, { force: true });
    },
  };
}

async function perform(api: HostApi, question: Question): Promise<Answer> {
  if (question.verb === 'stop') return { kind: 'done' };
  if (question.verb === 'follow') {
    await api.followRun(question.run, question.hash);
    return { kind: 'done' };
  }
  if (question.verb === 'check-dispute')
    return { kind: 'disputeChecked', checked: await checkFile(api, question.path) };
  const view = await api.view();
  if (question.verb === 'status') return { kind: 'status', status: statusOf(view, process.pid) };
  if (question.verb === 'peers') return { kind: 'peers', runs: peersOf(view, question.run) };
  if (question.verb === 'weights') return { kind: 'weights', runs: await weightsOf(api, view, question.run) };
  if (question.verb === 'write-dispute')
    return { kind: 'dispute', ...(await api.writeDispute(disputing(view, question.run))) };
  if (question.verb === 'view') return { kind: 'view', text: troubledView(view) };
  if (question.verb === 'resume' && question.anywayMinutes !== null)
    await api.setHouseAside(question.anywayMinutes);
  const runs = question.run === null ? Object.keys(view.runs) : [question.run];
  if (runs.length === 0) throw new AppError('NO_RUN');
  for (const id of runs) {
    if (!Object.hasOwn(view.runs, id)) throw new AppError('NO_RUN');
    await (question.verb === 'pause' ? api.pauseRun(id, question.minutes) : api.resumeRun(id));
  }
  return { kind: 'done' };
}

/** @throws {AppError} DISPUTE_MALFORMED, or of the disk */
async function checkFile(api: HostApi, path: string): Promise<DisputeChecked> {
  const text = await readTextBounded(path, 3 * DISPUTE_CHARS_MAX);
  if (text === undefined) throw new AppError('DISPUTE_MALFORMED', { reason: 'no such file' });
  if (text === null || text.length > DISPUTE_CHARS_MAX)
    throw new AppError('DISPUTE_MALFORMED', { reason: 'too long' });
  return api.checkDispute(text);
}

/** Of those runs that set weights; one that was named and sets none is refused. */
async function weightsOf(api: HostApi, { runs }: View, asked: string | null): Promise<readonly RunWeights[]> {
  const found: RunWeights[] = [];
  for (const [hotkey, { facts }] of Object.entries(runs)) {
    if (asked !== null && asked !== hotkey) continue;
    const plan = await api.weightsPlan(hotkey);
    if (plan) found.push({ hotkey, network: facts.network, plan });
  }
  if (found.length === 0) throw new AppError('NO_VALIDATOR');
  return found;
}

/** The run that was named, or the only miner there is. @throws {AppError} NO_RUN */
function disputing({ runs }: View, asked: string | null): string {
  const miners = Object.entries(runs).filter(([, { facts }]) => facts.role === 'miner');
  const [one] = asked === null ? miners : miners.filter(([hotkey]) => hotkey === asked);
  if (!one || (asked === null && miners.length > 1)) throw new AppError('NO_RUN');
  return one[0];
}

const malformed: Answer = {
  kind: 'refused',
  error: { code: 'RPC_MALFORMED', params: { method: 'control' } },
};

function readQuestion(line: string): Question | null {
  try {
    const parsed = v.safeParse(questionSchema, JSON.parse(line));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}

/** Calls back once: with the first line, or with null when it is too long to be a question. */
function readLine(socket: Socket, listener: (line: string | null) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const onData = (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.length;
    const ended = chunk.includes(0x0a);
    if (!ended && bytes <= CONTROL_LINE_BYTES) return;
    // What comes behind the line is of no interest: not read, not kept.
    socket.off('data', onData).pause();
    const line = Buffer.concat(chunks).toString('utf8').split('\n', 1)[0] ?? '';
    listener(Buffer.byteLength(line) <= CONTROL_LINE_BYTES ? line : null);
  };
  socket.on('data', onData);
}

/**
 * Listens where nobody but this user can reach it, at no moment: the socket is made in a folder of its own and takes
 * its place once its mode is right, also over one that a killed host left behind.
 */
async function listenPrivately(server: Server, place: string): Promise<void> {
  if (process.platform === 'win32') return listen(server, place);
  await preparePlace(place);
  const room = await mkdtemp(join(dirname(place), '.c'));
  try {
    const draft = join(room, 's');
    await listen(server, draft);
    await chmod(draft, 0o600);
    await rename(draft, place);
  } finally {
    await rm(room, { recursive: true, force: true });
  }
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
