import { setTimeout as sleep } from 'node:timers/promises';
import { askStatus } from '../../src-main/shells/control/ask-host.ts';
import type { SaidProcess } from '../practice/said-process.ts';
import { type Figure, figure } from '../report/figures.ts';
import { LINE_LIMIT_MS, type OwnRunRig, openOwnRunRig, STATES } from './own-run-rig.ts';

const LOOK_EVERY_MS = 50;
const WORKS = /^Works as /;

export interface OwnRunOutcome {
  /** The way of a run of one's own, in order; whatever fails ends it. */
  readonly steps: Readonly<Record<OwnRunStep, number>>;
  /** From the start of the newcomer's host to its first inner step, on a state that only a store had. */
  readonly joinS: number;
  /** What the Hub was asked while nobody but the newcomer was there. */
  readonly askedOfHub: readonly string[];
  /** Base of the first round that the newcomer committed, as it and the miner that came back say it. */
  readonly bases: readonly [string, string];
}

export type OwnRunStep =
  | 'create'
  | 'pin'
  | 'publish'
  | 'announce'
  | 'join'
  | 'start'
  | 'commit'
  | 'states'
  | 'newcomer'
  | 'together';

/**
 * A run of one's own from an empty subnet on: drafted, pinned on text of the Hub, announced, joined by its number by a
 * validator and two miners, started; its states go to the Hub. Then all of them leave, a newcomer takes the state from
 * there alone, and averages with whoever comes back.
 * @throws {Error} of the step that failed, by name
 */
export async function ownRun(): Promise<OwnRunOutcome> {
  const rig = await openOwnRunRig();
  const steps: Partial<Record<OwnRunStep, number>> = {};
  async function step<T>(name: OwnRunStep, work: () => Promise<T>): Promise<T> {
    const startedMs = performance.now();
    const done = await work().catch((thrown: unknown) => {
      throw new Error(`${name}: ${thrown}`, { cause: thrown });
    });
    steps[name] = (performance.now() - startedMs) / 1_000;
    return done;
  }
  try {
    for (const name of ['create', 'pin', 'publish', 'announce'] as const) await step(name, rig.owner[name]);
    const members = await step('join', () => joinAll(rig));
    await step('start', rig.owner.start);
    await step('commit', () => Promise.all(members.map((one) => committed(one))));
    await step('states', () => until(() => rig.hub.models.tags.size > 0));
    for (const one of members) await one.stop();
    const before = rig.hub.models.asked.length;
    const newcomer = await rig.join('miner-3', 'miner', {});
    await step('newcomer', () => until(() => hasStepped(rig.dataDirOf('miner-3'))));
    const askedOfHub = rig.hub.models.asked.slice(before);
    const [, miner] = ['validator', 'miner-1'].map(rig.goOn);
    const bases = await step('together', () => Promise.all([committed(newcomer), committed(miner!)]));
    return { steps: steps as OwnRunOutcome['steps'], joinS: steps.newcomer!, askedOfHub, bases };
  } finally {
    await rig.stop();
  }
}

/** The validator publishes each state to the Hub, and says on chain where. */
async function joinAll(rig: OwnRunRig): Promise<readonly SaidProcess[]> {
  const publishes = {
    ...{ 'publishing.to': 'hub', 'publishing.repository': STATES, 'publishing.everyRounds': 1 },
    'swarm.store': `hub:${STATES}`,
  } as const;
  const members = [
    await rig.join('validator', 'validator', publishes, rig.meeting),
    await rig.join('miner-1', 'miner', {}),
    await rig.join('miner-2', 'miner', {}),
  ];
  await Promise.all(members.map((one) => one.said(WORKS, 1, LINE_LIMIT_MS)));
  return members;
}

/** @returns the base of the first round that it says was committed */
async function committed(host: SaidProcess): Promise<string> {
  const [line = ''] = await host.said(/^Round \d+ committed/, 1, 2 * LINE_LIMIT_MS);
  return /^(Round \d+) .*(base [0-9a-f]{64})/.exec(line)?.slice(1).join(' ') ?? line;
}

async function hasStepped(dataDir: string): Promise<boolean> {
  const status = await askStatus(dataDir).catch(() => null);
  return status?.runs.some(({ loss }) => loss !== null) ?? false;
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + LINE_LIMIT_MS;
  while (!(await isSo())) {
    if (performance.now() > deadlineMs) throw new Error(`not within ${LINE_LIMIT_MS} ms`);
    await sleep(LOOK_EVERY_MS);
  }
}

let once: Promise<OwnRunOutcome> | null = null;
/** Both figures are of the same run. */
const ranOnce = (): Promise<OwnRunOutcome> => {
  once ??= ownRun();
  return once;
};

/** 1: a run of one's own went its whole way, each step by its command; where it ended else is the reason. */
export async function ownRunFigure(): Promise<Figure> {
  const { steps } = await ranOnce();
  const seen = Object.entries(steps).map(([name, seconds]) => `${name} ${seconds.toFixed(1)} s`);
  return figure('own-run', 1, '', { floor: 1, goal: 1, seen: seen.join(', ') });
}

export async function joinSeconds(): Promise<Figure> {
  const { joinS, askedOfHub } = await ranOnce();
  return figure('join-s', joinS, 's', {
    ...{ floor: 30, goal: 10 },
    seen: `from the number of the subnet to the first inner step, ${askedOfHub.length} requests to the store`,
  });
}
