import { strict as assert } from 'node:assert';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { ChainClock } from '../../../src-node/chain-clock.ts';
import { ed25519FromSeed, verifyEd25519 } from '../../../src-node/ed25519.ts';
import { type CodecId, resultCodecs, valueCodecs } from '../../../src-shared/codec/table.ts';
import { magnitudeLimit } from '../../../src-shared/codec/value-codec.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { canonicalJson } from '../../../src-shared/profile/profile.ts';
import {
  type Binding,
  bindingBytes,
  encodeBinding,
  parseBinding,
} from '../../../src-shared/rounds/binding.ts';
import {
  encodeIdentityField,
  IDENTITY_FIELD_BYTES,
  parseIdentityField,
} from '../../../src-shared/rounds/identity-field.ts';
import type { LineageEntry, Ready, Roster, RosterMember } from '../../../src-shared/rounds/messages.ts';
import { encodeRecord, parseRecord } from '../../../src-shared/rounds/record.ts';
import { decodeResultsList, encodeResultsList } from '../../../src-shared/rounds/results-list.ts';
import {
  rosterDigest as digestOfRoster,
  type Envelope,
  type EnvelopeKind,
  envelopeSchema,
  signEnvelope,
  verifyEnvelope,
} from '../../../src-shared/rounds/signed.ts';
import { addressOf } from '../../../src-shared/rounds/ss58.ts';
import { parseStoreAddress } from '../../../src-shared/stores/store-address.ts';
import { hex } from '../../../src-shared/units.ts';
import { readPayload } from '../../../src-worker/swarm/control/payloads.ts';
import { MAX_ADDRESSES_PER_PEER, MAX_PEER_RECORDS } from '../../../src-worker/swarm/limits.ts';
import { dialable } from '../../../src-worker/swarm/mesh/addresses.ts';
import { BindingDoor, helloSchema } from '../../../src-worker/swarm/mesh/hello.ts';
import { relayedAt, relayIn } from '../../../src-worker/swarm/mesh/kinds/relayed.ts';
import { withPort } from '../../../src-worker/swarm/mesh/kinds/tcp.ts';
import {
  dialBackAnswerSchema,
  dialBackQuestionSchema,
} from '../../../src-worker/swarm/mesh/paths/dial-back.ts';
import { DIAL_BACK_PORTS_MAX } from '../../../src-worker/swarm/mesh/paths/limits.ts';
import { meetingSchema } from '../../../src-worker/swarm/mesh/paths/punch.ts';
import { relayAskSchema, relayedFromSchema } from '../../../src-worker/swarm/mesh/paths/relay-messages.ts';
import { verdictOf } from '../../../src-worker/swarm/mesh/paths/verdict.ts';
import {
  encodeRecord as encodeDhtRecord,
  readRecord,
} from '../../../src-worker/swarm/mesh/sources/dht/record.ts';
import { fromBytes, toBytes } from '../../../src-worker/swarm/net/json.ts';
import {
  decodeNone,
  decodeOpen,
  decodeResultFrame,
  decodeWindow,
  encodeFrame,
  encodeNone,
  encodeOpen,
  encodeResult,
  encodeWindow,
  type Frame,
  FrameReader,
  frameTypes,
} from '../../../src-worker/swarm/reduce/frames.ts';
import { wantSchema } from '../../../src-worker/swarm/reduce/gather.ts';
import { readRoster } from '../../../src-worker/swarm/state/kept-rounds.ts';
import {
  lineageSchema,
  readAnswer,
  readManifest,
  stateQuestionSchema,
} from '../../../src-worker/swarm/state/protocol.ts';
import { isExact, numbers, settings } from '../../src-shared/codec/drawn.ts';

/** Something that reads what a peer sent. */
export interface Decoder {
  readonly name: string;
  readonly valid: readonly Uint8Array[];
  /**
   * Reads whatever bytes. Throws where the decoder throws what it may not, or gives back what it was never told.
   * @returns whether they were taken
   */
  read(bytes: Uint8Array): boolean;
}

const key = ed25519FromSeed(new Uint8Array(32).fill(7));
const hotkey = addressOf(new Uint8Array(32).fill(3));
const digestOf = (byte: string) => hex(byte.repeat(32));
const runTag = hex('0123456789abcdef');
const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;

/** Where there is one way to write a thing, whoever reads it and writes it again has the bytes it was given. */
function canonical<T>(
  name: string,
  valid: readonly Uint8Array[],
  decode: (bytes: Uint8Array) => T | null,
  encode: (value: T) => Uint8Array,
): Decoder {
  return {
    name,
    valid,
    read(bytes) {
      const value = decode(bytes);
      if (value !== null) assert(same(encode(value), bytes), 'written again it is something else');
      return value !== null;
    },
  };
}

const bounds = { chunks: 20, chunkElements: 64 };
const leaves = Array.from({ length: bounds.chunks }, (_, i) => new Uint8Array(32).fill(i));
const signed = { signer: 7, signature: new Uint8Array(64).fill(5) };
const framed = (type: Frame['type'], payload: Uint8Array = new Uint8Array(0), codec = 0) =>
  encodeFrame({ type, payload, codec, chunk: 3, tag: 77 });
const aFrameOfEach = [
  framed(
    frameTypes.open,
    encodeOpen({ round: 12, rosterDigest: new Uint8Array(32).fill(7), agoMs: 9, leaves }),
  ),
  framed(
    frameTypes.open,
    encodeOpen({ round: 2 ** 40, rosterDigest: new Uint8Array(32), agoMs: null, leaves: [] }),
  ),
  ...Object.values(valueCodecs).map((codec) =>
    framed(frameTypes.chunk, codec.encode(numbers(1, bounds.chunkElements), settings), codec.wire),
  ),
  ...Object.values(resultCodecs).map((codec) => {
    const values = codec.encode(Float64Array.from(numbers(2, bounds.chunkElements)), 3, settings);
    return framed(
      frameTypes.result,
      encodeResult({ contributors: 7n, divisor: 3, ...signed, values }),
      codec.wire,
    );
  }),
  framed(frameTypes.none, encodeNone(signed)),
  framed(frameTypes.window, encodeWindow({ place: 9, received: 2, cameMs: 4_000_000_000 })),
  ...[frameTypes.heartbeat, frameTypes.done, frameTypes.abort, frameTypes.ask, frameTypes.pass].map((type) =>
    framed(type),
  ),
];

/** What its door makes of a frame's payload, written again. Null of an opening whose round is no number of ours. */
function payloadAgain({ type, payload }: Frame): Uint8Array | null {
  if (type === frameTypes.result) return encodeResult(decodeResultFrame(payload));
  if (type === frameTypes.none) return encodeNone(decodeNone(payload));
  if (type === frameTypes.window) return encodeWindow(decodeWindow(payload));
  if (type !== frameTypes.open) return payload;
  const open = decodeOpen(payload);
  return open && encodeOpen(open);
}

const frames: Decoder = {
  name: 'frames of a reduce stream',
  valid: [...aFrameOfEach, Buffer.concat(aFrameOfEach.slice(-6))],
  read(bytes) {
    const reader = new FrameReader(bounds, 'peer');
    const read: Frame[] = [];
    try {
      // In two pieces: what a frame is cut into depends on the network.
      const half = bytes.length >> 1;
      for (const piece of [bytes.subarray(0, half), bytes.subarray(half)]) read.push(...reader.push(piece));
    } catch (thrown) {
      assert(thrown instanceof AppError && thrown.code === 'PEER_MALFORMED', String(thrown));
    }
    const again = Buffer.concat(read.map(encodeFrame));
    assert(same(again, bytes.subarray(0, again.length)), 'frames that were not sent');
    for (const frame of read) {
      assert(frame.chunk < bounds.chunks);
      const payload = payloadAgain(frame);
      assert(payload === null || same(payload, frame.payload), 'a payload of another meaning');
    }
    return read.length > 0;
  },
};

/** Full blocks, one that is not full, and an odd number. */
const ELEMENTS = 301;
/** As they come from a socket: not where a typed view could begin. */
function shifted(bytes: Uint8Array): Uint8Array {
  const from = new Uint8Array(bytes.length + 1);
  from.set(bytes, 1);
  return from.subarray(1);
}
/** Few of them are not 0, or none. */
const fewOf = (seed: number, every: number): Float32Array =>
  numbers(seed, ELEMENTS).map((value, i) => (i % every === 0 ? value : 0));
const drawn = [
  numbers(1, ELEMENTS),
  numbers(2, ELEMENTS),
  fewOf(3, 20),
  fewOf(4, ELEMENTS),
  new Float32Array(ELEMENTS),
];

const isBelow = (values: Float64Array) => values.every((value) => Math.abs(value) < magnitudeLimit(settings));
const contributions = (Object.keys(valueCodecs) as CodecId[]).map((id): Decoder => {
  const codec = valueCodecs[id];
  // Of f32, which is for tests, sums are not exact.
  const isFine = id === 'f32' ? isBelow : isExact;
  return {
    name: `a contribution in ${id}`,
    valid: drawn.map((values) => codec.encode(values, settings)),
    read(bytes) {
      const into = new Float64Array(ELEMENTS);
      const taken = codec.decode((bytes[0] ?? 0) % 2 === 0 ? bytes : shifted(bytes), into, settings);
      assert(!taken || (bytes.length === codec.bytes(ELEMENTS) && isFine(into)));
      return taken;
    },
  };
});
const results = Object.entries(resultCodecs).map(
  ([id, codec]): Decoder => ({
    name: `a result in ${id}`,
    valid: drawn.map((values, i) => codec.encode(Float64Array.from(values), i + 1, settings)),
    read(bytes) {
      const into = new Float64Array(ELEMENTS);
      const taken = codec.decode((bytes[0] ?? 0) % 2 === 0 ? bytes : shifted(bytes), into, settings);
      assert(!taken || (bytes.length <= codec.maxBytes(ELEMENTS) && isExact(into)));
      return taken;
    },
  }),
);

const resultsList = canonical(
  'a results list',
  [encodeResultsList([null, { signer: 1, contributors: 5n, divisor: 9, digest: digestOf('ab') }, null])],
  (bytes) => decodeResultsList(bytes, 3),
  encodeResultsList,
);
const record = canonical(
  'a witness’s record',
  [null, digestOf('cd')].map((resultId) =>
    encodeRecord({ tag: runTag, round: 9, parentId: digestOf('ab'), resultId }),
  ),
  parseRecord,
  encodeRecord,
);

const identities = [
  null,
  'hub:me/run',
  `s3:${'ab'.repeat(16)}.r2.cloudflarestorage.com/bucket#${'0'.repeat(32)}:${'1'.repeat(64)}`,
];
const identity: Decoder = {
  name: 'an identity in a commitment',
  valid: identities.map((store) =>
    encodeIdentityField({
      tag: runTag,
      peerKey: digestOf('ab'),
      store: store === null ? null : parseStoreAddress(store),
    }),
  ),
  read(bytes) {
    const read = parseIdentityField(bytes);
    if (!read) return false;
    const again = encodeIdentityField(read);
    // A store that is none, or nobody can reach, is as if none were named.
    const length = read.store || bytes[0] === 1 ? bytes.length : IDENTITY_FIELD_BYTES;
    assert(same(again.subarray(1), bytes.subarray(1, length)));
    return true;
  },
};

const binding: Binding = {
  ...{ hotkey, peerKey: key.publicKey, netuid: 38, genesisHash: digestOf('00') },
  ...{ notBefore: 0, notAfter: 2 ** 40, seq: 1 },
};
const bindingText = encodeBinding(binding, new Uint8Array(64));
const statement = bindingBytes(binding);
/** Stands for the signature of the hotkey: it signed this one statement. Libraries throw of what is no signature at all. */
function isOurs(message: Uint8Array, signature: Uint8Array): boolean {
  if (signature[0] !== 0) throw new RangeError('no signature');
  return same(message, statement);
}
const here = { netuid: 38, genesisHash: digestOf('00') };
const clock = new ChainClock();
clock.set(1_700_000_000_000);
const bindings: Decoder = {
  name: 'the binding of a peer key',
  valid: [utf8ToBytes(bindingText)],
  read(bytes) {
    const text = Buffer.from(bytes).toString('utf8');
    const door = new BindingDoor(here, isOurs, bytes.length % 2 === 0 ? clock : new ChainClock());
    const taken = door.verify(text);
    if (!taken) return false;
    const { signature: _, ...said } = taken;
    assert.deepEqual(said, binding);
    assert(parseBinding(text) !== null && door.verify(text) === taken);
    return true;
  },
};

const addresses = ['/ip4/1.2.3.4/tcp/1', '/ip6/::1/tcp/4001', '/dns4/example.org/tcp/443'];
const peer = { binding: bindingText, addresses };
const hello: Decoder = {
  name: 'a greeting',
  valid: [
    { ...peer, relay: false, records: [] },
    { ...peer, relay: true, records: [peer, peer], newer: peer },
  ].map(toBytes),
  read(bytes) {
    const said = fromBytes(helloSchema, bytes);
    if (!said) return false;
    assert(said.records.length <= MAX_PEER_RECORDS);
    for (const one of [said, ...said.records]) {
      assert(one.addresses.length <= MAX_ADDRESSES_PER_PEER);
      assert(one.addresses.every((address) => address.startsWith('/')));
    }
    return true;
  },
};

const isPort = (port: number): boolean => Number.isInteger(port) && port > 0 && port < 65_536;
const dialBackQuestion: Decoder = {
  name: 'a question whether ports are reached',
  valid: [{ ports: [4_001] }, { ports: [1, 65_535, 80] }, { ports: [] }].map(toBytes),
  read(bytes) {
    const asked = fromBytes(dialBackQuestionSchema, bytes);
    assert(asked === null || (asked.ports.length <= DIAL_BACK_PORTS_MAX && asked.ports.every(isPort)));
    return asked !== null;
  },
};
const dialBackAnswer: Decoder = {
  name: 'what somebody found who dialled us back',
  valid: [{ seen: '/ip4/8.8.8.8/tcp/5', ports: [4_001] }].map(toBytes),
  read(bytes) {
    const found = fromBytes(dialBackAnswerSchema, bytes);
    if (!found) return false;
    assert(found.ports.length <= DIAL_BACK_PORTS_MAX && found.ports.every(isPort));
    // Whatever it says of where it sees us, only addresses of TCP come of it.
    const reached = found.ports.flatMap((port) => withPort(found.seen, port));
    verdictOf([{ seen: found.seen, reached }]);
    return true;
  },
};
const relayPeer = '12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5';
const relayAsk: Decoder = {
  name: 'what is asked of a relay',
  valid: [{ kind: 'reserve' }, { kind: 'release' }, { kind: 'connect', to: relayPeer }].map(toBytes),
  read(bytes) {
    const asked = fromBytes(relayAskSchema, bytes);
    if (asked?.kind === 'connect') assert(asked.to.length >= 46 && asked.to.length <= 64);
    return asked !== null;
  },
};
const relayedFrom: Decoder = {
  name: 'whom a relay brings',
  valid: [toBytes({ from: relayPeer })],
  read(bytes) {
    const told = fromBytes(relayedFromSchema, bytes);
    // It becomes part of an address.
    if (told) assert(relayIn(relayedAt(told.from)) === told.from);
    return told !== null;
  },
};
const meeting: Decoder = {
  name: 'where one side of a punch comes from',
  valid: [toBytes({ at: '/ip4/8.8.8.8/tcp/5' })],
  read(bytes) {
    const told = fromBytes(meetingSchema, bytes);
    if (told) dialable([told.at], '0.0.0.0');
    return told !== null;
  },
};

const door = new BindingDoor(here, isOurs, new ChainClock());
const dhtRecord: Decoder = {
  name: 'where a hotkey listens, of the DHT',
  valid: [encodeDhtRecord(runTag, peer, 3, key.sign)],
  read(bytes) {
    const found = readRecord({ runTag, door }, hotkey, bytes);
    // Whoever changes a letter of what was signed is not heard.
    if (found) assert.deepEqual([found.record, found.seq], [peer, 3]);
    return found !== null;
  },
};

const ready: Ready = {
  ...{ round: 4, hotkey, baseId: digestOf('01'), schemaHash: digestOf('02'), codec: 'int8' },
  ...{ upBytesPerS: 1_000_000, downBytesPerS: 9, weight: 3, norm: 0.25, root: digestOf('03') },
  ...{ workDigest: digestOf('04'), sequences: 12 },
};
const member: RosterMember = {
  ...{ hotkey, codec: 'fp16', weight: 3, clipExponent: 1, norm: 0.25, root: digestOf('03') },
  ...{ workDigest: digestOf('04'), firstChunk: 0, chunkCount: 10 },
};
const claim = {
  round: 4,
  from: addressOf(new Uint8Array(32).fill(4)),
  to: hotkey,
  bytes: 17,
  durationMs: 1.5,
};
const said: readonly (readonly [EnvelopeKind, unknown])[] = [
  ['ready', ready],
  [
    'roster',
    { round: 4, baseId: digestOf('01'), proposer: hotkey, members: [member, member], medianNorm: 0.5 },
  ],
  ['result', { round: 4, resultId: digestOf('05'), baseDigest: digestOf('06') }],
  [
    'receipts',
    {
      round: 4,
      receipts: [
        { claim, countersignature: null },
        { claim, countersignature: 'ab'.repeat(64) },
      ],
    },
  ],
  ['store', { round: 4, store: 'hub:me/run' }],
  ['store', { round: 4, store: null }],
];
const envelopes = said.map(([kind, payload]) =>
  signEnvelope(runTag, { kind, payload, signer: hotkey }, key.sign),
);
const peerKey = key.publicKey;
const isOneOf = ({ kind, payload }: Envelope) =>
  envelopes.some((one) => one.kind === kind && one.payload === payload);

const messages: Decoder = {
  name: 'a signed message',
  valid: envelopes.map(toBytes),
  read(bytes) {
    const envelope = fromBytes(envelopeSchema, bytes);
    if (!envelope || !verifyEnvelope(runTag, envelope, peerKey, verifyEd25519)) return false;
    assert(isOneOf(envelope), 'a message that nobody signed');
    return true;
  },
};
const payloads = said.map(
  ([kind, payload]): Decoder => ({
    name: `a payload of ${kind}: ${JSON.stringify(payload).slice(0, 30)}`,
    valid: [toBytes(payload)],
    read(bytes) {
      const text = Buffer.from(bytes).toString('utf8');
      const read = readPayload({ kind, payload: text, signer: hotkey, signature: '' });
      if (!read) return false;
      assert(Number.isSafeInteger(read.round) && read.round >= 0 && read.kind === kind);
      if (read.kind === 'ready') assert(read.body.hotkey === hotkey && read.body.weight <= 127);
      if (read.kind === 'roster')
        assert(read.body.members.every(({ weight, norm }) => weight <= 127 && Number.isFinite(norm)));
      if (read.kind === 'receipts')
        assert(read.body.receipts.every((one) => one.claim.to === hotkey && one.claim.round === read.round));
      return true;
    },
  }),
);

const PIECES = 3;
const listed = Buffer.concat(leaves.slice(0, PIECES));
const stateAnswer: Decoder = {
  name: 'an answer about a state',
  valid: [Uint8Array.of(0), Uint8Array.of(1, ...listed)],
  read(bytes) {
    const answer = readAnswer(bytes);
    if (answer === null || answer === 'later') return answer !== null;
    const manifest = readManifest(answer, PIECES);
    assert(manifest === null || same(Buffer.concat(manifest), answer));
    return manifest !== null;
  },
};
const entries = [1, 2, 9].map(
  (round): LineageEntry => ({
    ...{ round, rosterDigest: digestOf('01'), resultsDigest: digestOf('02') },
    baseDigest: digestOf('03'),
  }),
);
const lineage: Decoder = {
  name: 'the list of rounds',
  valid: [toBytes(entries)],
  read(bytes) {
    const list = fromBytes(lineageSchema, bytes);
    assert(list === null || list.every(({ round }) => Number.isSafeInteger(round) && round >= 0));
    return list !== null;
  },
};
const stateQuestion: Decoder = {
  name: 'a question for a state',
  valid: [
    { kind: 'lineage' },
    { kind: 'piece', baseDigest: digestOf('ab'), piece: 7 },
    { kind: 'manifest', baseDigest: digestOf('ab') },
    { kind: 'roster', round: 4, rosterDigest: digestOf('ab') },
    { kind: 'list', round: 4, rosterDigest: digestOf('ab'), resultsDigest: digestOf('cd') },
    { kind: 'leaf', round: 4, rosterDigest: digestOf('ab'), chunk: 3, digest: digestOf('cd') },
  ].map(toBytes),
  read(bytes) {
    const asked = fromBytes(stateQuestionSchema, bytes);
    const isCount = (number: number) => Number.isSafeInteger(number) && number >= 0;
    assert(asked?.kind !== 'piece' || isCount(asked.piece));
    // Both become part of a path or a place in a file.
    if (asked && 'round' in asked) assert(isCount(asked.round) && /^[0-9a-f]{64}$/.test(asked.rosterDigest));
    assert(asked?.kind !== 'leaf' || isCount(asked.chunk));
    return asked !== null;
  },
};
const agreedRoster: Roster = {
  ...{ round: 4, baseId: digestOf('01'), proposer: hotkey, medianNorm: 0.5, members: [member] },
};
const roster: Decoder = {
  name: 'the roster of a round that is over',
  valid: [new TextEncoder().encode(canonicalJson(agreedRoster))],
  read(bytes) {
    const read = readRoster(bytes, { round: 4, rosterDigest: digestOfRoster(agreedRoster) });
    // Whoever changes a letter of what was agreed is not heard.
    if (read) assert.deepEqual(read, agreedRoster);
    return read !== null;
  },
};
const want: Decoder = {
  name: 'a question for results',
  valid: [toBytes({ round: 3, rosterDigest: digestOf('ab'), chunks: [0, 1, 2, 19] })],
  read(bytes) {
    const asked = fromBytes(wantSchema, bytes);
    assert(asked === null || asked.chunks.every((chunk) => Number.isSafeInteger(chunk) && chunk >= 0));
    return asked !== null;
  },
};

/** Everything in the swarm that reads bytes of a peer, or of a chain that anybody writes to. */
export const decoders: readonly Decoder[] = [
  frames,
  ...contributions,
  ...results,
  resultsList,
  record,
  identity,
  bindings,
  hello,
  dialBackQuestion,
  dialBackAnswer,
  relayAsk,
  relayedFrom,
  meeting,
  dhtRecord,
  messages,
  ...payloads,
  stateAnswer,
  lineage,
  stateQuestion,
  roster,
  want,
];
