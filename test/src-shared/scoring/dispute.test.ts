import { readFileSync } from 'node:fs';
import * as scure from '@scure/sr25519';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { ed25519FromSeed, verifyEd25519 } from '../../../src-node/ed25519.ts';
import { verifySr25519 } from '../../../src-node/sr25519.ts';
import { canonicalJson, profileHash as hashOf, runTagOf } from '../../../src-shared/profile/profile.ts';
import { bindingBytes, encodeBinding } from '../../../src-shared/rounds/binding.ts';
import { type Envelope, envelopeBytes, signEnvelope } from '../../../src-shared/rounds/signed.ts';
import { encodeSignedText, type TextKind, textBytes } from '../../../src-shared/rounds/signed-text.ts';
import { addressOf } from '../../../src-shared/rounds/ss58.ts';
import { bandwidthAtRate } from '../../../src-shared/scoring/bandwidth.ts';
import { encodeCards } from '../../../src-shared/scoring/cards.ts';
import {
  checkDispute,
  composeDispute,
  DISPUTE_CHARS_MAX,
  type Dispute,
  disputeText,
} from '../../../src-shared/scoring/dispute.ts';
import { why } from '../../../src-shared/scoring/why.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { runs } from '../../runs.ts';
import { consensus, digestOf } from '../../src-main/rounds/machine-bench.ts';

const numRuns = runs(30, 500);
const profileHash = hashOf(consensus);
const runTag = runTagOf(profileHash);
const genesisHash = digestOf('genesis');
const { netuid } = consensus.chain;
const model = consensus.scoreModel;

/** A hotkey with a peer key that it bound. */
function member(number: number) {
  const secret = scure.secretFromSeed(new Uint8Array(32).fill(number));
  const hotkey = addressOf(scure.getPublicKey(secret));
  const key = ed25519FromSeed(new Uint8Array(32).fill(100 + number));
  const bind = ({ publicKey: peerKey }: typeof key) => {
    const fields = { hotkey, peerKey, netuid, genesisHash, notBefore: 1, notAfter: 2, seq: 1 };
    return encodeBinding(fields, scure.sign(secret, bindingBytes(fields)));
  };
  const sign = (kind: TextKind, text: string) =>
    encodeSignedText({
      text,
      signature: Buffer.from(scure.sign(secret, textBytes({ kind, runTag }, text))).toString('hex'),
    });
  return { hotkey, key, bind, binding: bind(key), sign };
}
type Member = ReturnType<typeof member>;
const [anna, validator, ...others] = Array.from({ length: 7 }, (_, i) => member(i + 1)) as [Member, Member];
const RATE = 4 * 1024 * 1024;

const terms = (bandwidth: number, peers: number) => ({
  identity: { value: 1, why: why('registered-and-bound') },
  gradient: { value: 0.9, why: why('recomputed-agree') },
  steps: { value: 1, why: why('sequences-counted') },
  bandwidth: { value: bandwidth, why: why('rate-of-receipts', { bytesPerS: RATE, peers }) },
  allReduce: { value: 1, why: why('chunks-taken') },
  honesty: { value: 1, why: why('no-fraud-known') },
});
// Five pairs at once, each at that rate.
const honestBandwidth = bandwidthAtRate(5 * RATE, model.bandwidth);
const totalWith = (bandwidth: number) => 0.9 * (0.5 + 0.25 * bandwidth + 0.25);

function cardsText(
  round: number,
  bandwidth = honestBandwidth,
  total = totalWith(bandwidth),
  { by = validator, peers = 5 } = {},
) {
  const card = {
    hotkey: anna.hotkey,
    uid: 1,
    total,
    average: 0.5,
    weightShare: 0.5,
    terms: terms(bandwidth, peers),
  };
  return by.sign(
    'scores',
    encodeCards({ validator: validator.hotkey, round, updatedAtMs: 5, cards: [card] }),
  );
}

/** What `to` says of all that sent to it; each of them signed it too. */
function receiptsOf(to: Member, froms: readonly Member[], round: number): Envelope {
  const receipts = froms.map((from) => {
    const claim = { round, from: from.hotkey, to: to.hotkey, bytes: RATE, durationMs: 1_000 };
    const unsigned = { kind: 'receipt' as const, payload: canonicalJson(claim), signer: from.hotkey };
    return {
      claim,
      countersignature: Buffer.from(from.key.sign(envelopeBytes(runTag, unsigned))).toString('hex'),
    };
  });
  return signEnvelope(
    runTag,
    { kind: 'receipts', payload: { round, receipts }, signer: to.hotkey },
    to.key.sign,
  );
}

const everybody = [anna, validator, ...others];
function disputeOf(over: Partial<Dispute> = {}): Dispute {
  const made = composeDispute({
    ...{ profileHash, netuid, genesisHash, hotkey: anna.hotkey, writtenAtMs: 9 },
    cards: [cardsText(4)],
    receipts: [receiptsOf(anna, others, 4), ...others.map((to) => receiptsOf(to, [anna], 4))],
    bindings: everybody.map(({ binding }) => binding),
  });
  return { ...made!, ...over };
}
const fileOf = (dispute: Dispute, by = anna) => by.sign('dispute', disputeText(dispute));
const door = {
  ...{ runTag, profileHash, netuid, genesisHash, model, verifySr25519, verifyEd25519 },
  breathe: async () => undefined,
};
const noRows = async () => null;
const check = (whole: string, kept: Parameters<typeof checkDispute>[2] = noRows) =>
  checkDispute(whole, door, kept);
const codeOf = (whole: string) =>
  check(whole).then(
    () => 'fine',
    ({ code, params }) => `${code} ${params.what ?? ''}`.trim(),
  );

describe('a dispute file', () => {
  let good: Dispute;
  let whole: string;
  beforeAll(() => {
    good = disputeOf();
    whole = fileOf(good);
  });

  it('holds where everything in it is its signers’ own word', async () => {
    expect(await check(`${whole}\n`)).toEqual({
      ...{ hotkey: anna.hotkey, writtenAtMs: 9, receipts: 10 },
      findings: [
        { validator: validator.hotkey, round: 4, sum: 'right', receipts: 'agree', kept: 'not-kept' },
      ],
    });
  });

  it('shows a total that does not follow from its terms, and a rate that receipts do not show', async () => {
    const wrong = { cards: [cardsText(4, 0.2), cardsText(4, honestBandwidth, 0.1)] };
    const { findings } = await check(fileOf(disputeOf(wrong)));
    expect(findings.map(({ sum, receipts }) => [sum, receipts])).toEqual([
      ['right', 'differ'],
      ['wrong', 'agree'],
    ]);
  });

  it('is held against the rows of the validator that it is about', async () => {
    const asked: unknown[] = [];
    const kept = async (...of: unknown[]) => {
      asked.push(of);
      return { gradient: 0.9 };
    };
    expect((await check(whole, kept)).findings[0]!.kept).toBe('same');
    expect((await check(whole, async () => ({ gradient: 0.5 }))).findings[0]!.kept).toBe('differs');
    // What was not measured in that round: the card keeps what was known before.
    expect((await check(whole, async () => ({ gradient: 0.9, bandwidth: null }))).findings[0]!.kept).toBe(
      'same',
    );
    expect(asked).toEqual([[anna.hotkey, validator.hotkey, 4]]);
  });

  it('lets others have their turn between any two signatures, and is refused with more keys than anybody has', async () => {
    let [inARow, most] = [0, 0];
    const verifying = {
      ...door,
      verifyEd25519: (...of: Parameters<typeof verifyEd25519>) => {
        most = Math.max(most, ++inARow);
        return verifyEd25519(...of);
      },
      breathe: async () => {
        inARow = 0;
      },
    };
    await checkDispute(whole, verifying, noRows);
    expect(most).toBe(1);
    const keys = [11, 12, 13, 14].map((number) =>
      anna.bind(ed25519FromSeed(new Uint8Array(32).fill(number))),
    );
    const bound = (more: readonly string[]) =>
      codeOf(fileOf({ ...good, bindings: [...good.bindings, ...more] }));
    expect(await bound([...keys.slice(1), anna.binding])).toBe('fine');
    expect(await bound(keys)).toBe('DISPUTE_ALTERED bindings');
  });

  it('holds no rate against fewer receipts than its validator had', async () => {
    const { findings } = await check(fileOf(disputeOf({ cards: [cardsText(4, 0.2, 0.1, { peers: 6 })] })));
    expect(findings[0]!.receipts).toBe('unknown');
  });

  it('counts no receipt that one side did not sign', async () => {
    const alone = receiptsOf(anna, others, 4);
    const payload = JSON.parse(alone.payload);
    for (const one of payload.receipts) one.countersignature = null;
    const signer = { kind: 'receipts' as const, payload, signer: anna.hotkey };
    const { receipts, findings } = await check(
      fileOf(disputeOf({ receipts: [signEnvelope(runTag, signer, anna.key.sign)] })),
    );
    expect([receipts, findings[0]!.receipts]).toEqual([0, 'unknown']);
  });

  it('is refused with what was altered in it', async () => {
    expect(await codeOf(whole.replace('"writtenAtMs":9', '"writtenAtMs":8'))).toBe('DISPUTE_ALTERED file');
    expect(await codeOf(fileOf(good, validator))).toBe('DISPUTE_ALTERED file');
    // The miner signs whatever it likes: what others signed it cannot alter.
    const forged = (over: Partial<Dispute>) => codeOf(fileOf(disputeOf(over)));
    expect(await forged({ cards: [cardsText(4, 0.2).replace('0.2', '0.3')] })).toBe('DISPUTE_ALTERED cards');
    expect(await forged({ cards: [cardsText(4, 0.2, 0.1, { by: anna })] })).toBe('DISPUTE_ALTERED cards');
    const [first, ...rest] = good.receipts as [Envelope, ...Envelope[]];
    const cheaper = { ...first, payload: first.payload.replaceAll('1000', '100') };
    expect(await forged({ receipts: [cheaper, ...rest] })).toBe('DISPUTE_ALTERED receipts');
    expect(await forged({ receipts: [{ ...first, kind: 'ready' }] })).toBe('DISPUTE_ALTERED receipts');
    expect(await forged({ bindings: [] })).toBe('DISPUTE_ALTERED receipts');
    const other = anna.binding.replace(anna.key.publicKey, validator.key.publicKey);
    expect(await forged({ bindings: [other] })).toBe('DISPUTE_ALTERED bindings');
  });

  it('of another run, chain or kind is refused', async () => {
    const foreign = { profileHash: digestOf('another') };
    expect(await codeOf(fileOf(disputeOf(foreign)))).toBe('DISPUTE_FOREIGN');
    expect(await codeOf(fileOf(disputeOf({ genesisHash: digestOf('chain') })))).toBe('DISPUTE_FOREIGN');
    expect(await codeOf(anna.sign('scores', disputeText(good)))).toBe('DISPUTE_ALTERED file');
    expect(await codeOf('x'.repeat(DISPUTE_CHARS_MAX + 1))).toBe('DISPUTE_MALFORMED');
    expect(await codeOf(readFileSync('package.json', 'utf8'))).toBe('DISPUTE_MALFORMED');
  });

  it('never counts once a character of it is another one, and nothing but its own errors comes of it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 32, max: 126 }), async (at, char) => {
        const changed = whole.slice(0, at) + String.fromCharCode(char) + whole.slice(at + 1);
        if (changed === whole) return;
        expect(await codeOf(changed)).toMatch(/^DISPUTE_(?:ALTERED|MALFORMED|FOREIGN)/);
      }),
      { numRuns },
    );
    await fc.assert(
      fc.asyncProperty(fc.json(), async (json) => {
        const signed = anna.sign('dispute', json.replaceAll('\n', ' '));
        for (const text of [json, signed]) expect(await codeOf(text)).toMatch(/^DISPUTE_MALFORMED/);
      }),
      { numRuns },
    );
  });

  it('holds as many words as fit, the newest first', () => {
    const long = { label: 'x'.repeat(100_000) };
    const cards = Array.from({ length: 9 }, (_, i) => JSON.stringify({ ...long, i }));
    const facts = { profileHash, netuid, genesisHash, hotkey: anna.hotkey as Ss58, writtenAtMs: 1 };
    const made = composeDispute({ ...facts, cards, receipts: [], bindings: [] })!;
    expect(made.cards).toEqual(cards.slice(0, 3));
    expect(fileOf(made).length).toBeLessThanOrEqual(DISPUTE_CHARS_MAX);
    const none = ['x'.repeat(DISPUTE_CHARS_MAX)];
    expect(composeDispute({ ...facts, cards: none, receipts: [], bindings: [] })).toBeNull();
  });
});
