import * as scure from '@scure/sr25519';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ed25519FromSeed, verifyEd25519 } from '../../../src-node/ed25519.ts';
import {
  type Binding,
  bindingBytes,
  bindingFault,
  encodeBinding,
  MAX_BINDING_CHARS,
  parseBinding,
} from '../../../src-shared/rounds/binding.ts';
import {
  type Envelope,
  envelopeBytes,
  signEnvelope,
  verifyEnvelope,
} from '../../../src-shared/rounds/signed.ts';
import { addressOf, publicKeyOf } from '../../../src-shared/rounds/ss58.ts';
import { hex } from '../../../src-shared/units.ts';
import { runs } from '../../runs.ts';

const numRuns = runs(100, 1_000);
const secret = scure.secretFromSeed(new Uint8Array(32).fill(1));
const hotkey = addressOf(scure.getPublicKey(secret));
const genesisHash = hex('cd'.repeat(32));
const binding: Binding = {
  hotkey,
  peerKey: hex('ab'.repeat(32)),
  netuid: 38,
  genesisHash,
  notBefore: 1_000_000,
  notAfter: 2_000_000,
  seq: 5,
};
const here = { netuid: 38, genesisHash, nowS: 1_500_000, skewS: 300 };
const signed = (b: Binding) => parseBinding(encodeBinding(b, scure.sign(secret, bindingBytes(b))))!;
const verify = (m: Uint8Array, s: Uint8Array, k: Uint8Array) => scure.verify(m, s, k);

describe('address', () => {
  it('of the well-known account Alice is read and written', () => {
    const alice = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY';
    const key = publicKeyOf(alice)!;
    expect(Buffer.from(key).toString('hex')).toBe(
      'd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d',
    );
    expect(addressOf(key)).toBe(alice);
  });

  it('with one letter changed is none', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: hotkey.length - 1 }),
        fc.constantFrom(...'123456789ABCDEFGHJKLMNPQRSTUVWXYZ'),
        (at, c) => {
          const other = hotkey.slice(0, at) + c + hotkey.slice(at + 1);
          return other === hotkey || publicKeyOf(other) === null;
        },
      ),
      { numRuns },
    );
  });
});

describe('binding', () => {
  it('counts where its hotkey signed it for this chain, subnet and time', () => {
    for (const nowS of [999_700, 1_500_000, 2_000_300])
      expect(bindingFault(signed(binding), { ...here, nowS }, verify)).toBeNull();
  });

  it.each([
    ['subnet', { ...here, netuid: 1 }],
    ['chain', { ...here, genesisHash: '0'.repeat(64) }],
    ['time', { ...here, nowS: 999_699 }],
    ['time', { ...here, nowS: 2_000_301 }],
  ])('does not count elsewhere: %s', (fault, elsewhere) => {
    expect(bindingFault(signed(binding), elsewhere, verify)).toBe(fault);
  });

  it.each<[string, Partial<Binding>]>([
    ['peer key', { peerKey: hex('00'.repeat(32)) }],
    ['sequence number', { seq: 6 }],
    ['end', { notAfter: 3_000_000 }],
  ])('with another %s than was signed does not count', (_what, change) => {
    expect(bindingFault({ ...signed(binding), ...change }, here, verify)).toBe('signature');
  });

  it('can never be read as a transaction, and fits its bound', () => {
    expect(Buffer.from(bindingBytes(binding)).toString()).toMatch(/^<Bytes>dt1-peer-binding\n.*<\/Bytes>$/);
    expect(encodeBinding(binding, new Uint8Array(64)).length).toBeLessThan(MAX_BINDING_CHARS);
  });

  it('is not made of any other text', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ maxLength: 3_000 }), fc.json()),
        (text) => parseBinding(text) === null,
      ),
      { numRuns },
    );
    expect(parseBinding(' '.repeat(MAX_BINDING_CHARS) + JSON.stringify(signed(binding)))).toBeNull();
  });
});

describe('envelope', () => {
  const key = ed25519FromSeed(new Uint8Array(32).fill(8));
  const envelope = signEnvelope(
    '0123456789abcdef',
    { kind: 'result', payload: { b: 1, a: 0.1 }, signer: hotkey },
    key.sign,
  );

  it('verifies under the key that signed it, over the payload as it was written', () => {
    expect(envelope.payload).toBe('{"a":0.1,"b":1}');
    expect(verifyEnvelope('0123456789abcdef', envelope, key.publicKey, verifyEd25519)).toBe(true);
  });

  it.each<[string, Partial<Envelope>, string]>([
    ['payload', { payload: '{"a":0.1,"b":2}' }, '0123456789abcdef'],
    ['kind', { kind: 'ready' }, '0123456789abcdef'],
    ['signer', { signer: addressOf(new Uint8Array(32)) }, '0123456789abcdef'],
    ['run', {}, 'fedcba9876543210'],
  ])('with another %s does not verify', (_what, change, runTag) => {
    expect(verifyEnvelope(runTag, { ...envelope, ...change }, key.publicKey, verifyEd25519)).toBe(false);
  });

  it('names run, kind and signer under its signature', () => {
    const text = Buffer.from(envelopeBytes('0123456789abcdef', envelope)).toString();
    expect(text.split('\n')).toEqual(['dt1-message', '0123456789abcdef', 'result', hotkey, envelope.payload]);
  });
});
