import * as v from 'valibot';
import { verifyEd25519 } from '../../../src-node/ed25519.ts';
import type { Roster } from '../../../src-shared/rounds/messages.ts';
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
import { CONTROL_LIMIT_MS, CONTROL_MAX_BYTES, MAX_ENVELOPES_PER_BATCH, ROUNDS_ASIDE } from '../limits.ts';
import { ask, serveAnswers } from '../net/ask.ts';
import { fromBytes, toBytes } from '../net/json.ts';
import type { Network } from '../net/link.ts';
import { HeldMessages } from './held.ts';
import { readPayload, type Said } from './payloads.ts';

const batchSchema = v.pipe(v.array(envelopeSchema), v.maxLength(MAX_ENVELOPES_PER_BATCH));
const ACCEPTED = Uint8Array.of(1);
/** Characters of payload in one batch, well below what its receiver takes. */
const BATCH_CHARS = CONTROL_MAX_BYTES / 4;
/** A peer that is connected and does not take a message is tried again; after that it gets it when it connects anew. */
const ATTEMPTS = 3;

export interface ControlEvents {
  onSaid(said: Said, signer: Ss58): void;
  /** More than half of the witnesses signed this roster. */
  onRoster(agreed: { readonly roster: Roster; readonly rosterDigest: Hex }): void;
  /** A witness proposes a roster that we, a witness too, have not signed. */
  onProposal(proposed: { readonly roster: Roster; readonly rosterDigest: Hex }): void;
}

/** Signed messages to everybody: held, sent to whoever connects later, passed on as they were signed. */
export class Control {
  readonly #network: Network;
  readonly #runTag: string;
  readonly #sign: SignEd25519;
  readonly #events: ControlEvents;
  readonly #held = new HeldMessages();
  readonly #agreed = new Set<Hex>();
  readonly #stopping = new AbortController();
  #witnesses: ReadonlySet<string> = new Set();
  #round: number | null = null;

  constructor(init: {
    readonly network: Network;
    readonly runTag: string;
    readonly sign: SignEd25519;
    readonly events: ControlEvents;
  }) {
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

  setMembers(members: ReadonlySet<string>, witnesses: ReadonlySet<string>): void {
    this.#witnesses = witnesses;
    this.#held.keepOnly(new Set([...members, this.#network.self]));
    for (const round of this.#held.roundsOf('roster')) this.#countVotes(round);
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
  }

  /** What was said of a kind in a round, ours included. */
  said(kind: EnvelopeKind, round: number): { readonly said: Said; readonly signer: Ss58 }[] {
    return this.#held.of(kind, round).flatMap((envelope) => {
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
    if (!said || !peerKey || !this.#isNear(said.round)) return;
    if (said.kind === 'roster' && this.#witnesses.size > 0 && !this.#witnesses.has(envelope.signer)) return;
    if (!verifyEnvelope(this.#runTag, envelope, peerKey, verifyEd25519)) return;
    if (!this.#held.take(envelope, said.round)) return;
    this.#events.onSaid(said, envelope.signer);
    if (said.kind !== 'roster') return;
    this.#countVotes(said.round);
    const ours = this.#held.of('roster', said.round).some(({ signer }) => signer === this.#network.self);
    if (this.#witnesses.has(this.#network.self) && !ours)
      this.#events.onProposal({ roster: said.body, rosterDigest: rosterDigest(said.body) });
  }

  readonly #isNear = (round: number): boolean =>
    this.#round === null || Math.abs(round - this.#round) <= ROUNDS_ASIDE;

  /** Receipts of the last round are still asked for; of everything else the chain has decided. */
  readonly #isCurrent = (kind: EnvelopeKind, round: number): boolean =>
    this.#round === null || round >= (kind === 'receipts' ? this.#round - ROUNDS_ASIDE : this.#round);

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
    }
  }

  #send(to: Ss58, envelopes: readonly Envelope[]): void {
    const mine = envelopes.filter(({ signer }) => signer !== to);
    for (const batch of batches(mine)) void this.#deliver(to, toBytes(batch));
  }

  async #deliver(to: Ss58, bytes: Uint8Array): Promise<void> {
    const limits = { maxBytes: ACCEPTED.length, limitMs: CONTROL_LIMIT_MS, signal: this.#stopping.signal };
    for (let attempt = 0; attempt < ATTEMPTS && this.#network.isConnected(to); attempt++) {
      const taken = await ask(this.#network, { hotkey: to, protocol: 'control' }, bytes, limits).catch(
        () => null,
      );
      if (taken || this.#stopping.signal.aborted) return;
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
