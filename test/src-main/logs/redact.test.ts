import { createHash } from 'node:crypto';
import { mnemonicGenerate, mnemonicToMiniSecret } from '@polkadot/util-crypto';
import { assert, constantFrom, integer, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redactor, type Surroundings } from '../../../src-main/logs/redact.ts';
import { accountSecrets, formsOf } from '../../secret-forms.ts';

const RUNS = process.env.BUTTERFLY_LONG ? 5_000 : 300;
const ALICE = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY';
const BOB = '5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty';
const around: Surroundings = {
  home: '/home/jane.doe',
  user: 'jane.doe',
  host: 'den-tower',
  dataDir: '/home/jane.doe/.local/share/butterfly',
  keepsAddresses: false,
};
const redact = redactor(around);
/** Keys look like chance, not like the small numbers that a generator of tests likes. */
const keyOf = (seed: number, length: number): Uint8Array =>
  createHash('sha512').update(String(seed)).digest().subarray(0, length);
/** Raw bytes are no text: what a log could hold of them is one of the other forms. */
const textForms = (bytes: Uint8Array): string[] => formsOf(bytes).slice(1).map(String);

describe('what is taken out of a text', () => {
  it('is every form of a key, whatever stands around it', () => {
    assert(
      property(
        integer(),
        constantFrom(16, 24, 32, 64),
        constantFrom('', ' ', '"', '(', ': ', '=', '\n'),
        constantFrom('', ' ', '"', ')', ',', '\n', '.'),
        (seed, length, before, after) => {
          const bytes = keyOf(seed, length);
          for (const form of textForms(bytes))
            expect(redact(`seed${before || ' '}${form}${after}`)).not.toContain(form);
        },
      ),
      { numRuns: RUNS },
    );
  });

  it('is every form of an account with its phrase, whole and half', () => {
    for (let at = 0; at < 20; at++) {
      const secretPhrase = mnemonicGenerate(at % 2 ? 12 : 24);
      const secretSeed = `0x${Buffer.from(mnemonicToMiniSecret(secretPhrase)).toString('hex')}`;
      for (const { name, forms } of accountSecrets('canary', { secretPhrase, secretSeed }))
        for (const form of name.startsWith('phrase') ? forms : forms.slice(1))
          expect(redact(`the file says ${form} here`), name).not.toContain(String(form));
    }
  });

  it('is who the user is and where they are', () => {
    expect(redact('/home/jane.doe/.local/share/butterfly/runs of jane.doe at den-tower')).toBe(
      '<data folder>/runs of <user> at <computer>',
    );
    expect(redact('C:\\Users\\Jane\\AppData and /Users/jane/x and "C:\\\\Users\\\\Jane\\\\y"')).toBe(
      'C:\\Users\\<user>\\AppData and /Users/<user>/x and "C:\\\\Users\\\\<user>\\\\y"',
    );
    expect(redact('/ip4/203.0.113.5/tcp/4001 and [2001:db8::1]:99, not 127.0.0.1:9944')).toBe(
      '/ip4/<ip>/tcp/4001 and [<ip>]:99, not 127.0.0.1:9944',
    );
  });

  it('is a password, a token or a key by its name or its form', () => {
    expect(redact('wss://me:pw@node.example/rpc?api-key=abc&x=1')).toBe(
      'wss://<user>@node.example/rpc?api-key=<value>&x=<value>',
    );
    expect(redact('password: hunter22, {"token":"abcd"} hf_abcdefgh12345678')).toBe(
      'password: <secret>, {"token":<secret>} <token>',
    );
  });

  it('is an address, by the same stand-in each time, short ones too', () => {
    const fresh = redactor(around);
    expect(fresh(`${ALICE} to ${BOB}`)).toBe('<account 1> to <account 2>');
    expect(fresh(`${BOB.slice(0, 8)} waits`)).toBe('<account 2> waits');
    expect(redactor({ ...around, keepsAddresses: true })(`${ALICE}: ${'ab'.repeat(32)}`)).toBe(
      `${ALICE}: <hex>`,
    );
  });
});

describe('what stays', () => {
  it.each([
    'block 29 round 0 contributing: finalized -> contribute',
    'validator: train computes on processor, 1 thread, wide vectors',
    'stake 200 TAO to the hotkey on subnet 38, at most 0.546635057 TAO for one alpha: in block 19',
    '    at startPracticeCompanion (out/host/serve.js:1204:17)',
    'Butterfly 0.1.0 starts, process 14444, linux x64',
    'backups/ledger-2026-11-30T074054695.db is there',
    'the host and its password thread: 1, 2, 3 files of "model/local-5.snap"',
    'wss://entrypoint-finney.opentensor.ai:443 answers',
  ])('is what says how it went: %s', (line) => {
    expect(redact(line)).toBe(line);
  });

  it('is a text that was redacted before', () => {
    assert(
      property(string({ maxLength: 200 }), integer({ min: 0, max: 3 }), (text, at) => {
        const once = redact(`${text} ${textForms(keyOf(at, 32))[at]}`);
        expect(redact(once)).toBe(once);
      }),
      { numRuns: RUNS },
    );
  });
});
