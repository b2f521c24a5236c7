import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import {
  displayNameOf,
  isHttpBase,
  projectNameOf,
  runIdOf,
  wandbNameSchema,
  wandbRunIdSchema,
} from '../../../src-shared/run-logs/wandb-names.ts';

const hotkey = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY';

describe('names at Weights & Biases', () => {
  it('are those of the subnet', () => {
    const miner = { role: 'miner', uid: 7, hotkey, runTag: 'abababab' } as const;
    expect(displayNameOf(miner)).toBe('M007');
    expect(displayNameOf({ role: 'validator', uid: 0 })).toBe('V000');
    expect(displayNameOf({ role: 'miner', uid: 1_234 })).toBe('M1234');
    expect(runIdOf(miner)).toBe(`m007_${hotkey.toLowerCase()}_abababab`);
    expect(v.is(wandbRunIdSchema, runIdOf(miner))).toBe(true);
    expect(projectNameOf('distributed_training', 'validator')).toBe('distributed_training_validators');
  });

  it('are words that an address can hold', () => {
    for (const name of ['a', 'distributed_training', 'my-team', 'a.b'])
      expect(v.is(wandbNameSchema, name)).toBe(true);
    for (const name of ['', '.', '..', 'a/b', 'a b', 'a?b', 'ü', 'a'.repeat(129)])
      expect(v.is(wandbNameSchema, name)).toBe(false);
  });
});

describe('an address that a key may be sent to', () => {
  it.each([
    ...['https://api.wandb.ai', 'https://wandb.example.org:8443', 'https://example.org/wandb'],
    ...['http://localhost:8080', 'http://127.0.0.1:8080', 'http://[::1]:8080'],
  ])('is https or this computer: %s', (text) => expect(isHttpBase(text)).toBe(true));

  it.each([
    ...[
      'http://example.org',
      'http://localhost.example.org',
      'https://user:word@example.org',
      'ftp://localhost',
    ],
    ...[
      'https://example.org/',
      'https://example.org/?a',
      'https://example.org/#a',
      'https://example.org/a/../b',
    ],
    ...['', 'example.org', 'https://', 'javascript:alert(1)', 'https://example.org\n'],
  ])('is nothing else: %j', (text) => expect(isHttpBase(text)).toBe(false));
});
