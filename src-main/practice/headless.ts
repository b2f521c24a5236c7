import { orAbort, withLimit } from '../../src-node/waits.ts';
import type { Hex, Ss58 } from '../../src-shared/units.ts';
import { RUN_READ_LIMIT_MS } from '../runs/limits.ts';
import type { HostDelay } from '../supervisor/host-delay.ts';
import type { Practice } from './practice.ts';
import type { PracticeReport, ReportedMiner, ReportedRound } from './report.ts';

/** After its last round, and after a proof, a practice gives validators and chain this many epochs to pay for it. */
const EPOCHS_TO_PAY = 2;

export interface HeadlessOptions {
  readonly practice: Practice;
  readonly rounds: number;
  /** When the practice was asked for, by performance.now(). */
  readonly askedAtMs: number;
  readonly hostDelay: HostDelay;
  log(line: string): void;
  readonly signal: AbortSignal;
}

/** Watches a practice for a number of rounds. All but `processesLeft`, which is known after its end. */
export async function watchPractice(
  options: HeadlessOptions,
): Promise<Omit<PracticeReport, 'processesLeft'>> {
  const { practice, signal } = options;
  const { run } = practice;
  const digests = new Map<number, Map<Ss58, { resultId: Hex; baseDigest: Hex }>>();
  const heldOut = new Map<number, number>(run.rounds.heldOut.map(({ round, loss }) => [round, loss]));
  const rounds = new Map<number, ReportedRound>();
  const timings = {
    firstCommitMs: null as number | null,
    firstScoresMs: null as number | null,
    firstEarningsMs: null as number | null,
  };
  const sinceAsked = () => performance.now() - options.askedAtMs;
  const { miners, validator, otherValidators = [] } = practice.keys;
  // In the order of the players.
  const everybody = [...miners, validator, ...otherValidators];
  const startStakes = await stakes();
  const done = Promise.withResolvers<void>();
  const { tempo } = await run.chain.subnet(null, limit());
  /** Stake of whoever was proven to have lied, read when weights by that had come into force. */
  const proven = new Map<Ss58, Promise<bigint>>();

  const noteDigest = (round: number, hotkey: Ss58, resultId: Hex, baseDigest: Hex) => {
    const known = digests.get(round) ?? new Map();
    digests.set(round, known.set(hotkey, { resultId, baseDigest }));
  };
  // A practice that goes on in its folder is already some rounds old.
  const first = Math.max(0, run.rounds.view?.round ?? 0);
  const last = first + options.rounds - 1;

  const off = [
    run.swarm.on('fraud', ({ accused, round }) => {
      if (proven.has(accused)) return;
      options.log(`${accused} was proven to have lied in round ${round}`);
      const reading = afterBlocks(epochs(EPOCHS_TO_PAY)).then(() => stakeOf(accused));
      reading.catch(() => undefined);
      proven.set(accused, reading);
    }),
    run.swarm.on('result', ({ round, hotkey, resultId, baseDigest }) =>
      noteDigest(round, hotkey, resultId, baseDigest),
    ),
    run.rounds.on('heldOut', ({ round, loss }) => {
      heldOut.set(round, loss);
      options.log(`held-out loss ${loss.toFixed(3)} after ${round < 0 ? 'no' : `round ${round}`}`);
    }),
    run.rounds.on('settled', ({ summary, preparedId, baseDigest }) => {
      const { round, members, durationMs, bytes } = summary;
      if (round < first || round > last) return;
      const committed = summary.outcome === 'committed';
      if (committed) timings.firstCommitMs ??= sinceAsked();
      if (committed && preparedId && baseDigest) noteDigest(round, run.hotkey, preparedId, baseDigest);
      rounds.set(round, { round, members, committed, durationMs, bytes, digests: {} });
      options.log(`round ${round} ${summary.outcome} with ${members} members`);
      if (round === last) done.resolve();
    }),
    // Rounds are the chain's: one that this host slept through has passed all the same.
    run.rounds.on('view', (view) => {
      if (view && view.round > last) done.resolve();
    }),
    run.onScores('scores', ({ mine }) => {
      if (mine?.total != null) timings.firstScoresMs ??= sinceAsked();
    }),
    run.earnings.onChange(() => {
      void run.earnings.view().then(({ lastEpoch }) => {
        if (lastEpoch && lastEpoch.alpha > 0n) timings.firstEarningsMs ??= sinceAsked();
      });
    }),
  ];
  try {
    await orAbort(done.promise, signal);
    await afterBlocks(tempo * EPOCHS_TO_PAY);
    // Of a proof in the last rounds one more epoch is seen, which pays its accused nothing.
    const late = [...proven.values()].map((reading) => reading.then(() => afterBlocks(epochs(1))));
    await Promise.all(late);
    return await report();
  } finally {
    for (const unsubscribe of off) unsubscribe();
  }

  async function report(): Promise<Omit<PracticeReport, 'processesLeft'>> {
    const endStakes = await stakes();
    const provenStakes = new Map<Ss58, bigint>();
    for (const [hotkey, reading] of proven) provenStakes.set(hotkey, await reading);
    return {
      profile: practice.profile.consensus.name,
      unigramEntropy: run.train.ready.unigramEntropy ?? Number.NaN,
      heldOutLoss: [...heldOut]
        .sort(([a], [b]) => a - b)
        .map(([round, value]) => ({ round: round + 1, value })),
      rounds: Array.from({ length: options.rounds }, (_, index) => reportedRound(first + index)),
      miners: practice.players.map(({ role, adversary }, index) =>
        minerOf(role, adversary, index, endStakes, provenStakes),
      ),
      timings,
      memory: memory(),
      hostDelayP99Ms: options.hostDelay.read().p99Ms,
    };
  }

  function reportedRound(round: number): ReportedRound {
    const known = rounds.get(round);
    if (!known) return { round, members: 0, committed: false, durationMs: null, bytes: 0, digests: {} };
    return { ...known, digests: known.committed ? digestsOf(round) : {} };
  }

  function digestsOf(round: number): Record<Ss58, Hex> {
    return Object.fromEntries(
      [...(digests.get(round) ?? [])].map(([hotkey, { baseDigest }]) => [hotkey, baseDigest]),
    );
  }

  function minerOf(
    role: ReportedMiner['role'],
    adversary: ReportedMiner['adversary'],
    index: number,
    endStakes: ReadonlyMap<Ss58, bigint>,
    provenStakes: ReadonlyMap<Ss58, bigint>,
  ): ReportedMiner {
    const { hotkey } = everybody[index] ?? validator;
    const card = run.scores?.all.find((one) => one.hotkey === hotkey);
    const value = (term: string) => card?.terms[term]?.value ?? null;
    return {
      hotkey,
      role,
      adversary,
      scores: {
        bandwidth: value('bandwidth'),
        gradient: value('gradient'),
        steps: value('steps'),
        allReduce: value('allReduce'),
      },
      stakeRaoStart: known(startStakes, hotkey).toString(),
      stakeRaoEnd: known(endStakes, hotkey).toString(),
      stakeRaoProven: provenStakes.get(hotkey)?.toString() ?? null,
      evidence: Object.entries(card?.terms ?? {}).map(([term, { value: score, why }]) => ({
        round: last,
        term,
        value: score,
        why,
      })),
    };
  }

  async function stakes(): Promise<ReadonlyMap<Ss58, bigint>> {
    const all = everybody.map(
      async ({ hotkey, coldkey }): Promise<[Ss58, bigint]> => [
        hotkey,
        await run.chain.stake(hotkey, coldkey, null, limit()),
      ],
    );
    return new Map(await Promise.all(all));
  }

  async function stakeOf(hotkey: Ss58): Promise<bigint> {
    const owner = everybody.find((one) => one.hotkey === hotkey);
    return owner ? run.chain.stake(hotkey, owner.coldkey, null, limit()) : 0n;
  }

  /** Blocks in which so many whole epochs end: an epoch is one block longer than the tempo. */
  function epochs(count: number): number {
    return (tempo + 1) * count;
  }

  function memory(): PracticeReport['memory'] {
    const own = { process: 'host', rssBytes: process.memoryUsage.rss() };
    const others = practice
      .processes()
      .flatMap(({ name, rssBytes }) => (rssBytes === null ? [] : [{ process: name, rssBytes }]));
    return [own, ...others];
  }

  function limit(): AbortSignal {
    return withLimit(signal, RUN_READ_LIMIT_MS);
  }

  async function afterBlocks(blocks: number): Promise<void> {
    const until = (run.chain.finalized?.number ?? 0) + blocks;
    const reached = Promise.withResolvers<void>();
    const unsubscribe = run.chain.on('finalized', ({ number }) => number >= until && reached.resolve());
    try {
      await orAbort(reached.promise, signal);
    } finally {
      unsubscribe();
    }
  }
}

/** Every player's stake was read, or the run has failed before. */
function known(stakes: ReadonlyMap<Ss58, bigint>, hotkey: Ss58): bigint {
  const stake = stakes.get(hotkey);
  if (stake === undefined) throw new TypeError(`no stake was read for ${hotkey}`);
  return stake;
}
