import { describe, expect, it } from 'vitest';
import { join } from '../../../src-main/commands/join.ts';
import { parseWords } from '../../../src-main/commands/parse.ts';
import { checkRules } from '../../../src-main/commands/rules.ts';

function said(...words: string[]) {
  const parsed = parseWords(join, words, 'refuse').said;
  checkRules(join, parsed);
  return parsed;
}
const refusal = (code: string, params?: object) =>
  expect.objectContaining(params ? { code, params } : { code });
const whole = ['--network', 'own=ws://127.0.0.1:9944', '--profile', './p.json', '--keys', '/keys'];

describe('the options of join', () => {
  it('read a whole command line', () => {
    const more = [
      '--role',
      'validator',
      '--bootstrap',
      '/ip4/1.2.3.4/tcp/4001,/dns4/a.example/tcp/1/p2p/12D3Koo',
    ];
    expect(
      said(...whole, ...more, '--listen', '[::]:4001', '--register-limit', '0.5', '--stake', '10'),
    ).toMatchObject({
      network: { name: 'own', endpoint: 'ws://127.0.0.1:9944' },
      profile: { kind: 'file', path: expect.stringMatching(/\/p\.json$/) },
      role: 'validator',
      keys: '/keys',
      bootstrap: ['/ip4/1.2.3.4/tcp/4001', '/dns4/a.example/tcp/1/p2p/12D3Koo'],
      listen: { host: '::', port: 4001 },
      registerLimit: 500_000_000n,
      stake: 10_000_000_000n,
    });
  });

  it('take the number of a subnet in the place of a profile', () => {
    const announced = ['--network', 'own=ws://127.0.0.1:9944', '--netuid', '38', '--keys', '/keys'];
    expect(said(...announced)).toMatchObject({ netuid: 38, profile: null, store: null, accept: null });
    const hash = 'ab'.repeat(16);
    expect(said(...announced, '--store', 'hub:me/run', '--accept', hash)).toMatchObject({
      store: { kind: 'hub', repository: 'me/run' },
      accept: hash,
    });
    expect(() => said(...announced, '--profile', './p.json')).toThrow(refusal('OPTIONS_EXCLUDE'));
    expect(() => said('--network', 'own=ws://127.0.0.1:9944', '--keys', '/keys')).toThrow(
      refusal('OPTION_MISSING', { command: 'join', option: '--profile or --netuid' }),
    );
    expect(() => said(...whole, '--accept', hash)).toThrow(refusal('OPTION_NEEDS'));
    expect(() => said(...announced, '--accept', 'ab'.repeat(15))).toThrow(refusal('OPTION_INVALID'));
  });

  it('take what is not said for no consent', () => {
    expect(said(...whole)).toMatchObject({ registerLimit: null, stake: null });
  });

  it('tell a shipped profile from a file', () => {
    expect(said(...whole, '--profile', 'gpt2-small')).toMatchObject({
      profile: { kind: 'name', name: 'gpt2-small' },
    });
  });

  it.each(['--network', '--keys'])('need %s', (missing) => {
    const at = whole.indexOf(missing);
    const words = whole.filter((_word, index) => index !== at && index !== at + 1);
    expect(() => said(...words)).toThrow(
      expect.objectContaining({ code: 'OPTION_MISSING', params: { command: 'join', option: missing } }),
    );
  });

  it.each([
    ['--network', 'ws://127.0.0.1:9944'],
    ['--network', 'own=http://127.0.0.1'],
    ['--network', '=ws://a'],
    ['--network', `own=ws://a/${'k'.repeat(512)}`],
    ['--network', 'own='],
    ['--network', 'a b=ws://a'],
    ['--profile', '../'.repeat(3).slice(0, 2)],
    ['--role', 'owner'],
    ['--bootstrap', '1.2.3.4:4001'],
    ['--bootstrap', `/dns4/${'a'.repeat(253)}/tcp/4001`],
    ['--bootstrap', '/ip4/1.2.3.4/tcp/4001,'],
    ['--bootstrap', Array(17).fill('/ip4/1.2.3.4/tcp/4001').join(',')],
    ['--listen', '4001'],
    ['--listen', 'example.org:4001'],
    ['--listen', '256.0.0.1:4001'],
    ['--listen', '1.2.3.4:65536'],
    ['--stake', '1,5'],
    ['--register-limit', '-1'],
  ])('refuse %s %s', (option, value) => {
    expect(() => said(...whole, `${option}=${value}`)).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID' }),
    );
  });
});
