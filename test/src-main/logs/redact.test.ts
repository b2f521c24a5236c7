import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mnemonicGenerate, mnemonicToMiniSecret } from '@polkadot/util-crypto';
import { assert, constantFrom, integer, property, string, stringMatching } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redactLines, redactor, type Surroundings } from '../../../src-main/logs/redact.ts';
import { runs } from '../../runs.ts';
import { accountSecrets, formsOf } from '../../secret-forms.ts';

const RUNS = runs(300, 5_000);
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

  it('is a key in the letters of any alphabet that keys are written in', () => {
    const alphabets = {
      base58: '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz',
      base36: '0123456789abcdefghijklmnopqrstuvwxyz',
      base32: 'abcdefghijklmnopqrstuvwxyz234567',
      'base32 in capitals': 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567',
    };
    assert(
      property(integer(), constantFrom(...Object.entries(alphabets)), (seed, [name, letters]) => {
        // 256 bits, however many letters that takes.
        const count = Math.ceil(256 / Math.log2(letters.length));
        const key = [...keyOf(seed, count)].map((byte) => letters[byte % letters.length]).join('');
        expect(redact(`seed ${key}, whole`), name).not.toContain(key);
      }),
      { numRuns: RUNS },
    );
  });

  it.each(['whnbyuhzxyissQmfnwkxk', 'uiyoluTiolHobgojtkjk', 'Kwxsihev/Caad/NV/al/r', 'WGE-NXZH-TY-EK5_ylf3'])(
    'is a key that chance wrote like a name: %s',
    (key) => {
      expect(redact(`seed ${key}`)).toBe('seed <key>');
    },
  );

  it('is every form of an account with its phrase, whole and half', () => {
    for (let at = 0; at < 20; at++) {
      const secretPhrase = mnemonicGenerate(at % 2 ? 12 : 24);
      const secretSeed = `0x${Buffer.from(mnemonicToMiniSecret(secretPhrase)).toString('hex')}`;
      for (const { name, forms } of accountSecrets('canary', { secretPhrase, secretSeed }))
        for (const form of name.startsWith('phrase') ? forms : forms.slice(1))
          expect(redact(`the file says ${form} here`), name).not.toContain(String(form));
    }
  });

  it('is the secret of every service that tokens are kept of, wherever it stands', () => {
    const letters = (pattern: RegExp) => stringMatching(pattern);
    const forms = {
      'the Hub': letters(/^hf_[A-Za-z]{34}$/),
      'Weights & Biases': letters(/^[0-9a-f]{40}$/),
      'Weights & Biases, newer': letters(/^wandb_v1_[A-Za-z0-9_]{40}$/),
      'an access key': letters(/^AKIA(?:[A-Z]{16}|[A-Z2-7]{16})$/),
      'a secret key': letters(/^[A-Za-z0-9/+]{40}$/),
      'an access key of R2': letters(/^[0-9a-f]{32}$/),
      'a secret key of R2': letters(/^[0-9a-f]{64}$/),
    };
    for (const [service, secrets] of Object.entries(forms))
      assert(
        property(secrets, (secret) => {
          expect(redact(`${service} was sent "${secret}" here`), service).not.toContain(secret);
        }),
        { numRuns: RUNS },
      );
  });

  const PHRASE = 'legal winner thank year wave sausage worth useful legal winner thank yellow';
  it.each<[string, (words: readonly string[]) => string]>([
    ['in capitals', (words) => words.join(' ').toUpperCase()],
    ['as a numbered list', (words) => words.map((word, at) => `${at + 1}. ${word}`).join('\n')],
    [
      'a line of the log each',
      (words) => words.map((word) => `2026-11-30T07:40:54.639Z companion-1 swarm: ${word}`).join('\n'),
    ],
    ['as JSON in JSON in JSON', (words) => JSON.stringify(JSON.stringify(JSON.stringify(words)))],
    ['as an object', (words) => JSON.stringify({ ...words }, null, 2)],
    ['in colours', (words) => words.map((word) => `\u001b[32m${word}\u001b[0m`).join(' ')],
    ['in colours that JSON wrote', (words) => JSON.stringify(words.map((word) => `\u001b[32m${word}`))],
    ['in an address', (words) => encodeURIComponent(words.join(' '))],
    ['with dashes', (words) => words.join('-')],
    ['in a table', (words) => `| ${words.join(' | ')} |`],
  ])('is a phrase %s', (_how, write) => {
    const said = redact(`it says ${write(PHRASE.split(' '))} and goes on`);
    for (const word of ['winner', 'sausage', 'yellow']) expect(said.toLowerCase()).not.toContain(word);
    expect(said).toMatch(/^it says .*<words>.* and goes on$/s);
  });

  it('is a phrase over several lines that were read one by one', () => {
    const lines = PHRASE.split(' ').map((word) => `2026-11-30T07:40:54.639Z swarm: ${word}`);
    expect(redactLines(redact, ['Butterfly starts', ...lines, 'Butterfly stops'])).toEqual([
      'Butterfly starts',
      '2026-11-30T07:40:54.639Z swarm: <words>',
      'Butterfly stops',
    ]);
    expect(redactLines(redact, [])).toEqual([]);
  });

  it.each([
    'HF_TOKEN=hunter22',
    'WANDB_API_KEY=hunter22',
    'accessToken: hunter22',
    'coldkey_password: "hunter22 and \\"hunter22\\""',
    '{\\"password\\":\\"hunter22 hunter22\\"}',
    'Authorization: Basic hunter22',
    'authorization: Bearer hunter22',
    '--password hunter22 --profile x',
    'wss://me:hunt/hunter22@node.example/x',
    'wss://me:hunt@hunter22@node.example/x',
    'glpat-hunter22',
    'sk-proj-hunter22',
    'eyJhbGciOi.hunter22.hunter22',
    'hf_\u001b[1mhunter22\u001b[0m',
    'hunter22@mail.example',
    'C:\\Users\\hunter22 hunter22\\x',
    'C:/Users/hunter22 hunter22/x',
    'c:\\users\\hunter22',
    '\\\\server\\Users\\hunter22\\x',
    'file:%2Fhome%2Fhunter22%2Fx',
    '/media/hunter22/disk',
  ])('is what a name, a form or a place gives away: %s', (text) => {
    expect(redact(text)).not.toContain('hunter22');
  });

  it('is the number of a network card', () => {
    expect(redact('eth0 00:1b:44:11:3a:b7 up 12:34:56')).toBe('eth0 <mac> up 12:34:56');
  });

  it('is found in time that grows with the text alone, whatever a peer made of it', () => {
    // Words that could be told apart in very many ways, and are none in the end.
    expect(redact(`${'z'.repeat(2_000)}1234X`)).toBe('<key>');
    const pieces = [
      '-',
      '\\',
      'a.',
      ':',
      '::',
      'ab:',
      '1,',
      '"',
      'legal ',
      '//',
      '://',
      '@',
      'token',
      '\u001b[',
    ];
    for (const piece of pieces) expect(typeof redact(piece.repeat(20_000))).toBe('string');
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
      'password: <secret>, {"token":"<secret>"} <token>',
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

/** All long names without a digit that stand in a text; a sentence without its spaces is none. */
const longNames = (text: string): string[] => text.match(/\b[A-Za-z_]{20,60}\b/g) ?? [];
const sourcesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(?:ts|svelte)$/.test(name))
    .map((name) => readFileSync(join(folder, name), 'utf8'));

describe('what stays', () => {
  it('is the long names of our own code, but for one in a hundred with odd short words', () => {
    const sources = ['src-main', 'src-node', 'src-shared', 'src-worker', 'src-renderer'].flatMap(
      sourcesBelow,
    );
    const names = new Set(sources.flatMap(longNames));
    expect(names.size).toBeGreaterThan(300);
    const hidden = [...names].filter((name) => redact(name) !== name);
    expect(hidden.length, hidden.join(', ')).toBeLessThan(names.size / 100);
  });

  it.each([
    'block 29 round 0 contributing: finalized -> contribute',
    'validator: train computes on processor, 1 thread, wide vectors',
    'stake 200 TAO to the hotkey on subnet 38, at most 0.546635057 TAO for one alpha: in block 19',
    '    at startPracticeCompanion (out/host/serve.js:1204:17)',
    'Butterfly 0.1.0 starts, process 14444, linux x64',
    'backups/ledger-2026-11-30T074054695.db is there',
    'the host and its password thread: 1, 2, 3 files of "model/local-5.snap"',
    'wss://entrypoint-finney.opentensor.ai:443 answers',
    'http://127.0.0.1:21999/#page, written by a@b',
    'training.tokens: 4096, "tokensPerSecond": 1200, token 17 of 50257',
    'account key round total score weight',
    'HotKeyAlreadyRegisteredInSubNet (SubtensorModule, index 26)',
    'TooManyInboundProtocolStreamsError: Too many inbound protocol streams for "/butterfly/part/1"',
    '    at TCPSocketMultiaddrConnection.closeServerOnMaxConnections (out/worker/swarm.js:1:2)',
    'TransactionPaymentApi_query_fee_details and libp2p_connection_manager_dials_total',
    'maxOldGenerationSizeMb and muxerMaConnOnMessage',
    'generateKeyPairFromSeed, publicKeyFromMultihash, ipv4EmbeddedIpv6Check, uint8ArrayFromString',
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
