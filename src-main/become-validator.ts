import { withLimit } from '../src-node/waits.ts';
import type { ValidatorNeeds } from '../src-shared/contract/page/validation.ts';
import { seatOf } from '../src-shared/economics/seat.ts';
import { AppError } from '../src-shared/errors/app-error.ts';
import { type Rao, rao, type Ss58 } from '../src-shared/units.ts';
import { ifSaid } from './economy/kept.ts';
import { LOOK_LIMIT_MS } from './economy/limits.ts';
import { newestSnapshot } from './economy/newest-snapshot.ts';
import { type NeedFacts, validatorNeeds } from './join/validator-needs.ts';
import { ownValidatorBefore, ownValidatorKeys } from './practice/own-validator.ts';
import { PRACTICE_NETWORK } from './practice/profile.ts';
import { NOTHING_PAID } from './runs/joined.ts';
import type { JoinedRun } from './runs/kept-runs.ts';
import type { Run } from './runs/run.ts';
import type { Runs } from './runs/runs.ts';

/** Of the practice's wallet, what a validator beside it stakes: so much stays for whatever else its user tries. */
const STAKED_SHARE = 2n;
/** What stays at least in a wallet that stakes: the chain keeps an account alive by it, and fees come from it. */
const LEFT_RAO = 100_000_000n;

/** Where a page asks what validating would take, and begins it. */
export interface BecomeValidator {
  /** @throws {AppError} RUN_UNKNOWN, NOT_NOW for one that only starts or validates already, CHAIN_UNREACHABLE */
  needs(id: Ss58): Promise<ValidatorNeeds>;
  /**
   * In a practice a validator of the user's own begins beside, and pays its place and its stake from the practice's
   * wallet; elsewhere the run's own hotkey validates from now on, and nothing is paid.
   * @returns the run's id
   * @throws {AppError} as `needs`, VALIDATOR_NEEDS_LACKING, or as beginning it
   */
  become(id: Ss58): Promise<Ss58>;
}

export function openBecomeValidator(host: {
  readonly runs: Pick<Runs, 'get' | 'originOf' | 'start' | 'startAgain' | 'end'>;
  /** Of the practice. */
  readonly folder: string;
  /** Between two blocks of a run's chain, as it goes now; null while that is not known. */
  blockMsOf(id: Ss58): number | null;
  readonly signal: AbortSignal;
}): BecomeValidator {
  const { runs, folder } = host;
  /** Runs that are on their way: a second click begins nothing. */
  const turning = new Set<Ss58>();

  function workingOf(id: Ss58): Run {
    const { body } = runs.get(id);
    if (!body) throw new AppError('NOT_NOW', { what: 'Becoming a validator', state: 'preparing' });
    if (body.run.config.role === 'validator')
      throw new AppError('NOT_NOW', { what: 'Becoming a validator', state: 'validating' });
    return body.run;
  }

  async function lookAt(id: Ss58, run: Run): Promise<NeedFacts> {
    const blockMs = host.blockMsOf(id) ?? run.config.profile.consensus.clock.blockMs;
    const isBeside = runs.originOf(id).kind === 'practice';
    const hotkey = isBeside ? await ownValidatorBefore(folder) : run.hotkey;
    return factsOf(run, { way: isBeside ? 'beside' : 'instead', hotkey, blockMs }, host.signal);
  }

  async function begin(id: Ss58): Promise<Ss58> {
    const run = workingOf(id);
    const facts = await lookAt(id, run);
    const needs = validatorNeeds(facts);
    const lacking = needs.needs.find(({ state }) => state === 'not-met');
    if (!needs.mayBegin) throw new AppError('VALIDATOR_NEEDS_LACKING', { need: lacking?.id ?? '' });
    if (needs.way === 'instead') return instead(id);
    const consent = {
      registrationLimitRao: rao(facts.placeRao * 2n),
      stakeRao: facts.stakeRao,
      isConsentFresh: true,
    };
    return (await runs.start(await besideOf(run, folder), consent)).id;
  }

  async function instead(id: Ss58): Promise<Ss58> {
    const origin = runs.originOf(id);
    if (origin.kind !== 'joined') throw new AppError('RUN_UNKNOWN', { id });
    await runs.end(id, 'now');
    try {
      return (await runs.start({ ...origin, role: 'validator' }, NOTHING_PAID)).id;
    } catch (thrown) {
      // It is not left with neither.
      await runs.startAgain(id);
      throw thrown;
    }
  }

  return {
    async needs(id) {
      return validatorNeeds(await lookAt(id, workingOf(id)));
    },
    async become(id) {
      if (turning.has(id))
        throw new AppError('NOT_NOW', { what: 'Becoming a validator', state: 'preparing' });
      turning.add(id);
      try {
        return await begin(id);
      } finally {
        turning.delete(id);
      }
    },
  };
}

/** A run of its own on the practice's chain. */
async function besideOf({ chain, config: { profile } }: Run, folder: string): Promise<JoinedRun> {
  return {
    ...{ kind: 'joined', networkName: PRACTICE_NETWORK, genesisHash: chain.genesisHash, beside: 'practice' },
    endpoints: [...profile.local.endpoints],
    ...{ profile, role: 'validator', keysDir: await ownValidatorKeys(folder) },
    bootstrap: [...profile.local.bootstrap],
    listen: { host: '127.0.0.1', port: 0 },
  };
}

/** @param of.hotkey that would validate; null: it is not made yet */
async function factsOf(
  run: Run,
  {
    way,
    hotkey,
    blockMs,
  }: { readonly way: NeedFacts['way']; readonly hotkey: Ss58 | null; readonly blockMs: number },
  wait: AbortSignal,
): Promise<NeedFacts> {
  const { chain, coldkey, train, peerBook } = run;
  const { inner, sketches, clock } = run.config.profile.consensus;
  const signal = withLimit(wait, LOOK_LIMIT_MS);
  const { block, subnet, neurons } = await newestSnapshot(chain, signal);
  const [rules, freeRao] = await Promise.all([
    ifSaid(chain.economy.rules(block.hash, signal)),
    ifSaid(chain.balance(coldkey, block.hash, signal)),
  ]);
  const uid = neurons.find((one) => one.hotkey === hotkey)?.uid ?? null;
  const placeRao = uid === null ? subnet.burnRao : rao(0n);
  const { stepMs, footprint } = train.ready;
  return {
    ...{ way, uid, placeRao, freeRao },
    seat: seatOf(neurons, hotkey, rules?.maxValidators ?? null),
    stakeRao: freeRao === null ? rao(0n) : stakeOf(freeRao, placeRao),
    reachability: peerBook.reachability,
    disk: footprint.disk,
    engine: {
      checkMs: stepMs
        ? Math.round((stepMs * sketches.checkedMicroBatches) / inner.microBatchesPerStep)
        : null,
      miners: [...peerBook.peers.values()].filter(({ ready }) => (ready?.weight ?? 0) > 0).length,
      roomMs: (clock.outcome - clock.roster) * blockMs,
    },
  };
}

/** Half of what is left behind a place; 0 where that is too little. */
function stakeOf(freeRao: Rao, placeRao: Rao): Rao {
  const left = freeRao - placeRao - LEFT_RAO;
  return rao(left > 0n ? left / STAKED_SHARE : 0n);
}
