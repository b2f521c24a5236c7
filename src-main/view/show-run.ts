import { withLimit } from '../../src-node/waits.ts';
import type { ReadyOf } from '../../src-shared/contract/child.ts';
import type { RoundView } from '../../src-shared/contract/page.ts';
import type { TrainContract } from '../../src-shared/contract/train.ts';
import type { WorkerState } from '../../src-shared/states.ts';
import { rao, type Ss58 } from '../../src-shared/units.ts';
import type { Neuron } from '../network/chain.ts';
import { RUN_READ_LIMIT_MS, WALLET_EVERY_MS } from '../runs/limits.ts';
import type { ScoredRun } from '../runs/scored-run.ts';
import { BlockTimer, chainView } from './chain-view.ts';
import { swarmView } from './swarm-view.ts';
import { afterStep, withHeldOut } from './training-view.ts';
import type { ViewKeeper } from './view-keeper.ts';

export interface Showing {
  /** The worker's state while nothing pauses it. */
  readonly status: WorkerState;
  stop(): void;
}

/** Fills the view from a run's events. It reads the chain at most every other second and only for the wallet. */
export function showRun(run: ScoredRun, keeper: ViewKeeper, paused: () => WorkerState | null): Showing {
  const { chain, rounds, hotkey, coldkey } = run;
  const stopping = new AbortController();
  const timer = new BlockTimer();
  const late = new Map<Ss58, number>();
  let neurons: readonly Neuron[] = [];
  let walletAtMs = Number.NEGATIVE_INFINITY;
  let reading = false;

  const facts = (): ReadyOf<TrainContract> => run.train.ready;
  const status = (): WorkerState => rounds.status;

  function showChain(): void {
    keeper.update({ chain: chainView(chain, timer), worker: paused() ?? status() });
  }

  function showSwarm(): void {
    const { role } = run.config;
    const round = rounds.view?.round ?? null;
    const { peerBook: book, scores } = run;
    keeper.update({
      swarm: swarmView({
        self: hotkey,
        role,
        book,
        neurons,
        witnesses: rounds.witnesses,
        scores,
        round,
        late,
      }),
    });
  }

  async function readWallet(): Promise<void> {
    const signal = withLimit(stopping.signal, RUN_READ_LIMIT_MS);
    const [freeRao, stakeAlpha, alphaPriceRao, metagraph, subnet] = await Promise.all([
      chain.balance(coldkey, signal),
      chain.stake(hotkey, coldkey, null, signal),
      chain.alphaPrice(signal),
      chain.metagraph(null, signal),
      chain.subnet(null, signal),
    ]);
    neurons = metagraph;
    const own = metagraph.find((neuron) => neuron.hotkey === hotkey);
    const block = chain.finalized?.number ?? null;
    keeper.update({
      wallet: {
        coldkey,
        hotkey,
        uid: own?.uid ?? null,
        freeRao,
        stakeAlpha,
        stakeValueRao: alphaPriceRao === null ? null : rao((stakeAlpha * alphaPriceRao) / 1_000_000_000n),
        alphaPriceRao,
        immuneBlocks:
          own && block !== null ? Math.max(0, own.registeredAt + subnet.immunityPeriod - block) : null,
        registered: metagraph.length,
      },
    });
    showSwarm();
  }

  function onFinalized(): void {
    showChain();
    if (reading || Date.now() - walletAtMs < WALLET_EVERY_MS) return;
    reading = true;
    walletAtMs = Date.now();
    readWallet()
      // Shown values stay; the strip tells that the chain is away.
      .catch((error: unknown) => stopping.signal.aborted || run.config.log(`wallet: ${error}`))
      .finally(() => {
        reading = false;
      });
  }

  const showEarnings = () =>
    void run.earnings
      .view()
      .then((earnings) => keeper.update({ earnings }))
      .catch((error: unknown) => run.config.log(`earnings: ${error}`));

  const off = [
    chain.on('head', (head) => {
      timer.note(head);
      showChain();
    }),
    chain.on('finalized', onFinalized),
    chain.on('connection', showChain),
    run.train.on('step', (step) =>
      keeper.update({ training: afterStep(keeper.view.training, step, facts()) }),
    ),
    rounds.on('heldOut', (point) =>
      keeper.update({ training: withHeldOut(keeper.view.training, point, facts()) }),
    ),
    rounds.on('view', (round) => keeper.update({ round: round && lighter(round) })),
    rounds.on('status', () => keeper.update({ worker: paused() ?? status() })),
    rounds.on('settled', ({ round }) => {
      const listed = new Set(round.roster?.members.map((member) => member.hotkey));
      for (const ready of round.readies)
        if (round.roster && !listed.has(ready.hotkey))
          late.set(ready.hotkey, (late.get(ready.hotkey) ?? 0) + 1);
      showSwarm();
    }),
    run.onScores('scores', (scores) => {
      keeper.update({ scores });
      showSwarm();
    }),
    run.swarm.on('peer', showSwarm),
    run.swarm.on('ready', showSwarm),
    run.swarm.on('traffic', showSwarm),
    run.earnings.onChange(showEarnings),
  ];
  const { consensus, local } = run.config.profile;
  keeper.update({
    run: {
      profile: consensus.name,
      profileHash: run.profileHash,
      netuid: consensus.chain.netuid,
      role: run.config.role,
      mark: local.mark,
      startedAtMs: keeper.view.run?.startedAtMs ?? Date.now(),
    },
    round: rounds.view && lighter(rounds.view),
    scores: run.scores,
  });
  // What was measured before anybody looked.
  for (const point of rounds.heldOut)
    keeper.update({ training: withHeldOut(keeper.view.training, point, facts()) });
  onFinalized();
  showEarnings();
  showSwarm();

  return {
    get status() {
      return status();
    },
    stop() {
      stopping.abort();
      for (const unsubscribe of off) unsubscribe();
    },
  };
}

/** Of the rounds gone by only the newest is drawn; the edges of the others would travel twice a second for nothing. */
function lighter(round: RoundView): RoundView {
  const newest = round.history.at(-1);
  return { ...round, history: round.history.map((one) => (one === newest ? one : { ...one, edges: [] })) };
}
