import { parseTao } from '../../src-shared/amount.ts';
import type { JoinQuote, ProfileSummary } from '../../src-shared/contract/page/join.ts';
import type { EndpointFacts } from '../../src-shared/contract/page/network.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import { type Rao, rao } from '../../src-shared/units.ts';
import { formatTao } from '../i18n/format.ts';
import { t } from '../i18n/t.ts';

/** What the form says once everything that it asks for was found. */
export interface JoinAnswers {
  /** The real network that was chosen; null for one of one's own. */
  readonly wanted: string | null;
  readonly facts: EndpointFacts;
  readonly profile: ProfileSummary;
  readonly role: 'miner' | 'validator';
}

export interface JoinProblem {
  readonly at: 'endpoint' | 'profile' | 'keys' | 'limit' | 'stake';
  readonly error: CodedError;
}

const coded = (code: CodedError['code'], params: CodedError['params'] = {}): CodedError => ({ code, params });

/** What does not fit together before any key is looked at; null where all does. */
export function mismatch({ wanted, facts, profile }: JoinAnswers): JoinProblem | null {
  if (wanted !== null && facts.knownNetwork !== wanted)
    return {
      at: 'endpoint',
      error: coded('CHAIN_IS_ANOTHER', { wanted, found: facts.knownNetwork ?? facts.chain }),
    };
  if (facts.subnet === null)
    return { at: 'profile', error: coded('SUBNET_ABSENT', { netuid: facts.netuid, chain: facts.chain }) };
  if (profile.problem) return { at: 'profile', error: profile.problem };
  if (facts.subnet.name !== profile.identity.name)
    return {
      at: 'profile',
      error: coded('CHAIN_IDENTITY_MISMATCH', {
        netuid: profile.netuid,
        found: facts.subnet.name,
        expected: profile.identity.name,
      }),
    };
  return null;
}

export interface Consent {
  /** The most that is paid for a place; null where none is bought. */
  readonly registrationLimitRao: Rao | null;
  readonly stakeRao: Rao | null;
}

/** A permit comes with stake: who may stake here can come by one. */
export const comesByStake = ({ problem, maySpend }: JoinQuote, role: JoinAnswers['role']): boolean =>
  problem?.code === 'ROLE_WITHOUT_PERMIT' && role === 'validator' && maySpend;

/** What pressing the button would pay, or what is wrong with the amounts typed. */
export function consentOf(
  quote: JoinQuote,
  role: JoinAnswers['role'],
  typed: { readonly limit: string; readonly stake: string },
): Consent | JoinProblem {
  if (quote.problem && !comesByStake(quote, role)) return { at: 'keys', error: quote.problem };
  const registrationLimitRao = quote.uid === null ? parseTao(typed.limit) : null;
  const stakeRao =
    role === 'validator' && quote.maySpend && typed.stake.trim() !== '' ? parseTao(typed.stake) : null;
  if (quote.uid === null && !quote.maySpend) return { at: 'keys', error: coded('HOTKEY_NOT_REGISTERED') };
  if (quote.uid === null && registrationLimitRao === null)
    return { at: 'limit', error: coded('AMOUNT_INVALID', { text: typed.limit }) };
  if (role === 'validator' && quote.maySpend && typed.stake.trim() !== '' && stakeRao === null)
    return { at: 'stake', error: coded('AMOUNT_INVALID', { text: typed.stake }) };
  if (quote.problem && !stakeRao) return { at: 'stake', error: quote.problem };
  const { registrationCostRao: cost } = quote;
  if (registrationLimitRao !== null && cost !== null && cost > registrationLimitRao)
    return {
      at: 'limit',
      error: coded('REGISTRATION_OVER_LIMIT', {
        cost: formatTao(cost, 9),
        limit: formatTao(registrationLimitRao, 9),
      }),
    };
  const needed = (registrationLimitRao ? (cost ?? registrationLimitRao) : 0n) + (stakeRao ?? 0n);
  if (quote.freeRao !== null && needed > quote.freeRao)
    return {
      at: stakeRao === null ? 'limit' : 'stake',
      error: coded('BALANCE_TOO_LOW', {
        needed: formatTao(rao(needed), 9),
        free: formatTao(quote.freeRao, 9),
      }),
    };
  return { registrationLimitRao, stakeRao };
}

export const isProblem = (value: Consent | JoinProblem): value is JoinProblem => 'error' in value;

/**
 * The words on the button: nothing is paid whose amount does not stand there.
 * @param capsPrice whether the chain holds to the limit; where not, it is the highest price at which one is ordered
 */
export function joinLabel({ registrationLimitRao, stakeRao }: Consent, capsPrice: boolean): string {
  const register = capsPrice ? 'join.buttonRegister' : 'join.buttonRegisterUncapped';
  const paid = [
    ...(registrationLimitRao !== null ? [t(register, { amount: unbroken(registrationLimitRao) })] : []),
    ...(stakeRao !== null && stakeRao > 0n ? [t('join.buttonStake', { amount: unbroken(stakeRao) })] : []),
  ];
  return paid.length === 0 ? t('join.button') : t('join.buttonPays', { paid: paid.join(', ') });
}

/** All nine places where four would cut something off: what is consented to is read as it is. */
export const exact = (amount: Rao): string => formatTao(amount, amount % 100_000n === 0n ? 4 : 9);

/** On a button that wraps, an amount stays beside its τ. */
const unbroken = (amount: Rao): string => exact(amount).replace(' ', '\u00a0');
