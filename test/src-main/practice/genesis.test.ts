import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { chainGenesis, VALIDATOR_FREE_RAO } from '../../../src-main/devnet/genesis.ts';
import { newPracticeIdentity } from '../../../src-main/practice/identity.ts';
import { players } from '../../../src-main/practice/practice-keys.ts';
import { SetupSteps } from '../../../src-main/runs/setup-steps.ts';
import type { Adversary } from '../../../src-shared/contract/adversary.ts';
import { devnetContract } from '../../../src-shared/contract/devnet.ts';
import { ss58 } from '../../../src-shared/units.ts';

const keypair = (letter: string) => ({
  coldkey: ss58(`5${letter.repeat(47)}`),
  hotkey: ss58(`6${letter.repeat(47)}`),
});

describe('practice genesis', () => {
  const keys = { owner: keypair('a'), validator: keypair('b'), miners: [keypair('c'), keypair('d')] };

  it('is one that the chain accepts, with an account for every coldkey', () => {
    const genesis = chainGenesis(keys, newPracticeIdentity(5), { dataDir: '/x', port: 1, blockMs: 1_000 });
    const parsed = v.parse(devnetContract.init, genesis);
    expect(parsed.accounts.map((account) => account.ss58)).toEqual(
      [keys.owner, keys.validator, ...keys.miners].map(({ coldkey }) => coldkey),
    );
    expect(parsed.subnets[0]).toMatchObject({ netuid: 38, tempo: 10, weightsSetRateLimit: 5 });
  });

  it('has an account for every validator of a practice with three', () => {
    const three = { ...keys, otherValidators: [keypair('e'), keypair('f')] };
    const { accounts } = chainGenesis(three, newPracticeIdentity(5), {
      ...{ dataDir: '/x', port: 1, blockMs: 1_000 },
    });
    const validators = [keys.validator, ...three.otherValidators].map(({ coldkey }) => coldkey);
    const free = accounts
      .filter((account) => validators.includes(ss58(account.ss58)))
      .map(({ freeRao }) => freeRao);
    expect(free).toEqual([VALIDATOR_FREE_RAO, VALIDATOR_FREE_RAO, VALIDATOR_FREE_RAO]);
  });

  it('is another chain each time a practice is made anew', () => {
    expect(newPracticeIdentity(5).seed).not.toBe(newPracticeIdentity(5).seed);
  });
});

describe('who takes part', () => {
  const dishonest = (name: Adversary | null) =>
    players('/p', name).flatMap(({ name: who, adversary }) => (adversary === null ? [] : [[who, adversary]]));

  it.each([
    [null, []],
    ['free-rider', ['companion-3']],
    ['sybil-pair', ['companion-2', 'companion-3']],
    ['false-witness', ['validator-3']],
    ['colluding-validator', ['validator-3']],
  ] as const)('with %s, %j are dishonest', (name, who) => {
    expect(dishonest(name)).toEqual(who.map((one) => [one, name]));
  });

  it('a dishonest validator stands behind two honest ones, of which the first is the usual one', () => {
    const validators = (name: Adversary | null) =>
      players('/p', name).flatMap(({ name: who, role }) => (role === 'validator' ? [who] : []));
    expect(validators(null)).toEqual(['validator']);
    expect(validators('false-witness')).toEqual(['validator', 'validator-2', 'validator-3']);
  });
});

describe('setup steps', () => {
  const order = ['keys', 'chain', 'round'] as const;

  it('stay done once they are done', () => {
    const told: string[] = [];
    const steps = new SetupSteps(order, (all) => told.push(all.find(({ id }) => id === 'keys')?.state ?? ''));
    steps.set('keys', 'working');
    steps.set('keys', 'done');
    steps.set('keys', 'working', { code: 'unfinished', params: {} });
    expect(told).toEqual(['waiting', 'working', 'done']);
  });

  it('tell nothing when nothing changed', () => {
    let told = 0;
    const steps = new SetupSteps(order, () => told++);
    const detail = () => ({ code: 'block-of-round', params: { block: 1, of: 20 } }) as const;
    steps.set('round', 'working', detail());
    steps.set('round', 'working', detail());
    expect(told).toBe(2);
  });

  it('mark only what was under way as failed', () => {
    let states: Record<string, string> = {};
    const steps = new SetupSteps(order, (all) => {
      states = Object.fromEntries(all.map(({ id, state }) => [id, state]));
    });
    steps.set('keys', 'done');
    steps.set('chain', 'working');
    steps.fail({ code: 'unfinished', params: {} });
    expect(states).toMatchObject({ keys: 'done', chain: 'failed', round: 'waiting' });
  });
});
