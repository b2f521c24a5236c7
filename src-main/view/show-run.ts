import type { EventOf, ReadyOf } from '../../src-shared/contract/child.ts';
import type { RoundSummary } from '../../src-shared/contract/page/runs.ts';
import type { RunSections } from '../../src-shared/contract/page/sections.ts';
import type { TrainContract } from '../../src-shared/contract/train.ts';
import { worthOf } from '../../src-shared/earnings/worth.ts';
import type { WorkerState } from '../../src-shared/states.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import { BlockTimer } from '../network/block-timer.ts';
import type { RoundWithHistory } from '../rounds/round-view.ts';
import type { Run } from '../runs/run.ts';
import { watchHoldings } from '../wallet/holdings.ts';
import { chainView } from './chain-view.ts';
import { swarmView } from './swarm-view.ts';
import { afterSkipped, afterStep, beforeTraining, heldOutShown, shownActivity } from './training-view.ts';
import type { ViewKeeper } from './view-keeper.ts';

export interface Showing {
  /** The worker's state while nothing pauses it. */
  readonly status: WorkerState;
  stop(): void;
}

/**
 * Fills the run's part of the view from its events; it reads no chain.
 * @param held what keeps the run from working, whatever its rounds say: a pause, a fault
 */
export function showRun(run: Run, keeper: ViewKeeper, held: () => WorkerState | null): Showing {
  const { chain, rounds, hotkey, coldkey } = run;
  const { consensus } = run.config.profile;
  const show = (sections: Partial<RunSections>) => keeper.updateRun(hotkey, sections);
  const tiers = [...rounds.tierBytes].map(([codec, bytes]) => ({ codec, bytes }));
  const timer = new BlockTimer();
  const late = new Map<Ss58, number>();
  const holdings = watchHoldings(chain, { coldkey, hotkey }, (error) => run.config.log(`wallet: ${error}`));

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
        neurons: chain.snapshot?.neurons ?? [],
        witnesses: rounds.witnesses,
        scores,
        paused: held()?.kind === 'paused',
        round,
        late,
        measured: rounds.rates,
        listening: run.swarm.ready.addresses,
        uplink: {
          codec: rounds.tier,
          tiers,
          exchangeMs: consensus.reduce.exchangeBlocks * consensus.clock.blockMs,
        },
      }),
    });
  }

  function showWallet(): void {
    const { snapshot } = chain;
    const { latest } = holdings;
    if (!snapshot || !latest) return;
    const own = snapshot.neurons.find((neuron) => neuron.hotkey === hotkey);
    const { freeRao, stakeAlpha, alphaPriceRao } = latest;
    show({
      wallet: {
        coldkey,
        hotkey,
        uid: own?.uid ?? null,
        freeRao,
        stakeAlpha,
        stakeValueRao: worthOf(stakeAlpha, alphaPriceRao),
        alphaPriceRao,
        immuneBlocks: own
          ? Math.max(0, own.registeredAt + snapshot.subnet.immunityPeriod - snapshot.block.number)
          : null,
        registered: snapshot.neurons.length,
      },
    });
  }

  function onStep(step: EventOf<TrainContract, 'step'>): void {
    show({ training: afterStep(keeper.run(hotkey)?.training ?? null, step, facts(), consensus) });
  }

  function onSkipped(steps: number): void {
    const training = keeper.run(hotkey)?.training ?? beforeTraining(facts(), consensus);
    show({ training: afterSkipped(training, steps) });
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
    chain.on('finalized', showChain),
    chain.on('snapshot', showSwarm),
    holdings.on('changed', showWallet),
    chain.on('connection', showChain),
    chain.on('silence', showChain),
    run.train.on('step', onStep),
    run.train.on('skipped', ({ steps }) => onSkipped(steps)),
    run.train.on('activity', (activity) => show({ activity: shownActivity(activity) })),
    run.train.on('text', (text) => show({ text })),
    rounds.on('heldOut', (point) =>
      show({ heldOut: heldOutShown([...(keeper.run(hotkey)?.heldOut ?? []), point]) }),
    ),
    rounds.on('view', showRound),
    rounds.on('status', () => {
      const now = status();
      const isLoading = now.kind === 'waiting' && now.for === 'state';
      show({ worker: held() ?? now, ...(!isLoading && { loading: null }) });
    }),
    run.swarm.on('stateProgress', (loading) => show({ loading })),
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
    run.swarm.on('links', showSwarm),
    run.earnings.onChange(showEarnings),
    run.writing.on((writing) => show({ writing })),
    ...(rounds.asWitness ? [rounds.asWitness.on('changed', (witness) => show({ witness }))] : []),
  ];
  showRound(rounds.view);
  show({
    training: beforeTraining(facts(), consensus),
    scores: run.scores,
    writing: run.writing.view,
    witness: rounds.asWitness?.view ?? null,
    // What was measured before anybody looked.
    heldOut: heldOutShown(rounds.heldOut),
  });
  showChain();
  showWallet();
  showEarnings();
  showSwarm();

  return {
    get status() {
      return status();
    },
    stop() {
      holdings.stop();
      for (const unsubscribe of off) unsubscribe();
    },
  };
}

/** Of the rounds gone by only the newest that had traffic is drawn: what else was seen would travel for nothing. */
function lighter(history: readonly RoundSummary[]): readonly RoundSummary[] {
  const drawn = history.findLast(({ edges }) => edges.length > 0);
  return history.map((one) => (one === drawn ? one : { ...one, edges: [], group: [] }));
}
