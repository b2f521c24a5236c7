import { summaryOf } from '../../../src-main/join/read-profile.ts';
import type {
  EvidenceItem,
  RoundSummary,
  RunFacts,
  SeriesPoint,
} from '../../../src-shared/contract/page/runs.ts';
import { emptyRun, emptyView, type RunView, type View } from '../../../src-shared/contract/page/sections.ts';
import type { Edge } from '../../../src-shared/contract/swarm.ts';
import type { CodedError } from '../../../src-shared/errors/app-error.ts';
import { changedParts } from '../../../src-shared/profile/changed-parts.ts';
import { practiceProfile } from '../../../src-shared/profile/shipped.ts';
import { why } from '../../../src-shared/scoring/why.ts';
import { alphaRao, hex, rao, type Ss58, ss58 } from '../../../src-shared/units.ts';

/** Scripted views: what a host would say in situations that are hard to wait for. */
export const me = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
const peers = [
  ss58('5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty'),
  ss58('5DAAnrj7VHTznn2AWBemMuyBwZWs6FNFjdyVXUeYum3PTXFy'),
  ss58('5HGjWAeFDfFCWPsjFQdVV2Msvz2XtMktvgocEZcCj68kUMaw'),
];
const validator = ss58('5CiPPseXPECbkjWCa6MnjNokrgYjMqmKndv2rSnekmSK2DjL');
const { scoreModel } = practiceProfile({
  witness: validator,
  ownerColdkey: me,
  endpoint: '',
  bootstrap: [],
}).consensus;
const PART_BYTES = 655_360;
const ROUND_MS = 20_000;
const ROUNDS = 41;

export const idle = (): View =>
  emptyView({
    version: '0.1.0',
    shell: 'web',
    dataDir: '/home/you/.local/share/butterfly',
    program: 'npm start --',
  });

/** A view whose one run, mine, says this. */
const withMine = (sections: RunView, view: View = idle()): View => ({ ...view, runs: { [me]: sections } });

/** The scene with some sections of my run said otherwise. */
export const changed = (view: View, sections: Partial<RunView>): View => ({
  ...view,
  runs: { ...view.runs, [me]: { ...mineOf(view), ...sections } },
});

/** @throws when the scene has no run of mine */
export function mineOf(view: View): RunView {
  const run = view.runs[me];
  if (!run) throw new Error('the scene has no run');
  return run;
}

export const settingUp = (nowMs: number): View =>
  withMine({
    ...emptyRun(facts(nowMs - 14_000)),
    worker: { kind: 'preparing' },
    setup: [
      { id: 'engine', state: 'done', detail: null },
      { id: 'chain', state: 'done', detail: null },
      { id: 'companions', state: 'done', detail: null },
      { id: 'registration', state: 'done', detail: null },
      { id: 'peers', state: 'working', detail: { code: 'miners-ready', params: { ready: 2, needed: 3 } } },
      { id: 'round', state: 'waiting', detail: null },
      { id: 'scores', state: 'waiting', detail: null },
      { id: 'earnings', state: 'waiting', detail: null },
    ],
  });

const facts = (startedAtMs: number): RunFacts => ({
  profile: 'practice',
  profileHash: hex('9f3ca1'.padEnd(64, '0')),
  netuid: 38,
  role: 'miner',
  mark: 'PRACTICE',
  startedAtMs,
  network: 'practice',
  controls: ['pause', 'stop', 'start-over'],
  continuesAtRound: null,
});

const edge = (hotkey: Ss58, direction: Edge['direction'], share: number, state: Edge['state']): Edge => ({
  hotkey,
  direction,
  state,
  bytes: Math.round(share * PART_BYTES),
  totalBytes: PART_BYTES,
});

const finished = (): Edge[] =>
  peers.flatMap((peer) => [edge(peer, 'out', 1, 'done'), edge(peer, 'home', 1, 'done')]);

/** In the middle of an all-reduce, with one transfer broken. */
export const reducing = (): Edge[] => [
  edge(peers[0] as Ss58, 'out', 1, 'done'),
  edge(peers[1] as Ss58, 'out', 0.7, 'moving'),
  edge(peers[2] as Ss58, 'out', 0.3, 'failed'),
  edge(peers[0] as Ss58, 'home', 0.65, 'moving'),
  edge(peers[1] as Ss58, 'home', 0.2, 'moving'),
  edge(peers[2] as Ss58, 'home', 0, 'waiting'),
];

/** A group as large as the real network's, for the same picture. */
export const largeGroup = (): Edge[] =>
  Array.from({ length: 22 }, (_, i) => ss58(`5${String(i).padStart(3, '0')}${'x'.repeat(44)}`)).flatMap(
    (peer, i): Edge[] => [
      {
        ...edge(peer, 'out', 1, i === 10 ? 'failed' : i % 7 === 3 ? 'moving' : 'done'),
        totalBytes: 300_000 * (1 + (i % 5)),
      },
      {
        ...edge(peer, 'home', i % 3 === 0 ? 1 : 0.4, i % 3 === 0 ? 'done' : 'moving'),
        totalBytes: 300_000 * (1 + (i % 5)),
      },
    ],
  );

/** About eighty seconds after the click: three rounds in, the first pay just arrived. */
export const early = (nowMs: number): View => {
  const view = training(nowMs);
  const run = mineOf(view);
  const EARLY = 4;
  const sharpFall = (round: number) => 6.3 + 2.02 * Math.exp(-round / 1.4);
  return changed(view, {
    facts: facts(nowMs - 82_000),
    round: run.round && { ...run.round, round: EARLY },
    history: run.history.slice(0, EARLY).map((summary) => ({
      ...summary,
      edges: summary.round === EARLY - 1 ? finished() : [],
      heldOutLoss: sharpFall(summary.round + 1),
    })),
    heldOut: [-1, 0, 1, 2, 3].map((round) => ({
      round,
      loss: sharpFall(round + 1),
      atMs: nowMs - (EARLY - 1 - round) * ROUND_MS - 5_000,
    })),
    wallet: run.wallet && {
      ...run.wallet,
      stakeAlpha: alphaRao(402_300_000n),
      stakeValueRao: rao(7_643_700n),
    },
    earnings: run.earnings && {
      ...run.earnings,
      todayAlpha: alphaRao(402_300_000n),
      todayRao: rao(7_643_700n),
      epochs: run.earnings.epochs.slice(-3),
    },
  });
};

const lossAt = (round: number): number => 5.15 + 3.17 * Math.exp(-round / 8.5);

const history = (): RoundSummary[] =>
  Array.from({ length: ROUNDS }, (_, round) => {
    const isVoid = round === 23;
    return {
      round,
      endedAtMs: null,
      group: [],
      outcome: isVoid ? 'void' : 'committed',
      members: 4,
      contributed: true,
      bytes: PART_BYTES * 6,
      durationMs: isVoid ? null : 840 + ((round * 37) % 400),
      heldOutLoss: isVoid ? null : lossAt(round + 1),
      edges: round === ROUNDS - 1 ? finished() : [],
      reason: null,
    };
  });

export const lossSeries = (startMs: number, nowMs: number): SeriesPoint[] =>
  Array.from({ length: 500 }, (_, i) => {
    const t = startMs + ((nowMs - startMs) * i) / 500;
    const rounds = (t - startMs) / ROUND_MS;
    const loss = rounds < 5 ? 6.3 + 2.02 * Math.exp(-rounds / 1.4) : lossAt(rounds);
    return {
      t,
      v:
        (nowMs - startMs < 120_000 ? loss : lossAt(rounds)) +
        Math.sin(i * 2.7) * 0.13 +
        Math.cos(i * 5.1) * 0.09,
    };
  });

export const training = (nowMs: number): View => withMine(trainingRun(nowMs));

const trainingRun = (nowMs: number): RunView => ({
  ...emptyRun(facts(nowMs - (ROUNDS + 1.5) * ROUND_MS)),
  setup: [{ id: 'round', state: 'done', detail: null }],
  worker: { kind: 'training' },
  activity: { kind: 'training' },
  chain: {
    endpoint: 'ws://127.0.0.1:9944',
    block: 4_813,
    finalizedBlock: 4_812,
    finalizedAtMs: nowMs - 700,
    blockMs: 1_000,
    connected: true,
    silentSinceMs: null,
  },
  round: {
    round: ROUNDS,
    phase: 'working',
    blockInRound: 3,
    blocksPerRound: 20,
    readyBlock: 4_821,
    outcomeBlock: 4_826,
    readyPeers: 1,
    members: null,
    edges: [],
    group: [],
  },
  history: history(),
  training: {
    step: 1_604,
    innerStep: 19,
    loss: 5.21,
    lossAverage: 5.19,
    lr: 0.001,
    tokensPerSecond: 1_284,
    tokens: 205_312,
    skippedSteps: 2,
    unigramEntropy: 6.8,
    engine: 'processor, 2 threads, wide vectors',
    computes: 'cpu',
    backend: null,
    parameters: 1_300_000,
    plan: null,
    footprint: {
      ram: { bytes: 278_000_000, freeBytes: 9_400_000_000 },
      disk: { bytes: 61_000_000, freeBytes: 212_000_000_000 },
    },
    context: 64,
    microBatch: 1,
    stepsPerRound: 64,
  },
  heldOut: [
    -1,
    ...history()
      .filter(({ outcome }) => outcome === 'committed')
      .map(({ round }) => round),
  ].map((round) => ({
    round,
    loss: lossAt(round + 1),
    atMs: nowMs - (ROUNDS - round - 0.5) * ROUND_MS,
  })),
  writing: {
    now: {
      ...{ round: ROUNDS - 1, place: 0, atMs: nowMs - 9_000, prompt: ' The people of the coast have always' },
      text: ' been the first to know of a storm, and the last to speak of it in the town where\n they sell their fish.',
    },
    before: {
      ...{ round: 2, place: 0, atMs: nowMs - 700_000, prompt: ' The people of the coast have always' },
      text: ' the of the and the the, of in a the it the to the of that',
    },
    isWriting: false,
    problem: null,
  },
  scores: {
    model: scoreModel,
    validator,
    updatedAtMs: nowMs - 14_000,
    mine: card(me, 3, [1, 0.98, 1.07, 0.92, 1], 0.31),
    all: [
      card(me, 3, [1, 0.98, 1.07, 0.92, 1], 0.31),
      card(peers[0] as Ss58, 4, [1, 0.97, 1.1, 0.9, 1], 0.33),
      card(peers[1] as Ss58, 5, [1, 0.99, 0.86, 0.81, 0.94], 0.36),
      card(peers[2] as Ss58, 6, [1, 0.11, 1, 0.88, 1], 0),
    ],
    weights: null,
    checking: null,
  },
  wallet: {
    coldkey: ss58('8KjFGTxN5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKumPq'),
    hotkey: me,
    uid: 3,
    freeRao: rao(12_407_134_210n),
    stakeAlpha: alphaRao(214_036_004_113n),
    stakeValueRao: rao(4_066_684_078n),
    alphaPriceRao: rao(19_000_000n),
    immuneBlocks: 512,
    registered: 12,
  },
  earnings: {
    todayAlpha: alphaRao(3_218_500_000n),
    todayRao: rao(61_151_500n),
    lastEpoch: { block: 4_807, alpha: alphaRao(134_100_000n) },
    epochs: Array.from({ length: 26 }, (_, i) => i)
      .filter((i) => i !== 9 && i !== 10)
      .map((i) => ({
        block: 4_807 - (25 - i) * 11,
        atMs: nowMs - (25 - i) * 11_000,
        alpha: alphaRao(
          BigInt(Math.round(1e8 * (0.5 + 0.5 * (1 - Math.exp(-i / 6)) + 0.08 * Math.sin(i * 2)))),
        ),
      })),
    nextEpochBlock: 4_819,
  },
  swarm: {
    connected: 4,
    silent: [
      {
        ...{ address: '/ip6/2001:db8:47::5/tcp/4001', isReached: false, answeredAtMs: null },
        ...{ tries: 7, retryAtMs: nowMs + 21_000 },
      },
    ],
    reachability: null,
    upBytesPerS: 2_275_000,
    downBytesPerS: 2_400_000,
    listening: ['/ip4/127.0.0.1/tcp/4001'],
    uplink: {
      codec: 'fp16',
      tiers: [{ codec: 'fp16', bytes: 2_621_440 }],
      exchangeMs: 2_000,
      measured: { upBytesPerS: 2_275_000, downBytesPerS: 2_400_000 },
    },
    peers: [
      peer(peers[0] as Ss58, 4, { up: 2_750_000, sequences: 1_312 }),
      { ...peer(me, 3, { up: 2_275_000, sequences: 1_284 }), self: true },
      peer(peers[1] as Ss58, 5, { up: 1_175_000, sequences: 1_044, late: 2 }),
      { ...peer(peers[2] as Ss58, 6, { up: 2_575_000, sequences: null }), state: 'gradient-refused' },
      { ...peer(validator, 2, { up: null, sequences: null }), role: 'validator', state: 'validating' },
    ],
  },
});

export function card(
  hotkey: Ss58,
  uid: number,
  values: readonly number[],
  weight: number,
): NonNullable<RunView['scores']>['all'][number] {
  const [identity = 0, gradient = 0, steps = 0, bandwidth = 0, allReduce = 0] = values;
  const total = identity * gradient * (0.5 * steps + 0.25 * bandwidth + 0.25 * allReduce);
  return {
    hotkey,
    uid,
    total,
    average: total,
    weightShare: weight,
    terms: {
      identity: { value: identity, why: why('registered-and-bound') },
      gradient: { value: gradient, why: why('recomputed-agree', { count: 10, agreement: 0.98 }) },
      steps: { value: steps, why: why('sequences-counted', { sequences: 1_284 }) },
      bandwidth: { value: bandwidth, why: why('rate-of-receipts', { bytesPerS: 3_495_000, peers: 5 }) },
      allReduce: { value: allReduce, why: why('chunks-taken', { percent: 100 }) },
    },
  };
}

function peer(
  hotkey: Ss58,
  uid: number,
  at: { up: number | null; sequences: number | null; late?: number },
): NonNullable<RunView['swarm']>['peers'][number] {
  return {
    hotkey,
    uid,
    role: 'miner',
    self: false,
    connected: true,
    link: { rttMs: 12 + uid, way: 'direct', isInbound: uid % 2 === 0 },
    upBytesPerS: at.up,
    believedBytesPerS: at.up,
    measured: at.up === null ? null : { upBytesPerS: at.up, downBytesPerS: at.up * 2 },
    codec: at.up === null ? null : 'fp16',
    lastFault: null,
    ready: at.sequences === null ? null : { round: ROUNDS, sequences: at.sequences },
    lateRounds: at.late ?? 0,
    state: 'training',
  };
}

export const evidence = (nowMs: number): EvidenceItem[] => [
  {
    atMs: nowMs - 14_000,
    round: 40,
    term: 'gradient',
    value: 0.98,
    why: why('recomputed-agree', { count: 10, agreement: 0.98 }),
  },
  {
    atMs: nowMs - 14_000,
    round: 40,
    term: 'bandwidth',
    value: 0.92,
    why: why('rate-of-challenge', { bytesPerS: 3_495_000 }),
  },
  {
    atMs: nowMs - 14_000,
    round: 40,
    term: 'steps',
    value: 1.07,
    why: why('sequences-counted', { sequences: 1_284 }),
  },
  { atMs: nowMs - 34_000, round: 39, term: 'allReduce', value: null, why: why('not-measured') },
];

/** A run that was not in its newest rounds: the last still is of an earlier one. */
export const missed = (nowMs: number): View => {
  const view = training(nowMs);
  const { history } = mineOf(view);
  const newest: RoundSummary = {
    round: ROUNDS,
    endedAtMs: nowMs,
    group: [],
    outcome: 'committed',
    members: 3,
    contributed: false,
    bytes: 0,
    durationMs: null,
    heldOutLoss: null,
    edges: [],
    reason: { code: 'not-in-roster', params: {} },
  };
  return changed(view, { history: [...history, newest] });
};

/** Done with its inner steps, the average still to come. */
export const resting = (nowMs: number): View => {
  const view = training(nowMs);
  const { training: trained } = mineOf(view);
  return changed(view, {
    activity: { kind: 'resting' },
    training: trained && { ...trained, innerStep: 64 },
  });
};

export const paused = (nowMs: number): View =>
  changed(training(nowMs), {
    worker: { kind: 'paused', reason: 'user', untilMs: null },
    activity: { kind: 'paused' },
  });

/** A rule of the house holds it. */
export const housePaused = (nowMs: number): View => {
  const rest = { reason: 'battery', params: {}, untilMs: null } as const;
  const view = changed(paused(nowMs), { worker: { kind: 'paused', ...rest } });
  return { ...view, house: { ...view.house, rest } };
};

/** A validator: it has a part in the group and no bytes of its own in it. */
export const validating = (nowMs: number): View => {
  const view = training(nowMs);
  const run = mineOf(view);
  const nothing = (edges: readonly Edge[]) => edges.map((one) => ({ ...one, bytes: 0, totalBytes: 0 }));
  return changed(view, {
    facts: { ...run.facts, role: 'validator' },
    history: run.history.map((one) => ({ ...one, contributed: false, edges: nothing(one.edges) })),
  });
};

/** A validator on a chain that opens weights later: they lie there under a time lock. */
export const committedWeights = (nowMs: number): View => {
  const view = validating(nowMs);
  const { scores } = mineOf(view);
  const weights = { kind: 'committed', block: 4_790, revealBlock: 4_815 } as const;
  return changed(view, { scores: scores && { ...scores, weights } });
};

/** The chain stands, or the node that is asked tells of nothing new. */
export const silentChain = (nowMs: number): View => {
  const view = training(nowMs);
  const { chain } = mineOf(view);
  const silentSinceMs = nowMs - 4 * 60_000;
  return changed(view, { chain: chain && { ...chain, silentSinceMs, finalizedAtMs: silentSinceMs } });
};

/** Everything that can be told at the head of a screen, at once. */
export const muchToTell = (nowMs: number): View => ({
  ...changed(training(nowMs), {
    stopsAfterRound: ROUNDS,
    facts: { ...facts(nowMs - 60_000), continuesAtRound: 17 },
  }),
  clock: { offByMs: -7_200_000 },
  away: {
    fromMs: nowMs - 36_000_000,
    toMs: nowMs - 60_000,
    committed: 41,
    void: 2,
    payAlpha: alphaRao(3_218_500_000n),
    faults: [],
  },
  notices: [
    {
      ...{ id: 'disk', level: 'fault', error: { code: 'DISK_FULL', params: { path: '/home/you' } } },
      ...{ atMs: nowMs, run: null },
    },
  ],
});

export const other = ss58('5FLSigC9HGRKVhB9FiEo4Y3koPsNmBmLJbpXg2mp1hXcS59Y');

/** Two runs under one host, each with its own state. */
export const twoRuns = (nowMs: number): View => {
  const view = training(nowMs);
  const mine = mineOf(view);
  const second: RunView = {
    ...mine,
    facts: {
      ...mine.facts,
      profile: 'lan',
      role: 'validator',
      mark: 'TEST',
      network: 'lan',
      startedAtMs: nowMs,
    },
    worker: { kind: 'waiting', for: 'peers' },
    activity: null,
  };
  return { ...view, runs: { ...view.runs, [other]: second } };
};

export const stoppedBefore = (nowMs: number): View => ({
  ...idle(),
  stopped: [
    {
      ...facts(nowMs - 9_000_000),
      id: me,
      stoppedAtMs: nowMs - 3_600_000,
      folder: '/home/you/.local/share/butterfly/practice',
    },
  ],
});

/** One run that works, and two of before that could run beside it. */
export const besideStopped = (nowMs: number): View => {
  const view = training(nowMs);
  const { facts: mine } = mineOf(view);
  const joined = {
    ...mine,
    profile: 'lan',
    mark: 'TEST',
    network: 'lan',
    controls: ['pause', 'stop'],
  } as const;
  const { continuesAtRound: _, ...kept } = joined;
  const folder = '/home/you/.local/share/butterfly/runs';
  return {
    ...changed(view, { facts: joined }),
    stopped: [
      { ...kept, profile: 'gpt2-124m', id: other, stoppedAtMs: nowMs - 3_600_000, folder },
      {
        ...kept,
        role: 'validator',
        id: validator,
        stoppedAtMs: nowMs - 90_000_000,
        folder,
      },
    ],
  };
};

/** In the middle of an all-reduce. */
export const averaging = (nowMs: number): View => {
  const view = training(nowMs);
  const { round } = mineOf(view);
  return changed(view, {
    worker: { kind: 'averaging' },
    round: round && { ...round, phase: 'reducing', blockInRound: 14, members: 4, edges: reducing() },
  });
};

/** Held by an error that its notice tells too. */
const heldBy = (nowMs: number, kind: 'failed' | 'blocked', error: CodedError): View => ({
  ...changed(training(nowMs), { worker: { kind, error }, activity: null }),
  notices: [{ id: 'held', level: 'fault', error, atMs: nowMs, run: me }],
});

export const failed = (nowMs: number): View =>
  heldBy(nowMs, 'failed', {
    code: 'CHILD_GAVE_UP',
    params: { child: 'train', failures: 5, why: 'It ended by itself (signal SIGKILL).' },
  });

export const blocked = (nowMs: number): View =>
  heldBy(nowMs, 'blocked', {
    code: 'HOTKEY_LIVE_ELSEWHERE',
    params: { peer: '12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo' },
  });

/** The number of the subnet belongs to somebody else now. */
export const taken = (nowMs: number): View =>
  heldBy(nowMs, 'blocked', {
    code: 'CHAIN_IDENTITY_MISMATCH',
    params: { netuid: 38, found: 'Somebody Else’s Subnet', expected: 'Distributed Training' },
  });

/** The validator did not find what this miner says that it trained on. */
export const refused = (nowMs: number): View => {
  const view = training(nowMs);
  const { scores } = mineOf(view);
  const mine = card(me, 3, [1, 0.2, 1.07, 0.92, 1], 0);
  const gradient = {
    value: 0.2,
    why: why('recomputed-disagree', { count: 10, agreement: 0.2, threshold: 0.75 }),
  };
  const refusedCard = { ...mine, terms: { ...mine.terms, gradient } };
  return changed(view, {
    scores: scores && { ...scores, mine: refusedCard, all: [refusedCard, ...scores.all.slice(1)] },
  });
};

/** The dashboard of a run that another one takes over from. */
export const succeeded = (nowMs: number): View => {
  const before = practiceProfile({ witness: validator, ownerColdkey: me, endpoint: '', bootstrap: [] });
  const { consensus } = before;
  const dataset = { kind: 'files', name: 'letters', column: 'text', manifest: hex('ab'.repeat(32)) } as const;
  const profile = {
    ...before,
    consensus: {
      ...consensus,
      ...{ name: 'practice 2', dataset, model: { ...consensus.model, layers: 6 } },
      predecessor: { hash: hex('9f3ca1'.padEnd(64, '0')), afterRound: 60 },
    },
  };
  const successor = {
    ...{ summary: summaryOf(profile), changes: changedParts(consensus, profile.consensus) },
    ...{ block: 812, store: 'hub:you/run' },
  };
  return changed(training(nowMs), { successor });
};
