import { orAbort, withLimit } from '../../src-node/waits.ts';
import type { JoinQuote } from '../../src-shared/contract/page/join.ts';
import { AppError, type CodedError } from '../../src-shared/errors/app-error.ts';
import { runTagOf } from '../../src-shared/profile/profile.ts';
import { parseIdentityField } from '../../src-shared/rounds/identity-field.ts';
import type { Hex, Ss58 } from '../../src-shared/units.ts';
import type { Neuron, SubnetSnapshot } from '../network/chain.ts';
import type { ConnectedChain } from '../network/client.ts';
import { maySpendOn } from '../network/known.ts';
import { readHoldings } from '../wallet/holdings.ts';
import { JOIN_READ_LIMIT_MS } from './limits.ts';

export interface QuoteOptions {
  readonly chain: ConnectedChain;
  readonly hotkey: Ss58;
  readonly coldkey: Ss58 | null;
  readonly role: 'miner' | 'validator';
  readonly profileHash: Hex;
}

/** What the chain's state says of joining. */
export type ChainQuote = Omit<JoinQuote, 'coldkeyFile' | 'capsPrice'>;

/** What joining would take, all read in the state of one block. Spends nothing. */
export async function quoteJoin(options: QuoteOptions, signal: AbortSignal): Promise<ChainQuote> {
  const { chain, hotkey } = options;
  const limit = withLimit(signal, JOIN_READ_LIMIT_MS);
  const at = await newest(chain, limit);
  const own = at.neurons.find((neuron) => neuron.hotkey === hotkey) ?? null;
  // The one at hand would pay, whoever owns the hotkey.
  const coldkey = options.coldkey ?? own?.coldkey ?? null;
  const holdings = coldkey && (await readHoldings(chain, at, { coldkey, hotkey }, limit));
  const maySpend = options.coldkey !== null && maySpendOn(chain.genesisHash);
  const registrationCostRao = own ? null : at.subnet.burnRao;
  const quote = {
    hotkey,
    coldkey,
    uid: own?.uid ?? null,
    registrationCostRao,
    freeRao: holdings?.freeRao ?? null,
    stakeAlpha: holdings?.stakeAlpha ?? null,
    maySpend,
  };
  return { ...quote, problem: await problemOf(options, own, at, limit) };
}

async function newest(chain: ConnectedChain, signal: AbortSignal): Promise<SubnetSnapshot> {
  // Asking for what everybody asks for makes the watcher read, where it has not yet.
  await chain.subnet(null, signal);
  const { snapshot } = chain;
  if (snapshot) return snapshot;
  const first = Promise.withResolvers<SubnetSnapshot>();
  const off = chain.on('snapshot', first.resolve);
  try {
    return await orAbort(first.promise, signal);
  } catch (thrown) {
    throw new AppError('CHAIN_UNREACHABLE', { endpoint: chain.endpoint }, thrown);
  } finally {
    off();
  }
}

async function problemOf(
  { chain, hotkey, role, profileHash }: QuoteOptions,
  own: Neuron | null,
  { neurons, block }: SubnetSnapshot,
  signal: AbortSignal,
): Promise<CodedError | null> {
  const others = neurons.filter((neuron) => neuron.hotkey !== hotkey);
  const other = await otherRunOf(chain, others, block.hash, profileHash, signal);
  // Before the permit, which a stake may bring: that helps nobody in another run.
  if (other) return { code: 'PROFILE_HASH_FOREIGN', params: { found: other, own: runTagOf(profileHash) } };
  if (role === 'validator' && !own?.validatorPermit)
    return { code: 'ROLE_WITHOUT_PERMIT', params: { netuid: chain.netuid } };
  return null;
}

/** The tag under which others work on this subnet, where nobody works under ours. */
async function otherRunOf(
  chain: ConnectedChain,
  others: readonly Neuron[],
  at: Hex,
  profileHash: Hex,
  signal: AbortSignal,
): Promise<Hex | null> {
  const slots = await chain.commitments(
    others.map(({ hotkey }) => hotkey),
    at,
    signal,
  );
  const identities = [...slots.values()].flatMap(({ fields }) => fields.map(parseIdentityField));
  const tags = identities.flatMap((identity) => identity?.tag ?? []);
  return tags.length === 0 || tags.includes(runTagOf(profileHash)) ? null : (tags[0] ?? null);
}
