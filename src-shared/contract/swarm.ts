import * as v from 'valibot';
import { consensusSchema } from '../profile/schema.ts';
import { lineageEntrySchema, readySchema, receiptSchema, rosterSchema } from '../rounds/messages.ts';
import { MOST_SLOWDOWN } from '../rounds/pace.ts';
import { defineContract } from './child.ts';
import { address, bytes, count, digest, finite, multiaddr, none, path, runTag, shortText } from './fields.ts';

/** 256 cards of a kilobyte each. */
const scoresJson = v.pipe(v.string(), v.maxLength(262_144));

/** How one peer's traffic with us in a round stands; the butterfly draws these and nothing else. */
export const edgeSchema = v.object({
  hotkey: address,
  direction: v.picklist(['out', 'home']),
  state: v.picklist(['waiting', 'moving', 'done', 'failed']),
  bytes: count,
  totalBytes: count,
});

export type Edge = v.InferOutput<typeof edgeSchema>;

/** What a finished all-reduce came to, seen from this member. */
export const reduceReportSchema = v.object({
  round: count,
  durationMs: finite,
  bytesSent: count,
  bytesReceived: count,
  /** Share of elements that have a result with quorum. */
  elementsShare: finite,
  chunks: count,
  chunksWithResult: count,
  /** Per member in roster order: share of its chunks that were taken, and of its own part returned in time. */
  members: v.array(
    v.object({
      hotkey: address,
      takenShare: v.nullable(finite),
      returnedShare: v.nullable(finite),
      error: v.nullable(shortText),
    }),
  ),
});

export type ReduceReport = v.InferOutput<typeof reduceReportSchema>;

/**
 * `swarm` moves bytes between bound peers: readiness, rosters, the butterfly, digests, work records, states. It
 * decides nothing that money hangs on; the host judges what it brings. Signed messages arrive here already verified
 * against the sender's binding.
 */
export const swarmContract = defineContract({
  init: v.object({
    hotkey: address,
    /** Ed25519 seed of the libp2p identity, 32 bytes. */
    peerSeed: v.pipe(bytes, v.length(32)),
    /** The hotkey's signed statement that it speaks through this peer key (src-shared/rounds/binding.ts), encoded. */
    binding: v.pipe(v.string(), v.maxLength(2_048)),
    /** The chain's time when this was written, in ms since 1970; null where no block told one. */
    chainTimeMs: v.nullable(count),
    genesisHash: digest,
    runTag,
    consensus: consensusSchema,
    listen: v.object({ host: shortText, port: v.pipe(count, v.maxValue(65_535)) }),
    bootstrap: v.array(multiaddr),
    spoolDir: path,
  }),
  ready: v.object({ peerId: shortText, addresses: v.array(multiaddr) }),
  calls: {
    /** Who is registered, and who of them are witnesses. Peers of other hotkeys are disconnected. */
    setMembers: {
      params: v.object({
        hotkeys: v.pipe(v.array(address), v.maxLength(4_096)),
        witnesses: v.pipe(v.array(address), v.maxLength(64)),
      }),
      result: none,
    },
    /** The round in progress by the chain. Messages of rounds beyond the next, or long past, are refused. */
    setRound: { params: v.object({ round: count }), result: none },
    /** The newest finalized block's time, in ms since 1970: by it bindings count. Told every minute or so. */
    setChainTime: { params: v.object({ unixMs: count }), result: none },
    /** A newer statement of our own peer key; connected peers are told at once. */
    renewBinding: {
      params: v.object({ binding: v.pipe(v.string(), v.maxLength(2_048)) }),
      result: none,
    },
    dial: { params: v.object({ addresses: v.array(multiaddr) }), result: none },
    /** Signs and sends Ready to every connected peer; it answers whoever asks until the round is over. */
    announceReady: { params: readySchema, result: none },
    /** As witness: signs the roster, sends it to the other witnesses and, with enough signatures, to everybody. */
    proposeRoster: { params: rosterSchema, result: none },
    /** Runs the butterfly over the contribution in the spool; resolves when average.json is there or the hard deadline passed. */
    reduce: {
      params: v.object({
        round: count,
        roster: rosterSchema,
        rosterDigest: digest,
        /** Deadlines of the profile times this: how many times slower than usual the chain goes. */
        slowdown: v.pipe(finite, v.minValue(1), v.maxValue(MOST_SLOWDOWN)),
      }),
      result: reduceReportSchema,
    },
    /** Signs and sends "my result of this round is this id". */
    announceResult: {
      params: v.object({ round: count, resultId: digest, baseDigest: digest }),
      result: none,
    },
    receipts: { params: v.object({ round: count }), result: v.array(receiptSchema) },
    /** Serves this round's work record from the spool; fetches another miner's (bounded, still unverified bytes). */
    offerWork: { params: v.object({ round: count }), result: none },
    fetchWork: {
      params: v.object({ hotkey: address, round: count }),
      result: v.object({ bytes: v.pipe(bytes, v.maxLength(1_048_576)) }),
    },
    /** As validator: what miners may read of their scores (src-shared/scoring/cards.ts), encoded. */
    offerScores: { params: v.object({ json: scoresJson }), result: none },
    /** The newest cards of a validator, still unparsed; null when it offers none. */
    fetchScores: {
      params: v.object({ hotkey: address }),
      result: v.object({ json: v.nullable(scoresJson) }),
    },
    /** Moves random bytes both ways at the validator's request; the limit is for one direction. */
    challenge: {
      params: v.object({ hotkey: address, bytes: count, limitMs: count }),
      result: v.object({ latencyMs: finite, downMs: finite, upMs: finite }),
    },
    /** What newcomers may have of us: the state file and the list of committed rounds. */
    offerState: {
      params: v.object({ baseDigest: digest, path, sizeBytes: count, lineage: v.array(lineageEntrySchema) }),
      result: none,
    },
    fetchLineage: { params: v.object({ hotkey: v.nullable(address) }), result: v.array(lineageEntrySchema) },
    /** Fetches the state of that digest from any peers that hold it, piece by verified piece, resumable, into `path`. */
    fetchState: {
      params: v.object({ baseDigest: digest, sizeBytes: count, path }),
      result: v.object({ bytes: count, donors: v.array(address) }),
    },
  },
  events: {
    /** Bound members that come and go. Our own hotkey under another peerId: a newer start of it speaks elsewhere. */
    peer: v.object({
      hotkey: address,
      peerId: shortText,
      connected: v.boolean(),
      address: v.nullable(multiaddr),
    }),
    ready: readySchema,
    roster: v.object({ roster: rosterSchema, rosterDigest: digest }),
    /** Another witness proposes this; a witness that agrees calls proposeRoster with the same roster. */
    rosterProposal: v.object({ roster: rosterSchema, rosterDigest: digest }),
    result: v.object({ hotkey: address, round: count, resultId: digest, baseDigest: digest }),
    edges: v.object({ round: count, edges: v.pipe(v.array(edgeSchema), v.maxLength(128)) }),
    /** Totals since the child started. */
    traffic: v.object({ atMs: finite, sentBytes: count, receivedBytes: count }),
    stateProgress: v.object({ receivedBytes: count, totalBytes: count }),
  },
});

export type SwarmContract = typeof swarmContract;
