import * as v from 'valibot';
import { verifyEd25519 } from '../../../src-node/ed25519.ts';
import { pause } from '../../../src-node/waits.ts';
import type { ResultsName, ResultsVote, Roster } from '../../../src-shared/rounds/messages.ts';
import {
  type Envelope,
  type EnvelopeKind,
  envelopeSchema,
  rosterDigest,
  type SignEd25519,
  signEnvelope,
  verifyEnvelope,
} from '../../../src-shared/rounds/signed.ts';
import type { Hex, Ss58 } from '../../../src-shared/units.ts';
import {
  CONTROL_LIMIT_MS,
  CONTROL_MAX_BYTES,
  DELIVER_AGAIN_FIRST_MS,
  DELIVER_AGAIN_LAST_MS,
  MAX_ENVELOPES_PER_BATCH,
  MAX_UNBOUND,
  ROUNDS_ASIDE,
} from '../limits.ts';
import { ask, serveAnswers } from '../net/ask.ts';
import { fromBytes, toBytes } from '../net/json.ts';
import type { Network } from '../net/link.ts';
import { HeldMessages, isVote } from './held.ts';
import { readPayload, type Said } from './payloads.ts';

const batchSchema = v.pipe(v.array(envelopeSchema), v.maxLength(MAX_ENVELOPES_PER_BATCH));
const ACCEPTED = Uint8Array.of(1);
/** What witnesses hand each other: by it they agree. */
const PASSED_ON: ReadonlySet<EnvelopeKind> = new Set(['ready', 'roster', 'result', 'results', 'fraud']);
/** What witnesses alone say. */
const OF_WITNESSES: ReadonlySet<EnvelopeKind> = new Set(['roster', 'results', 'fraud']);
/** What is still told of the round before. */
const OF_LAST_ROUND: ReadonlySet<EnvelopeKind> = new Set(['receipts', 'fraud']);
/** Characters of payload in one batch, well below what its receiver takes. */
const BATCH_CHARS = CONTROL_MAX_BYTES / 4;

export interface ControlEvents {
  onSaid(said: Said, signer: Ss58): void;
  /** More than half of the witnesses signed this roster. */
  onRoster(agreed: { readonly roster: Roster; readonly rosterDigest: Hex }): void;
  /** A witness proposes a roster that we, a witness too, have not signed. */
  onProposal(proposed: { readonly roster: Roster; readonly rosterDigest: Hex }): void;
  /** More than half of the witnesses signed this list of results; who proposed it does not matter. */
  onResults(agreed: ResultsVote): void;
  /** A witness proposes a list of results, and we, a witness too, have signed none. */
  onResultsProposal(proposed: ResultsVote): void;
  /** A witness signed another roster or list of a round than the one we hold of it; told once a round. */
  onContradiction(said: { readonly hotkey: Ss58; readonly round: number }): void;
}

export interface ControlInit {
  readonly network: Network;
  readonly runTag: string;
  readonly sign: SignEd25519;
  readonly events: ControlEvents;
}

/** Signed messages to everybody: held, sent to whoever connects later, passed on as they were signed. */
export class Control {
  readonly #network: Network;
  readonly #runTag: string;
  readonly #sign: SignEd25519;
  readonly #events: ControlEvents;
  readonly #held = new HeldMessages();
  /** Digests of rosters, and of rosters with results. */
  readonly #agreed = new Set<string>();
  /** Words that stand, of signers whose binding is not known here (yet): one each. */
  readonly #unbound = new Map<Ss58, Envelope>();
  /** The newest round in which each witness was found to contradict itself. */
  readonly #contradicting = new Map<Ss58, number>();
  readonly #stopping = new AbortController();
  /** Who has a place; null until that is known. */
  #members: ReadonlySet<string> | null = null;
  #witnesses: ReadonlySet<string> = new Set();
  #round: number | null = null;

  constructor(init: ControlInit) {
    this.#network = init.network;
    this.#runTag = init.runTag;
    this.#sign = init.sign;
    this.#events = init.events;
    const limits = { maxBytes: CONTROL_MAX_BYTES, limitMs: CONTROL_LIMIT_MS };
    serveAnswers(init.network, 'control', limits, async (batch) => (this.#receive(batch) ? ACCEPTED : null));
    init.network.onPeer((hotkey, connected) => {
      if (connected) this.#send(hotkey, this.#held.current(this.#isCurrent));
    });
  }

  get self(): Ss58 {
    return this.#network.self;
  }

  /** Aborts when nothing is delivered any more. */
  get stopped(): AbortSignal {
    return this.#stopping.signal;
  }

  setMembers(members: ReadonlySet<string>, witnesses: ReadonlySet<string>): void {
    this.#members = members;
    this.#witnesses = witnesses;
    for (const signer of this.#unbound.keys()) if (!members.has(signer)) this.#unbound.delete(signer);
    this.#held.keepOnly(new Set([...members, this.#network.self]));
    for (const round of this.#held.roundsOf('roster')) this.#countVotes(round);
    for (const round of this.#held.roundsOf('results')) this.#countResults(round);
  }

  isWitness(hotkey: Ss58): boolean {
    return this.#witnesses.has(hotkey);
  }

  /** The round in progress by the chain. Before it is known whatever comes is taken. */
  setRound(round: number): void {
    this.#round = round;
    this.#held.keepRounds(this.#isNear);
  }

  /** Signs a message, keeps it for latecomers and sends it to all connected peers. */
  say<P extends { readonly round: number }>(kind: EnvelopeKind, payload: P): void {
    const envelope = signEnvelope(this.#runTag, { kind, payload, signer: this.#network.self }, this.#sign);
    if (!this.#held.take(envelope, payload.round)) return;
    for (const peer of this.#network.peers()) this.#send(peer, [envelope]);
    if (kind === 'roster') this.#countVotes(payload.round);
    if (kind === 'results') this.#countResults(payload.round);
  }

  /** What was said of a kind in a round, ours included. */
  said(kind: EnvelopeKind, round: number): { readonly said: Said; readonly signer: Ss58 }[] {
    return this.#held.of(kind, round).flatMap((envelope) => {
      const said = readPayload(envelope);
      return said ? [{ said, signer: envelope.signer }] : [];
    });
  }

  /** The same as it was signed. */
  envelopes(kind: EnvelopeKind, round: number): readonly Envelope[] {
    return this.#held.of(kind, round);
  }

  /** Witnesses that signed that list of results: each of them holds all of it. */
  signersOf({ round, rosterDigest, resultsDigest }: ResultsName): readonly Ss58[] {
    const isOf = (vote: ResultsVote) =>
      vote.rosterDigest === rosterDigest && vote.resultsDigest === resultsDigest;
    const votes = this.said('results', round);
    return votes.flatMap(({ said, signer }) =>
      said.kind === 'results' && this.#witnesses.has(signer) && isOf(said.body) ? [signer] : [],
    );
  }

  /** The newest word of every signer on something that outlives its round, ours included. */
  standing(kind: EnvelopeKind): { readonly said: Said; readonly signer: Ss58 }[] {
    // Who spoke for itself before its binding was known here may be bound by now.
    const unbound = [...this.#unbound.values()];
    this.#unbound.clear();
    for (const envelope of unbound) this.#judge(envelope);
    return this.#held.newest(kind).flatMap((envelope) => {
      const said = readPayload(envelope);
      return said ? [{ said, signer: envelope.signer }] : [];
    });
  }

  stop(): void {
    this.#stopping.abort();
  }

  /** @returns false when the bytes are no batch; single messages that do not count are left out */
  #receive(bytes: Uint8Array): boolean {
    const batch = fromBytes(batchSchema, bytes);
    for (const envelope of batch ?? []) this.#judge(envelope);
    return batch !== null;
  }

  #judge(envelope: Envelope): void {
    if (envelope.signer === this.#network.self || this.#held.has(envelope)) return;
    const said = readPayload(envelope);
    const peerKey = this.#network.peerKey(envelope.signer);
    if (!said || !this.#isNear(said.kind, said.round)) return;
    if (!peerKey) {
      // Names without a place cost nothing: of those nobody is kept, or they would crowd out the others.
      const mayWait = said.kind === 'store' && (this.#members?.has(envelope.signer) ?? true);
      if (mayWait && this.#unbound.size < MAX_UNBOUND) this.#unbound.set(envelope.signer, envelope);
      return;
    }
    if (OF_WITNESSES.has(said.kind) && this.#witnesses.size > 0 && !this.#witnesses.has(envelope.signer))
      return;
    if (!verifyEnvelope(this.#runTag, envelope, peerKey, verifyEd25519)) return;
    if (!this.#held.take(envelope, said.round)) {
      this.#noteContradiction(envelope, said);
      return;
    }
    this.#passOn(envelope);
    this.#events.onSaid(said, envelope.signer);
    if (said.kind === 'roster') this.#countVotes(said.round);
    else if (said.kind === 'results') this.#countResults(said.round);
    else return;
    // Who signs what another one proposed votes; only who signs its own proposes.
    if (said.body.proposer !== envelope.signer || !this.#isWitness) return;
    if (this.#hasVoted(said.kind, said.round)) return;
    if (said.kind === 'results') this.#events.onResultsProposal(said.body);
    else this.#events.onProposal({ roster: said.body, rosterDigest: rosterDigest(said.body) });
  }

  get #isWitness(): boolean {
    return this.#witnesses.has(this.#network.self);
  }

  #hasVoted(kind: 'roster' | 'results', round: number): boolean {
    return this.#held.of(kind, round).some(({ signer }) => signer === this.#network.self);
  }

  #noteContradiction(envelope: Envelope, { kind, round }: Said): void {
    const { signer } = envelope;
    if (!isVote(kind) || !this.#held.contradicts(envelope, round)) return;
    if ((this.#contradicting.get(signer) ?? -1) >= round) return;
    this.#contradicting.set(signer, round);
    this.#events.onContradiction({ hotkey: signer, round });
  }

  /** Witnesses tell each other what they hear, so that what reaches one of them reaches all. */
  #passOn(envelope: Envelope): void {
    if (!this.#isWitness || !PASSED_ON.has(envelope.kind)) return;
    for (const peer of this.#network.peers())
      if (this.#witnesses.has(peer) && peer !== envelope.signer) this.#send(peer, [envelope]);
  }

  /** What is said of a store stands until its signer says otherwise, however long ago it was. */
  readonly #isNear = (kind: EnvelopeKind, round: number): boolean =>
    this.#round === null ||
    (round <= this.#round + ROUNDS_ASIDE && (kind === 'store' || round >= this.#round - ROUNDS_ASIDE));

  /** Receipts and frauds of the last round are still asked for; of everything else the chain has decided. */
  readonly #isCurrent = (kind: EnvelopeKind, round: number): boolean =>
    this.#round === null ||
    kind === 'store' ||
    round >= (OF_LAST_ROUND.has(kind) ? this.#round - ROUNDS_ASIDE : this.#round);

  #countVotes(round: number): void {
    const votes = new Map<Hex, { roster: Roster; count: number }>();
    for (const { said, signer } of this.said('roster', round)) {
      if (said.kind !== 'roster' || !this.#witnesses.has(signer)) continue;
      const digest = rosterDigest(said.body);
      votes.set(digest, { roster: said.body, count: (votes.get(digest)?.count ?? 0) + 1 });
    }
    for (const [digest, { roster, count }] of votes) {
      if (count <= this.#witnesses.size / 2 || this.#agreed.has(digest)) continue;
      this.#agreed.add(digest);
      this.#events.onRoster({ roster, rosterDigest: digest });
      if (this.#isWitness) this.#spreadVotes('roster', round);
    }
  }

  /** Two witnesses that hold the same results write the same list: who proposed it is not counted. */
  #countResults(round: number): void {
    const votes = new Map<string, { vote: ResultsVote; count: number }>();
    for (const { said, signer } of this.said('results', round)) {
      if (said.kind !== 'results' || !this.#witnesses.has(signer)) continue;
      const key = `${said.body.rosterDigest} ${said.body.resultsDigest}`;
      votes.set(key, { vote: said.body, count: (votes.get(key)?.count ?? 0) + 1 });
    }
    for (const [key, { vote, count }] of votes) {
      if (count <= this.#witnesses.size / 2 || this.#agreed.has(key)) continue;
      this.#agreed.add(key);
      this.#events.onResults(vote);
      if (this.#isWitness) this.#spreadVotes('results', round);
    }
  }

  /** A member may see only some of the witnesses: each of them hands it the votes of the others. */
  #spreadVotes(kind: 'roster' | 'results', round: number): void {
    const votes = this.#held.of(kind, round).filter(({ signer }) => signer !== this.#network.self);
    for (const peer of this.#network.peers()) if (!this.#witnesses.has(peer)) this.#send(peer, votes);
  }

  #send(to: Ss58, envelopes: readonly Envelope[]): void {
    const mine = envelopes.filter(({ signer }) => signer !== to);
    for (const batch of batches(mine)) void this.#deliver(to, batch);
  }

  /** A connected peer is tried for as long as the words stand: on a full uplink a short one may take a while. */
  async #deliver(to: Ss58, batch: readonly Envelope[]): Promise<void> {
    const { signal } = this.#stopping;
    const limits = { maxBytes: ACCEPTED.length, limitMs: CONTROL_LIMIT_MS, signal };
    const bytes = toBytes(batch);
    const stands = () => batch.some((envelope) => this.#held.has(envelope));
    for (let waitMs = DELIVER_AGAIN_FIRST_MS; ; waitMs = Math.min(2 * waitMs, DELIVER_AGAIN_LAST_MS)) {
      const taken = await ask(this.#network, { hotkey: to, protocol: 'control' }, bytes, limits).catch(
        () => null,
      );
      if (taken) return;
      await pause(waitMs, signal);
      // Who has gone gets it when it connects anew.
      if (signal.aborted || !this.#network.isConnected(to) || !stands()) return;
    }
  }
}

function batches(envelopes: readonly Envelope[]): Envelope[][] {
  const made: Envelope[][] = [];
  let chars = Number.POSITIVE_INFINITY;
  for (const envelope of envelopes) {
    const open = made.at(-1);
    if (open && open.length < MAX_ENVELOPES_PER_BATCH && chars + envelope.payload.length < BATCH_CHARS)
      open.push(envelope);
    else {
      made.push([envelope]);
      chars = 0;
    }
    chars += envelope.payload.length;
  }
  return made;
}
