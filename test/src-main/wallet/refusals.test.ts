import { expect, it } from 'vitest';
import { refusalOf } from '../../../src-main/wallet/refusals.ts';
import type { Intent } from '../../../src-shared/contract/page/money.ts';
import { describeError } from '../../../src-shared/errors/app-error.ts';
import { rao } from '../../../src-shared/units.ts';
import { HOTKEY, stake, TAO } from './desk-rig.ts';

const register: Intent = { kind: 'register', netuid: 38, hotkey: HOTKEY, limitRao: rao(TAO) };
const module = 'SubtensorModule';

it.each([
  ['TooManyRegistrationsThisBlock', 'REGISTRATIONS_FULL_NOW'],
  ['TooManyRegistrationsThisInterval', 'REGISTRATIONS_FULL_NOW'],
  ['RegistrationPriceLimitExceeded', 'REGISTRATION_PRICE_ROSE'],
  ['SubNetRegistrationDisabled', 'REGISTRATION_CLOSED'],
  ['NonAssociatedColdKey', 'HOTKEY_OF_ANOTHER'],
  ['NotEnoughBalanceToStake', 'FUNDS_TOO_LOW'],
  ['InsufficientBalance', 'FUNDS_TOO_LOW'],
  ['AmountTooLow', 'AMOUNT_BELOW_MINIMUM'],
  ['SlippageTooHigh', 'PRICE_PASSED_LIMIT'],
  ['InsufficientLiquidity', 'LIQUIDITY_TOO_LOW'],
  ['StakingRateLimitExceeded', 'RATE_LIMITED'],
  ['TxRateLimitExceeded', 'RATE_LIMITED'],
  ['StakingOperationRateLimitExceeded', 'STAKE_RESTS'],
  ['StakeUnavailable', 'STAKE_UNAVAILABLE'],
  ['SubtokenDisabled', 'TOKEN_NOT_OPEN'],
  ['SettingWeightsTooFast', 'WEIGHTS_TOO_SOON'],
  ['CommittingWeightsTooFast', 'WEIGHTS_TOO_SOON'],
  ['NeuronNoValidatorPermit', 'VALIDATOR_WITHOUT_SEAT'],
  ['NotEnoughStakeToSetWeights', 'VALIDATOR_WITHOUT_SEAT'],
  ['ColdkeySwapAnnounced', 'COLDKEY_SWAP_PENDING'],
  ['ColdkeySwapDisputed', 'COLDKEY_SWAP_PENDING'],
])('%s is told in a sentence of its own', (error, code) => {
  const coded = refusalOf(register, { module, error });
  expect(coded.code).toBe(code);
  const { sentence, action } = describeError(coded);
  expect(sentence + action).not.toContain('?');
});

it('blocks that are full mean that registrations are, and nothing of other orders', () => {
  const error = 'Transaction would exhaust the block limits';
  expect(refusalOf(register, { module: 'Transaction', error }).code).toBe('REGISTRATIONS_FULL_NOW');
  expect(refusalOf(stake(1), { module: 'Transaction', error }).code).toBe('CHAIN_REFUSED');
});

it('a token’s fault is told by its last name, whatever it stands in', () => {
  expect(refusalOf(stake(1), { module: 'DispatchError', error: 'Token.FundsUnavailable' }).code).toBe(
    'FUNDS_TOO_LOW',
  );
});

it('what is not known keeps its name, and the number that a pool says', () => {
  expect(refusalOf(stake(1), { module, error: 'SomethingNew' })).toEqual({
    code: 'CHAIN_REFUSED',
    params: { module, error: 'SomethingNew' },
  });
  const error = 'Custom error: 77';
  expect(describeError(refusalOf(stake(1), { module: 'Transaction', error })).sentence).toContain('77');
});

it('no name that an object has of its own is a fault of the chain', () => {
  for (const error of ['constructor', '__proto__', 'toString'])
    expect(refusalOf(stake(1), { module, error }).code).toBe('CHAIN_REFUSED');
});
