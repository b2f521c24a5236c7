import type { Intent } from '../../src-shared/contract/page/money.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import type { ErrorCode } from '../../src-shared/errors/catalogue.ts';
import { taoText } from '../../src-shared/units.ts';

/** What the chain's own names of faults mean to a person, by the name alone: pools and pallets share most of them. */
const codes: Readonly<Record<string, ErrorCode>> = {
  TooManyRegistrationsThisBlock: 'REGISTRATIONS_FULL_NOW',
  TooManyRegistrationsThisInterval: 'REGISTRATIONS_FULL_NOW',
  RegistrationPriceLimitExceeded: 'REGISTRATION_PRICE_ROSE',
  SubNetRegistrationDisabled: 'REGISTRATION_CLOSED',
  NoNeuronIdAvailable: 'NO_PLACE_FREE',
  NonAssociatedColdKey: 'HOTKEY_OF_ANOTHER',
  HotKeyAccountNotExists: 'HOTKEY_NOT_ON_CHAIN',
  HotKeyNotRegisteredInSubNet: 'HOTKEY_NOT_ON_SUBNET',
  HotKeyNotRegisteredInNetwork: 'HOTKEY_NOT_ON_SUBNET',
  NotEnoughBalanceToStake: 'FUNDS_TOO_LOW',
  InsufficientBalance: 'FUNDS_TOO_LOW',
  BalanceWithdrawalError: 'FUNDS_TOO_LOW',
  ZeroBalanceAfterWithdrawn: 'FUNDS_TOO_LOW',
  FundsUnavailable: 'FUNDS_TOO_LOW',
  NotExpendable: 'FUNDS_TOO_LOW',
  Frozen: 'FUNDS_TOO_LOW',
  Expendability: 'FUNDS_TOO_LOW',
  NotEnoughStake: 'STAKE_UNAVAILABLE',
  NotEnoughStakeToWithdraw: 'STAKE_UNAVAILABLE',
  StakeUnavailable: 'STAKE_UNAVAILABLE',
  CannotUnstakeLock: 'STAKE_UNAVAILABLE',
  AmountTooLow: 'AMOUNT_BELOW_MINIMUM',
  SlippageTooHigh: 'PRICE_PASSED_LIMIT',
  ZeroMaxStakeAmount: 'PRICE_PASSED_LIMIT',
  InsufficientLiquidity: 'LIQUIDITY_TOO_LOW',
  StakingOperationRateLimitExceeded: 'STAKE_RESTS',
  StakingRateLimitExceeded: 'RATE_LIMITED',
  TxRateLimitExceeded: 'RATE_LIMITED',
  NetworkTxRateLimitExceeded: 'RATE_LIMITED',
  RateLimitExceeded: 'RATE_LIMITED',
  SubtokenDisabled: 'TOKEN_NOT_OPEN',
  TransferDisallowed: 'TRANSFER_NOT_ALLOWED',
  SubnetLimitReached: 'SUBNETS_FULL',
  CannotAffordLockCost: 'FUNDS_TOO_LOW',
  NotSubnetOwner: 'SUBNET_NOT_YOURS',
  FirstEmissionBlockNumberAlreadySet: 'SUBNET_STARTED_ALREADY',
  NeedWaitingMoreBlocksToStarCall: 'SUBNET_STARTS_LATER',
  AdminActionProhibitedDuringWeightsWindow: 'RULES_REST',
  SettingWeightsTooFast: 'WEIGHTS_TOO_SOON',
  CommittingWeightsTooFast: 'WEIGHTS_TOO_SOON',
  NeuronNoValidatorPermit: 'VALIDATOR_WITHOUT_SEAT',
  NotEnoughStakeToSetWeights: 'VALIDATOR_WITHOUT_SEAT',
  ColdkeySwapAnnounced: 'COLDKEY_SWAP_PENDING',
  ColdkeySwapDisputed: 'COLDKEY_SWAP_PENDING',
  ColdkeyInSwapSchedule: 'COLDKEY_SWAP_PENDING',
};

/** What a node's pool says in words of its own. */
const poolWords: readonly (readonly [RegExp, ErrorCode])[] = [
  [/exhaust the block limits/i, 'REGISTRATIONS_FULL_NOW'],
  [/inability to pay some fees/i, 'FEE_UNPAYABLE'],
];

const netuidOf = (intent: Intent): number => ('netuid' in intent ? intent.netuid : 0);
const hotkeyOf = (intent: Intent): string =>
  intent.kind === 'moveStake' ? intent.toHotkey : 'hotkey' in intent ? intent.hotkey : '';

/**
 * Why an order was refused, as a sentence that says what to do next.
 * @param fault as the chain or a node's pool names it; what is not known here keeps its name or number
 */
export function refusalOf(
  intent: Intent,
  { module, error }: { readonly module: string; readonly error: string },
): CodedError {
  const fault = error.split('.').at(-1) ?? error;
  // Of blocks that are full a registration hears in this way: other orders only wait.
  const said = poolWords.find(([words, code]) => words.test(error) && fitsIntent(code, intent))?.[1];
  const code = Object.hasOwn(codes, fault) ? codes[fault] : said;
  if (!code) return { code: 'CHAIN_REFUSED', params: { module, error } };
  const limit = intent.kind === 'register' ? taoText(intent.limitRao) : '';
  const params = { netuid: netuidOf(intent), hotkey: hotkeyOf(intent), limit };
  return { code, params };
}

const fitsIntent = (code: ErrorCode, { kind }: Intent): boolean =>
  code !== 'REGISTRATIONS_FULL_NOW' || kind === 'register';
