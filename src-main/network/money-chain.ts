import { AppError } from '../../src-shared/errors/app-error.ts';
import { hasCall } from './calls/extrinsic.ts';
import { ROOT } from './expected-subnet.ts';
import { lookUp } from './fate.ts';
import type { Follower } from './follow.ts';
import { identityFault } from './identity.ts';
import { mayMove } from './known.ts';
import type { Link } from './link.ts';
import type { MoneyChain } from './money.ts';
import type { Nonces } from './nonces.ts';
import {
  existentialDeposit,
  readAccountBalance,
  readAvailable,
  readHotkey,
  readTokenRules,
} from './reads/account.ts';
import { readAlphaPrice, readStake } from './reads/accounts.ts';
import { readHyperparameters } from './reads/hyperparameters.ts';
import { readMinimums } from './reads/minimums.ts';
import { readOwnChange } from './reads/own-change.ts';
import { readRegistration, registrationsFullUntil } from './reads/registration.ts';
import { readIdentity, readSubnet } from './reads/subnet.ts';
import { readSubnetPrice } from './reads/subnet-price.ts';
import { readBuy, readSell } from './reads/swap.ts';
import { reviewCall } from './review.ts';
import type { Session } from './session.ts';
import { createSubmit, effectIn } from './submit.ts';

export interface MoneyChainOptions {
  readonly link: Link;
  readonly follower: Follower;
  readonly nonces: Nonces;
  log(line: string): void;
}

export function moneyChain({ link, follower, nonces, log }: MoneyChainOptions): MoneyChain {
  const read = <T>(work: (session: Session) => Promise<T>, signal: AbortSignal) => link.read(work, signal);
  return {
    newest() {
      const newest = follower.head ?? follower.finalized;
      if (!newest) throw new AppError('CHAIN_UNREACHABLE', { endpoint: link.endpoint });
      return newest;
    },
    balance: (account, at, signal) =>
      read((session) => readAccountBalance(session, account, at, signal), signal),
    existentialDeposit: (signal) => read(async (session) => existentialDeposit(session), signal),
    minimums: (at, signal) => read((session) => readMinimums(session, at, signal), signal),
    stake: (netuid, hotkey, coldkey, at, signal) =>
      read((session) => readStake(session, netuid, { hotkey, coldkey }, at, signal), signal),
    available: (netuid, coldkey, at, signal) =>
      read((session) => readAvailable(session, netuid, coldkey, at, signal), signal),
    price: (netuid, at, signal) => read((session) => readAlphaPrice(session, netuid, at, signal), signal),
    buy: (netuid, amount, at, signal) =>
      read((session) => readBuy(session, netuid, amount, at, signal), signal),
    sell: (netuid, amount, at, signal) =>
      read((session) => readSell(session, netuid, amount, at, signal), signal),
    hotkey: (netuid, hotkey, at, signal) =>
      read((session) => readHotkey(session, netuid, hotkey, at, signal), signal),
    subnet: (netuid, at, signal) => read((session) => readSubnet(session, netuid, at, signal), signal),
    subnetPrice: (at, signal) => read((session) => readSubnetPrice(session, at, signal), signal),
    identity: (netuid, at, signal) => read((session) => readIdentity(session, netuid, at, signal), signal),
    rules: (netuid, at, signal) =>
      read((session) => readHyperparameters(session, netuid, at, signal), signal),
    tokenRules: (netuid, at, signal) =>
      read((session) => readTokenRules(session, netuid, at, signal), signal),
    registration: (netuid, at, signal) =>
      read(async (session) => {
        const terms = await readRegistration(session, netuid, at.hash, signal);
        return {
          ...terms,
          capsPrice: hasCall(session, 'SubtensorModule.register_limit'),
          fullUntil: registrationsFullUntil(terms, at.number),
        };
      }, signal),
    review: (netuid, call, signer, signal) =>
      read((session) => reviewCall(session, netuid, call, signer, signal), signal),
    submit: (reviewed, signer, expected, signal, options) => {
      const { netuid, bytes, specVersion } = reviewed;
      return createSubmit({
        ...{ link, netuid, follower, nonces, log },
        async guard({ money }, session, wait) {
          mayMove(money, link.genesisHash, signer);
          if (money !== 'in' || netuid === ROOT) return;
          const facts = await readSubnet(session, netuid, null, wait);
          const fault = identityFault(netuid, facts, expected, session.endpoint);
          if (fault) throw new AppError(fault.code, fault.params);
        },
      })(reviewed.call, signer, signal, { ...options, agreed: { bytes, specVersion } });
    },
    lookUp: (sent, call, signal, told) => {
      const { encoded, hash, birthBlock: birth, lastBlock: last } = sent;
      const era = { period: last - birth + 1, birth, last };
      return lookUp(
        link,
        follower,
        // By the bytes alone: a nonce says nothing of a fate.
        { encoded, hash, era, nonce: 0, effectOf: (events) => effectIn(call, events) },
        signal,
        told,
      );
    },
    ownChange: (sent, at, signal) => read((session) => readOwnChange(session, sent, at, signal), signal),
  };
}
