import * as v from 'valibot';
import { fraudSchema } from '../audit/fraud.ts';
import { consensusSchema } from '../profile/schema.ts';
import { MAX_BINDING_CHARS } from '../rounds/binding.ts';
import {
  lineageEntrySchema,
  readySchema,
  receiptSchema,
  resultsNameSchema,
  resultsVoteSchema,
  rosterSchema,
} from '../rounds/messages.ts';
import { MOST_SLOWDOWN } from '../rounds/pace.ts';
import { PROOF_BINDINGS_MAX, PROOF_ENVELOPES_MAX } from '../rounds/receipts.ts';
import { envelopeSchema } from '../rounds/signed.ts';
import { STORE_ADDRESS_CHARS_MAX } from '../stores/store-address.ts';
import { swarmAdversarySchema } from './adversary.ts';
import { defineContract } from './child.ts';
import {
  address,
  bytes,
  count,
  digest,
  finite,
  multiaddr,
  none,
  path,
  runTag,
  shortText,
  takenBits,
} from './fields.ts';
import { reachabilitySchema } from './reachability.ts';

/** Hotkeys of a subnet, far beyond what chains have. */
const MAX_MEMBERS = 4_096;

/** 256 cards of a kilobyte each. */
const scoresJson = v.pipe(v.string(), v.maxLength(262_144));

/** A store's address as text; the reader parses it. */
const storeText = v.pipe(v.string(), v.maxLength(STORE_ADDRESS_CHARS_MAX));

/** How one peer's traffic with us in a round stands; the butterfly draws these and nothing else. */
export const edgeSchema = v.object({
  hotkey: address,
  direction: v.picklist(['out', 'home']),
  state: v.picklist(['waiting', 'moving', 'done', 'failed']),
  bytes: count,
  totalBytes: count,
});

export type Edge = v.InferOutput<typeof edgeSchema>;

/** Those of a profile and some of the house around. */
export const MAX_TOLD_ADDRESSES = 128;

export const addressStateSchema = v.object({
  address: multiaddr,
  /** A member is reached by it, or it is our own. */
  isReached: v.boolean(),
  /** When somebody last answered there, in ms since 1970; null: nobody did since the child started. */
  answeredAtMs: v.nullable(count),
  /** Tries since a member was last reached by it. */
  tries: count,
  /** When it is tried again, in ms since 1970; null while it is being tried or need not be. */
  retryAtMs: v.nullable(count),
});

export type AddressState = v.InferOutput<typeof addressStateSchema>;

/** Connections of one child, with some room above what it holds. */
export const MAX_TOLD_LINKS = 256;

/** The connection to one member. */
export const linkSchema = v.object({
  hotkey: address,
  /** Round trip of the newest ping; null before the first. */
  rttMs: v.nullable(v.pipe(finite, v.minValue(0))),
  way: v.picklist(['direct', 'relayed']),
  /** It came by itself: so we can be reached from where it is. */
  isInbound: v.boolean(),
});

export type Link = v.InferOutput<typeof linkSchema>;

/** Why what a member sent or answered in a round did not count. */
export const memberFaults = [
  'silent',
  'two-answers',
  'root',
  'codec',
  'bytes',
  'length',
  'values',
  'norm',
  'window',
  'result-length',
  'result-contributors',
  'result-divisor',
  'result-quorum',
  'result-signature',
  'result-values',
  /** One of another version. */
  'other',
] as const;

export type MemberFault = (typeof memberFaults)[number];

/** What a round came to with one member. */
export const groupMemberSchema = v.object({
  hotkey: address,
  /** Share of its chunks that are in the results; null for one without weight. */
  takenShare: v.nullable(finite),
  /** Share of what fell to it as a reducer, and as a standby, that it answered; null where nothing did. */
  returnedShare: v.nullable(finite),
  /** Chunks of other reducers that it answered as their standby. */
  stoodIn: v.optional(count, 0),
  error: v.nullable(v.fallback(v.picklist(memberFaults), 'other')),
});

export type GroupMember = v.InferOutput<typeof groupMemberSchema>;

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
  /** In roster order. */
  members: v.array(groupMemberSchema),
});

export type ReduceReport = v.InferOutput<typeof reduceReportSchema>;

/** Receipts as they were signed, and the statements that bind the keys they were signed with. */
export const receiptProofsSchema = v.object({
  envelopes: v.pipe(v.array(envelopeSchema), v.maxLength(PROOF_ENVELOPES_MAX)),
  bindings: v.pipe(
    v.array(v.pipe(v.string(), v.maxLength(MAX_BINDING_CHARS))),
    v.maxLength(PROOF_BINDINGS_MAX),
  ),
});

export type ReceiptProofs = v.InferOutput<typeof receiptProofsSchema>;

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
    /** Whether the router is asked to let peers in. */
    mapsPort: v.boolean(),
    /** Whether others' bytes may pass here, to members that they do not reach. */
    mayRelay: v.boolean(),
    bootstrap: v.array(multiaddr),
    spoolDir: path,
    /** Where everybody may read this hotkey's states, by its user's word; never an address with a key that writes. */
    store: v.nullable(storeText),
    /** Not there where the reducer is honest. */
    adversary: v.exactOptional(swarmAdversarySchema),
  }),
  ready: v.object({ peerId: shortText, addresses: v.array(multiaddr) }),
  calls: {
    /** Who is registered, and who of them are witnesses. Peers of other hotkeys are disconnected. */
    setMembers: {
      params: v.object({
        hotkeys: v.pipe(v.array(address), v.maxLength(MAX_MEMBERS)),
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
    /** Where the chain says that hotkeys answer, those of other programs among them. Takes the place of what was told before. */
    setDirectory: {
      params: v.object({
        entries: v.pipe(v.array(v.object({ hotkey: address, address: multiaddr })), v.maxLength(MAX_MEMBERS)),
      }),
      result: none,
    },
    /** Asks the router and other members anew; resolves when their answers were told as `reachability`. */
    testReachability: { params: none, result: none },
    /** Signs and sends Ready to every connected peer; it answers whoever asks until the round is over. */
    announceReady: { params: readySchema, result: none },
    /** As witness: signs a roster, its own or another one's proposal, and says so to everybody. */
    proposeRoster: { params: rosterSchema, result: none },
    /** Runs the butterfly over the contribution in the spool; resolves when what can be had is held, at the latest when its time is over. */
    reduce: {
      params: v.object({
        round: count,
        roster: rosterSchema,
        rosterDigest: digest,
        /** Of the round's first block: draws the standbys. */
        blockHash: digest,
        /** Times of the profile times this: how many times slower than usual the chain goes. */
        slowdown: v.pipe(finite, v.minValue(1), v.maxValue(MOST_SLOWDOWN)),
        /** Final blocks since the agreed roster came: what a member that comes back goes by. */
        rosterAgoBlocks: count,
      }),
      result: reduceReportSchema,
    },
    /**
     * As witness, after `reduce`: the results list of what is held here, on the disk before it is named. Null where it
     * breaks the rules, with what is wrong.
     */
    composeResults: {
      params: v.object({ round: count, rosterDigest: digest }),
      result: v.object({ resultsDigest: v.nullable(digest), fault: v.nullable(shortText) }),
    },
    /** As witness: signs a results list, its own or another one's, and says so to everybody. */
    signResults: { params: resultsVoteSchema, result: none },
    /**
     * After `reduce`: makes the average of what the list names, asking others for the list and for what is not here;
     * resolves when average.json is there, with what the round came to by the list.
     */
    takeResults: { params: resultsNameSchema, result: reduceReportSchema },
    /** Signs and sends "my result of this round is this id". */
    announceResult: {
      params: v.object({ round: count, resultId: digest, baseDigest: digest }),
      result: none,
    },
    /**
     * Looks at drawn chunks of a round whose results lie here, from what went into them on, until the limit has passed.
     * Who is shown to have lied is told to everybody, and as the event `fraud`.
     */
    audit: {
      params: v.object({
        rosterDigest: digest,
        /** Of a block that was not there when the results were signed: draws the chunks. */
        blockHash: digest,
        limitMs: count,
      }),
      result: v.object({
        drawn: count,
        fine: count,
        notAudited: count,
        /** Who gave something else than it had committed to. */
        foreign: v.array(address),
        /** Who signed a drawn result and did not give what it had put into it itself. */
        withheld: v.array(address),
        frauds: v.array(fraudSchema),
      }),
    },
    /** All against whom a proof was upheld here, also before this start. */
    frauds: { params: none, result: v.array(fraudSchema) },
    receipts: { params: v.object({ round: count }), result: v.array(receiptSchema) },
    /** What others can verify of the receipts of a round that we are a side of; of rounds that are held yet. */
    receiptProofs: { params: v.object({ round: count }), result: receiptProofsSchema },
    /** Serves this round's work record from the spool; fetches another miner's (bounded, still unverified bytes). */
    offerWork: { params: v.object({ round: count }), result: none },
    fetchWork: {
      params: v.object({ hotkey: address, round: count }),
      result: v.object({ bytes: v.pipe(bytes, v.maxLength(1_048_576)) }),
    },
    /**
     * As validator: what a member of that roster sent into its round, chunk by chunk under the root that the roster names,
     * into a file that the next fetch writes over. silent: it gave none, or not all; foreign: something else than it had
     * committed to.
     */
    fetchContribution: {
      params: v.object({ rosterDigest: digest, hotkey: address }),
      result: v.object({ outcome: v.picklist(['held', 'silent', 'foreign']), path, bytes: count }),
    },
    /**
     * As validator: one piece, drawn anew, of a state that is held here too, asked of a member. held: it gave the piece.
     * silent: it gave none. foreign: it gave something else.
     */
    checkState: {
      params: v.object({ baseDigest: digest, hotkey: address }),
      result: v.object({ outcome: v.picklist(['held', 'silent', 'foreign']), bytes: count }),
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
    /** Where members say over the swarm that their states are read, each its newest word; null: nowhere any more. */
    stores: {
      params: none,
      result: v.pipe(
        v.array(v.object({ hotkey: address, store: v.nullable(storeText) })),
        v.maxLength(MAX_MEMBERS),
      ),
    },
    fetchLineage: { params: v.object({ hotkey: v.nullable(address) }), result: v.array(lineageEntrySchema) },
    /**
     * Fetches the state of that digest into `path`, piece by verified piece, from any peers that hold it and from the
     * stores that feed it meanwhile. Asked again after whatever end it goes on with what is there.
     */
    fetchState: {
      params: v.object({
        baseDigest: digest,
        sizeBytes: count,
        path,
        /** Whether stores may come: then nobody gives up before `closeStores`. */
        hasStores: v.boolean(),
      }),
      result: v.object({ bytes: count, donors: v.array(address) }),
    },
    /**
     * The average of a committed round as the results list of that name says, in the spool, from whoever has it: for
     * who was not drawn, or holds another list. What is here is asked of nobody. `drawn`: whether the roster lists the
     * contribution that lies in the spool; `medianNorm` is the roster's.
     */
    fetchAverage: {
      params: resultsNameSchema,
      result: v.object({ drawn: v.boolean(), medianNorm: finite }),
    },
    /**
     * One character for each chunk of our contribution to a committed round, '1' where it was taken; null where roster
     * or list of that round are not here.
     */
    takenChunks: { params: resultsNameSchema, result: v.object({ taken: v.nullable(takenBits) }) },
    /** The SHA-256 of each piece one behind the other, as a store has them, in a file. False: they are of something else. */
    giveManifest: {
      params: v.object({ baseDigest: digest, path }),
      result: v.object({ isRight: v.boolean() }),
    },
    /** What a store is to bring next of `stateExtents`; null: nothing for now. Over: the transfer has ended. */
    claimExtent: {
      params: v.object({ baseDigest: digest, store: shortText }),
      result: v.object({ extent: v.nullable(count), isOver: v.boolean() }),
    },
    /** An extent lies by position in that store's own file. False: a piece of it is not what the state has. */
    giveExtent: {
      params: v.object({ baseDigest: digest, store: shortText, extent: count, path }),
      result: v.object({ isRight: v.boolean() }),
    },
    /** The store does not bring an extent that it claimed. */
    dropExtent: { params: v.object({ baseDigest: digest, store: shortText, extent: count }), result: none },
    /** No store feeds this transfer any more. */
    closeStores: { params: v.object({ baseDigest: digest }), result: none },
  },
  events: {
    /** Bound members that come and go. Our own hotkey under another peerId: a newer start of it speaks elsewhere. */
    peer: v.object({
      hotkey: address,
      peerId: shortText,
      connected: v.boolean(),
      address: v.nullable(multiaddr),
    }),
    /** How the addresses stand that are tried without knowing who answers there; told when that changes. */
    addresses: v.object({ addresses: v.pipe(v.array(addressStateSchema), v.maxLength(MAX_TOLD_ADDRESSES)) }),
    /** Told when any of it changes. A node that none from outside this machine can reach tells nothing. */
    reachability: reachabilitySchema,
    ready: readySchema,
    roster: v.object({ roster: rosterSchema, rosterDigest: digest }),
    /** Another witness proposes this, and signed it; a witness that agrees calls proposeRoster with the same roster. */
    rosterProposal: v.object({ roster: rosterSchema, rosterDigest: digest }),
    /**
     * Another witness proposes this list of results, and signed it; every result of it is held here and was checked. A
     * witness that agrees calls signResults with the same.
     */
    resultsProposal: resultsVoteSchema,
    /** More than half of the witnesses signed this list of results. */
    resultsList: resultsNameSchema,
    /** A witness signed a second roster or results list of a round; the first one counts. Said once a round. */
    contradiction: v.object({ hotkey: address, round: count }),
    result: v.object({ hotkey: address, round: count, resultId: digest, baseDigest: digest }),
    /** A proof that this hotkey signed a wrong result was upheld here; once for each. */
    fraud: fraudSchema,
    edges: v.object({ round: count, edges: v.pipe(v.array(edgeSchema), v.maxLength(128)) }),
    /** How the connections to members stand, told every few seconds. */
    links: v.object({ links: v.pipe(v.array(linkSchema), v.maxLength(MAX_TOLD_LINKS)) }),
    /** Totals since the child started. */
    traffic: v.object({ atMs: finite, sentBytes: count, receivedBytes: count }),
    /** How far a state is that is being fetched, some times a second; peers and stores are those that give just now. */
    stateProgress: v.object({
      receivedBytes: count,
      totalBytes: count,
      bytesPerSecond: v.nullable(finite),
      peers: count,
      stores: count,
    }),
    /** A peer gave what is not of the state that it was asked for; it is not asked again. */
    stateLiar: v.object({ hotkey: address, what: v.picklist(['manifest', 'piece']) }),
  },
});

export type SwarmContract = typeof swarmContract;
