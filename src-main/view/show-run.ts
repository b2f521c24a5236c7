import { withLimit } from '../../src-node/waits.ts';
import type { EventOf, ReadyOf } from '../../src-shared/contract/child.ts';
import type { RoundSummary } from '../../src-shared/contract/page/runs.ts';
import type { RunSections } from '../../src-shared/contract/page/sections.ts';
import type { TrainContract } from '../../src-shared/contract/train.ts';
import type { WorkerState } from '../../src-shared/states.ts';
import { rao, type Ss58 } from '../../src-shared/units.ts';
import type { Neuron } from '../network/chain.ts';
import type { RoundWithHistory } from '../rounds/round-view.ts';
import { RUN_READ_LIMIT_MS, WALLET_EVERY_MS } from '../runs/limits.ts';
import type { ScoredRun } from '../runs/scored-run.ts';
import { BlockTimer, chainView } from './chain-view.ts';
import { swarmView } from './swarm-view.ts';
import { afterStep, beforeTraining, shownActivity, withHeldOut } from './training-view.ts';
import type { ViewKeeper } from './view-keeper.ts';

export interface Showing {
  /** The worker's state while nothing pauses it. */
  readonly status: WorkerState;
  stop(): void;
}

/**
 * Fills the run's part of the view from its events. It reads the chain at most every other second and only for the
 * wallet.
 * @param held what keeps the run from working, whatever its rounds say: a pause, a fault
 */
export function showRun(run: ScoredRun, keeper: ViewKeeper, held: () => WorkerState | null): Showing {
  const { chain, rounds, hotkey, coldkey } = run;
  const show = (sections: Partial<RunSections>) => keeper.updateRun(hotkey, sections);
  const stopping = new AbortController();
  const timer = new BlockTimer();
  const late = new Map<Ss58, number>();
  let neurons: readonly Neuron[] = [];
  let walletAtMs = Number.NEGATIVE_INFINITY;
  let reading = false;

  const facts = (): ReadyOf<TrainContract> => run.train.ready;
  const status = (): WorkerState => rounds.status;

  function showChain(): void {
    show({ chain: chainView(chain, timer), worker: held() ?? status() });
  }

  function showSwarm(): void {
    const { role } = run.config;
    const round = rounds.view?.round ?? null;
    const { peerBook: book, scores } = run;
    show({
      swarm: swarmView({
        self: hotkey,
        role,
        book,
        neurons,
        witnesses: rounds.witnesses,
        scores,
        paused: held()?.kind === 'paused',
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
    show({
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

  function onStep(step: EventOf<TrainContract, 'step'>): void {
    show({ training: afterStep(keeper.run(hotkey)?.training ?? null, step, facts()) });
  }

  function showRound(view: RoundWithHistory | null): void {
    if (view) {
      const { history, ...round } = view;
      show({ round, history: lighter(history) });
    } else show({ round: null });
  }

  const showEarnings = () =>
    void run.earnings
      .view()
      .then((earnings) => show({ earnings }))
      .catch((error: unknown) => run.config.log(`earnings: ${error}`));

  const off = [
    chain.on('head', (head) => {
      timer.note(head);
      showChain();
    }),
    chain.on('finalized', onFinalized),
    chain.on('connection', showChain),
    run.train.on('step', onStep),
    run.train.on('activity', (activity) => show({ activity: shownActivity(activity) })),
    rounds.on('heldOut', (point) => show({ heldOut: withHeldOut(keeper.run(hotkey)?.heldOut ?? [], point) })),
    rounds.on('view', showRound),
    rounds.on('status', () => show({ worker: held() ?? status() })),
    rounds.on('settled', ({ round }) => {
      const listed = new Set(round.roster?.members.map((member) => member.hotkey));
      for (const ready of round.readies)
        if (round.roster && !listed.has(ready.hotkey))
          late.set(ready.hotkey, (late.get(ready.hotkey) ?? 0) + 1);
      showSwarm();
    }),
    run.onScores('scores', (scores) => {
      show({ scores });
      showSwarm();
    }),
    run.swarm.on('peer', showSwarm),
    run.swarm.on('ready', showSwarm),
    run.swarm.on('traffic', showSwarm),
    run.earnings.onChange(showEarnings),
  ];
  showRound(rounds.view);
  show({
    training: beforeTraining(facts()),
    scores: run.scores,
    // What was measured before anybody looked.
    heldOut: rounds.heldOut.reduce(withHeldOut, []),
  });
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

/** Of the rounds gone by only the newest that had traffic is drawn: the edges of the others would travel for nothing. */
function lighter(history: readonly RoundSummary[]): readonly RoundSummary[] {
  const drawn = history.findLast(({ edges }) => edges.length > 0);
  return history.map((one) => (one === drawn ? one : { ...one, edges: [] }));
}
