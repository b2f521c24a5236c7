import * as scure from '@scure/sr25519';
import { ChainClock } from '../../src-node/chain-clock.ts';
import { ed25519FromSeed } from '../../src-node/ed25519.ts';
import type { Notices } from '../../src-node/notices.ts';
import type { CallHandlers, EventName, EventOf, InitOf, ReadyOf } from '../../src-shared/contract/child.ts';
import type { SwarmContract } from '../../src-shared/contract/swarm.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { parameterCount } from '../../src-shared/model/layout.ts';
import { chunkGrid } from '../../src-shared/reduce/chunks.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import { Challenge } from './challenge.ts';
import { Control } from './control/control.ts';
import type { Said } from './control/payloads.ts';
import { EDGES_EVERY_MS, TRAFFIC_EVERY_MS } from './limits.ts';
import { Directory } from './mesh/directory.ts';
import { BindingDoor } from './mesh/hello.ts';
import { Mesh } from './mesh/mesh.ts';
import { createNode } from './mesh/node.ts';
import { Receipts } from './receipts.ts';
import { Butterfly } from './reduce/butterfly.ts';
import { Scores } from './scores.ts';
import { SpoolDisk } from './spool-disk.ts';
import { StateDonor } from './state/donate.ts';
import { fetchLineage, fetchState } from './state/fetch.ts';
import { Work } from './work.ts';

export type Emit = <N extends EventName<SwarmContract>>(name: N, payload: EventOf<SwarmContract, N>) => void;

/** What the node says to its host; the child's door is one. */
export interface SwarmHost extends Notices {
  readonly emit: Emit;
}

export interface RunningSwarm {
  readonly facts: ReadyOf<SwarmContract>;
  readonly handlers: CallHandlers<SwarmContract>;
  stop(): Promise<void>;
}

/**
 * Starts the node and all protocols on it.
 * @throws {AppError} PEER_BINDING_INVALID when the own binding does not count, PORT_IN_USE
 */
export async function composeSwarm(config: InitOf<SwarmContract>, host: SwarmHost): Promise<RunningSwarm> {
  const { emit } = host;
  const { consensus, hotkey, runTag, spoolDir } = config;
  const key = ed25519FromSeed(config.peerSeed);
  const { netuid } = consensus.chain;
  const clock = new ChainClock();
  if (config.chainTimeMs !== null) clock.set(config.chainTimeMs);
  const door = new BindingDoor({ netuid, genesisHash: config.genesisHash }, verifySr25519, clock);
  const checkOwn = (binding: string): void => {
    const own = door.verify(binding);
    if (own?.hotkey !== hotkey || own.peerKey !== key.publicKey)
      throw new AppError('PEER_BINDING_INVALID', { reason: 'own' });
  };
  checkOwn(config.binding);

  const node = await createNode({ seed: config.peerSeed, ...config.listen });
  const count = { sentBytes: 0, receivedBytes: 0 };
  const mesh = new Mesh({
    node,
    directory: new Directory(door),
    hotkey,
    binding: config.binding,
    ownKey: key.publicKey,
    runTag,
    listen: config.listen,
    bootstrap: config.bootstrap,
    count,
    onEvent: (event) => emit('peer', event),
  });
  const grid = chunkGrid(parameterCount(consensus.model), consensus.codec.chunkElements);
  const disk = new SpoolDisk(host);
  const butterfly = new Butterfly({
    network: mesh,
    disk,
    grid,
    consensus,
    spoolDir,
    sign: key.sign,
    onEdges: (round, edges) => emit('edges', { round, edges }),
  });
  const control = new Control({
    network: mesh,
    runTag,
    sign: key.sign,
    events: {
      onSaid: (said, signer) => tell(emit, said, signer),
      onRoster: (agreed) => emit('roster', agreed),
      onProposal: (proposed) => emit('rosterProposal', proposed),
    },
  });
  const receipts = new Receipts({ network: mesh, control, butterfly, runTag, sign: key.sign });
  const work = new Work(mesh, spoolDir);
  const scores = new Scores(mesh);
  const challenge = new Challenge(mesh);
  const donor = new StateDonor(mesh, consensus.codec.pieceBytes);
  const stopping = new AbortController();
  await mesh.start().catch(async (thrown: unknown) => {
    await mesh.stop();
    throw isPortTaken(thrown) ? new AppError('PORT_IN_USE', { port: config.listen.port }, thrown) : thrown;
  });
  const traffic = setInterval(() => emit('traffic', { atMs: Date.now(), ...count }), TRAFFIC_EVERY_MS);

  const handlers: CallHandlers<SwarmContract> = {
    async setMembers({ hotkeys, witnesses }) {
      control.setMembers(new Set(hotkeys), new Set(witnesses));
      mesh.setMembers(hotkeys);
      return undefined;
    },
    async setChainTime({ unixMs }) {
      clock.set(unixMs);
      return undefined;
    },
    async renewBinding({ binding }) {
      checkOwn(binding);
      await mesh.renewBinding(binding);
      return undefined;
    },
    async setRound({ round }) {
      control.setRound(round);
      return undefined;
    },
    async dial({ addresses }, signal) {
      await mesh.dial(addresses, signal);
      return undefined;
    },
    async announceReady(ready) {
      control.say('ready', ready);
      return undefined;
    },
    async proposeRoster(roster) {
      control.say('roster', roster);
      return undefined;
    },
    async reduce(given, signal) {
      const report = await butterfly.reduce(given, signal);
      receipts.write(given.round, stopping.signal);
      return report;
    },
    async announceResult(result) {
      control.say('result', result);
      return undefined;
    },
    receipts: ({ round }) => receipts.of(round),
    async offerWork({ round }) {
      work.offer(round);
      return undefined;
    },
    async fetchWork({ hotkey: of, round }, signal) {
      return { bytes: new Uint8Array(await work.fetch(of, round, signal)) };
    },
    async offerScores({ json }) {
      scores.offer(json);
      return undefined;
    },
    fetchScores: async ({ hotkey: of }, signal) => ({ json: await scores.fetch(of, signal) }),
    challenge: (asked, signal) => challenge.run(asked, signal),
    async offerState(offer) {
      await donor.offer(offer);
      return undefined;
    },
    fetchLineage: ({ hotkey: of }, signal) => fetchLineage(mesh, of, signal),
    fetchState({ baseDigest, sizeBytes, path }, signal) {
      const at = { path, baseDigest, sizeBytes, pieceBytes: consensus.codec.pieceBytes };
      return fetchState(mesh, at, disk, progressOf(emit, sizeBytes), signal);
    },
  };

  return {
    facts: { peerId: node.peerId.toString(), addresses: mesh.addresses() },
    handlers,
    async stop() {
      stopping.abort();
      clearInterval(traffic);
      control.stop();
      await butterfly.stop();
      await donor.stop();
      await mesh.stop();
    },
  };
}

function tell(emit: Emit, said: Said, signer: Ss58): void {
  if (said.kind === 'ready') emit('ready', said.body);
  else if (said.kind === 'result') emit('result', { hotkey: signer, ...said.body });
}

/** Progress as often as a page shows it, and the last word always. */
function progressOf(emit: Emit, totalBytes: number): (receivedBytes: number) => void {
  let saidAtMs = Number.NEGATIVE_INFINITY;
  return (receivedBytes) => {
    const nowMs = performance.now();
    if (receivedBytes < totalBytes && nowMs - saidAtMs < EDGES_EVERY_MS) return;
    saidAtMs = nowMs;
    emit('stateProgress', { receivedBytes, totalBytes });
  };
}

const verifySr25519 = (message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean =>
  scure.verify(message, signature, publicKey);

const isPortTaken = (thrown: unknown): boolean =>
  thrown instanceof Error &&
  /EADDRINUSE/.test(`${thrown.message} ${thrown.cause ?? ''} ${JSON.stringify(thrown)}`);
