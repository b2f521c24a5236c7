import * as v from 'valibot';
import { address, count, digest } from '../contract/fields.ts';
import type { DisputeChecked, DisputeFinding } from '../contract/page/why-less.ts';
import { AppError } from '../errors/app-error.ts';
import { canonicalJson } from '../profile/profile.ts';
import type { ScoreModel } from '../profile/schema.ts';
import { bindingFault, MAX_BINDING_CHARS, parseBinding, type VerifySr25519 } from '../rounds/binding.ts';
import type { Receipt } from '../rounds/messages.ts';
import {
  isCountersigned,
  PROOF_BINDINGS_MAX,
  PROOF_ENVELOPES_MAX,
  receiptsSchema,
} from '../rounds/receipts.ts';
import { type Envelope, envelopeSchema, type VerifyEd25519, verifyEnvelope } from '../rounds/signed.ts';
import { encodeSignedText, isTextOf, readSignedText } from '../rounds/signed-text.ts';
import type { Hex, Ss58 } from '../units.ts';
import { bandwidthAtRate, ratesFromReceipts } from './bandwidth.ts';
import { type CardSet, MAX_CARDS_CHARS, parseCards } from './cards.ts';
import { scoreOf } from './score-model.ts';

/**
 * A file in which a miner shows what validators said of it and what it knows against that: cards as their validators
 * signed them, and receipts of the same rounds, signed by receiver and sender. The miner's own signature closes it. Nobody
 * who reads one needs to trust who wrote it: every line in it is somebody's own word, or the file is refused.
 */

/** A page hands it over in one frame, in which every quote takes three characters more. */
export const DISPUTE_CHARS_MAX = 400_000;
const CARDS_MAX = 32;
const ROUNDS_MAX = 4;
/** Peer keys of one hotkey: each of them is tried for each signature, and who moves to another computer has another one. */
const KEYS_MAX = 4;

const disputeSchema = v.object({
  format: v.literal('butterfly-dispute-1'),
  profileHash: digest,
  netuid: v.pipe(count, v.maxValue(65_535)),
  genesisHash: digest,
  hotkey: address,
  writtenAtMs: count,
  /** Signed texts of cards (cards.ts), as they came. */
  cards: v.pipe(
    v.array(v.pipe(v.string(), v.maxLength(MAX_CARDS_CHARS))),
    v.minLength(1),
    v.maxLength(CARDS_MAX),
  ),
  /** Of kind `receipts`. */
  receipts: v.pipe(v.array(envelopeSchema), v.maxLength(ROUNDS_MAX * PROOF_ENVELOPES_MAX)),
  bindings: v.pipe(
    v.array(v.pipe(v.string(), v.maxLength(MAX_BINDING_CHARS))),
    v.maxLength(ROUNDS_MAX * PROOF_BINDINGS_MAX),
  ),
});

export type Dispute = v.InferOutput<typeof disputeSchema>;

/** The one line that is signed. */
export const disputeText = (dispute: Dispute): string => canonicalJson(dispute);

export interface DisputeDoor {
  readonly runTag: string;
  readonly profileHash: Hex;
  readonly netuid: number;
  readonly genesisHash: string;
  readonly model: ScoreModel;
  readonly verifySr25519: VerifySr25519;
  readonly verifyEd25519: VerifyEd25519;
  /** Lets others have their turn: each signature takes some milliseconds. */
  breathe(): Promise<void>;
}

/** A validator's own rows of a round: value by term; null where there are none of that hotkey and round. */
export type KeptRows = (
  hotkey: Ss58,
  validator: Ss58,
  round: number,
) => Promise<Readonly<Record<string, number | null>> | null>;

/**
 * Reads a file, and verifies every signature in it. When its bindings were made does not matter: a key that spoke for a
 * hotkey once did sign what it signed.
 * @throws {AppError} DISPUTE_MALFORMED, DISPUTE_FOREIGN of another run, DISPUTE_ALTERED with what of it does not hold
 */
export async function checkDispute(
  whole: string,
  door: DisputeDoor,
  kept: KeptRows,
): Promise<DisputeChecked> {
  const dispute = readDispute(whole);
  const { hotkey, writtenAtMs } = dispute;
  const isOfRun =
    dispute.profileHash === door.profileHash &&
    dispute.netuid === door.netuid &&
    dispute.genesisHash === door.genesisHash;
  if (!isOfRun) throw new AppError('DISPUTE_FOREIGN', { hash: dispute.profileHash.slice(0, 16) });
  const signed = readSignedText(whole.trimEnd());
  const { runTag, verifySr25519 } = door;
  if (!signed || !isTextOf(signed, hotkey, { kind: 'dispute', runTag }, verifySr25519)) throw altered('file');
  const sets: CardSet[] = [];
  for (const text of dispute.cards) {
    await door.breathe();
    sets.push(readCards(text, hotkey, door));
  }
  const receipts = await readReceipts(dispute, await keysOf(dispute, door), door);
  const findings: DisputeFinding[] = [];
  for (const set of sets) findings.push(await findingOf(set, hotkey, receipts, door, kept));
  return { hotkey, writtenAtMs, receipts: receipts.length, findings };
}

const altered = (what: 'file' | 'cards' | 'bindings' | 'receipts') =>
  new AppError('DISPUTE_ALTERED', { what });

function readDispute(whole: string): Dispute {
  if (whole.length > DISPUTE_CHARS_MAX) throw new AppError('DISPUTE_MALFORMED', { reason: 'too long' });
  const signed = readSignedText(whole.trimEnd());
  if (!signed) throw new AppError('DISPUTE_MALFORMED', { reason: 'no signature' });
  const parsed = v.safeParse(disputeSchema, parseJson(signed.text));
  if (!parsed.success) throw new AppError('DISPUTE_MALFORMED', { reason: 'fields' });
  return parsed.output;
}

function readCards(text: string, hotkey: Ss58, { runTag, verifySr25519 }: DisputeDoor): CardSet {
  const signed = readSignedText(text);
  const named = signed && v.safeParse(v.object({ validator: address }), parseJson(signed.text));
  const set = signed && named?.success ? parseCards(signed.text, named.output.validator) : null;
  if (!signed || !set?.cards.some((card) => card.hotkey === hotkey)) throw altered('cards');
  if (!isTextOf(signed, set.validator, { kind: 'scores', runTag }, verifySr25519)) throw altered('cards');
  return set;
}

/** Peer keys that spoke for each hotkey, as it signed itself. */
async function keysOf(
  { bindings }: Dispute,
  { netuid, genesisHash, verifySr25519, breathe }: DisputeDoor,
): Promise<ReadonlyMap<Ss58, readonly string[]>> {
  const keys = new Map<Ss58, readonly string[]>();
  for (const text of bindings) {
    await breathe();
    const binding = parseBinding(text);
    if (!binding) throw altered('bindings');
    const here = { netuid, genesisHash, nowS: binding.notBefore, skewS: 0 };
    if (bindingFault(binding, here, verifySr25519)) throw altered('bindings');
    const known = new Set(keys.get(binding.hotkey)).add(binding.peerKey);
    if (known.size > KEYS_MAX) throw altered('bindings');
    keys.set(binding.hotkey, [...known]);
  }
  return keys;
}

/** Those that both sides signed, the disputing hotkey being one. */
async function readReceipts(
  { receipts, hotkey }: Dispute,
  keys: ReadonlyMap<Ss58, readonly string[]>,
  door: DisputeDoor,
): Promise<readonly Receipt[]> {
  const found: Receipt[] = [];
  for (const envelope of receipts) {
    await door.breathe();
    found.push(...(await receiptsIn(envelope, hotkey, keys, door)));
  }
  return found;
}

async function receiptsIn(
  envelope: Envelope,
  hotkey: Ss58,
  keys: ReadonlyMap<Ss58, readonly string[]>,
  { runTag, verifyEd25519, breathe }: DisputeDoor,
): Promise<readonly Receipt[]> {
  const payload = v.safeParse(receiptsSchema, parseJson(envelope.payload));
  const isSigned = (keys.get(envelope.signer) ?? []).some((key) =>
    verifyEnvelope(runTag, envelope, key, verifyEd25519),
  );
  if (envelope.kind !== 'receipts' || !payload.success || !isSigned) throw altered('receipts');
  const { round, receipts: rows } = payload.output;
  if (rows.some(({ claim }) => claim.round !== round || claim.to !== envelope.signer))
    throw altered('receipts');
  const found: Receipt[] = [];
  for (const { claim, countersignature } of rows) {
    if (countersignature === null || (claim.from !== hotkey && claim.to !== hotkey)) continue;
    await breathe();
    const isBoth = (keys.get(claim.from) ?? []).some((key) =>
      isCountersigned(runTag, claim, countersignature, key, verifyEd25519),
    );
    if (isBoth) found.push({ ...claim, countersigned: true });
  }
  return found;
}

/** Totals and rates may differ by what rounding takes. */
const SUM_TOLERANCE = 1e-6;
const RATE_TOLERANCE = 0.02;

async function findingOf(
  set: CardSet,
  hotkey: Ss58,
  receipts: readonly Receipt[],
  { model }: DisputeDoor,
  kept: KeptRows,
): Promise<DisputeFinding> {
  const { validator, round } = set;
  const card = set.cards.find((one) => one.hotkey === hotkey)!;
  const values = Object.fromEntries(Object.entries(card.terms).map(([id, { value }]) => [id, value]));
  const total = scoreOf(model, values);
  const isKnown = total !== null && card.total !== null;
  const rows = await kept(hotkey, validator, round);
  return {
    ...{ validator, round },
    sum: !isKnown ? 'unknown' : Math.abs(total - card.total!) <= SUM_TOLERANCE ? 'right' : 'wrong',
    receipts: receiptsFinding(
      card.terms.bandwidth,
      receipts.filter((one) => one.round === round),
      hotkey,
      model,
    ),
    kept: rows === null ? 'not-kept' : isSame(rows, values) ? 'same' : 'differs',
  };
}

/** A row without a value is of what could not be measured in that round: there a card keeps what was known before. */
const isSame = (
  rows: Readonly<Record<string, number | null>>,
  values: Record<string, number | null>,
): boolean =>
  Object.entries(rows).every(
    ([term, value]) => value === null || !(term in values) || values[term] === value,
  );

/** Only what was measured by receipts can be held against them. */
function receiptsFinding(
  term: CardSet['cards'][number]['terms'][string] | undefined,
  receipts: readonly Receipt[],
  hotkey: Ss58,
  { bandwidth }: ScoreModel,
): DisputeFinding['receipts'] {
  if (!term || term.value === null || term.why.code !== 'rate-of-receipts') return 'unknown';
  const { upBytesPerS, downBytesPerS, counterparties } = ratesFromReceipts(receipts, hotkey);
  const { returnedPercent = 100, peers = 0 } = term.why.params;
  // All pairs together are the link: with fewer of them than the validator had it only looks slower.
  const needed = Math.max(bandwidth.minCounterparties, Number(peers));
  if (!(counterparties >= needed) || upBytesPerS === null || downBytesPerS === null) return 'unknown';
  const rate = bandwidthAtRate(Math.min(upBytesPerS, downBytesPerS), bandwidth);
  const expected = rate * (Number(returnedPercent) / 100);
  return Math.abs(expected - term.value) <= RATE_TOLERANCE ? 'agree' : 'differ';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export interface DisputeParts extends Omit<Dispute, 'format' | 'cards' | 'receipts' | 'bindings'> {
  /** The newest first. */
  readonly cards: readonly string[];
  readonly receipts: readonly Envelope[];
  readonly bindings: readonly string[];
}

/** Not more than could fit by their bare length: writing out those of a large subnet to measure them takes a second. */
function mostCards(cards: readonly string[]): number {
  let chars = 0;
  const beyond = cards.findIndex((text) => {
    chars += text.length;
    return chars > DISPUTE_CHARS_MAX;
  });
  return Math.min(beyond < 0 ? cards.length : beyond, CARDS_MAX);
}

/**
 * A dispute of what there is, the newest words first and no more of them than a file holds.
 * @returns null where not one validator's word fits
 */
export function composeDispute({ cards, receipts, bindings, ...facts }: DisputeParts): Dispute | null {
  const dispute = (count: number): Dispute => ({
    ...{ format: 'butterfly-dispute-1', ...facts },
    ...{ cards: cards.slice(0, count), receipts: [...receipts], bindings: [...new Set(bindings)] },
  });
  for (let count = mostCards(cards); count > 0; count--) {
    const signature = '0'.repeat(128);
    const whole = encodeSignedText({ text: disputeText(dispute(count)), signature });
    if (whole.length <= DISPUTE_CHARS_MAX) return dispute(count);
  }
  return null;
}
