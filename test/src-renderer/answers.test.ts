import { describe, expect, it } from 'vitest';
import {
  amISafe,
  answersOf,
  answersWhileAway,
  isItWorking,
  whatAmIEarning,
  whatHappensNext,
} from '../../src-renderer/state/answers.ts';
import { emptyRun, type RunView } from '../../src-shared/contract/page/sections.ts';
import { why } from '../../src-shared/scoring/why.ts';
import type { WorkerState } from '../../src-shared/states.ts';
import { alphaRao } from '../../src-shared/units.ts';
import { mineOf, training } from '../e2e/page/scenes.ts';

const now = Date.UTC(2026, 10, 22, 12, 0, 0);
const view = mineOf(training(now));
const nothing = emptyRun(view.facts);
const withWorker = (worker: WorkerState): RunView => ({ ...view, worker });

describe('Is it working?', () => {
  it('gives rate, round and step while training', () => {
    expect(isItWorking(view, now)).toMatchObject({
      headline: 'Training',
      tone: 'work',
      detail: '1,284 tokens/s · round 41, step 19',
    });
  });

  it('says of a validator, whose trainer takes no steps, what it does', () => {
    const validator = { ...view, facts: { ...view.facts, role: 'validator' } as const, training: null };
    expect(isItWorking({ ...validator, activity: null }, now)).toMatchObject({
      headline: 'Validating',
      tone: 'work',
      detail: 'checks the miners of each round',
    });
    const checks = { kind: 'busy', with: 'checks' } as const;
    expect(isItWorking({ ...validator, activity: checks }, now).headline).toBe('Checking others’ work');
  });

  it('leaves out a rate that is not known instead of showing zero', () => {
    const unmeasured = { ...view, training: view.training && { ...view.training, tokensPerSecond: null } };
    expect(isItWorking(unmeasured, now).detail).toBe('round 41, step 19');
  });

  it.each([
    [{ kind: 'resting' }, 'Waiting for the average', 'quiet'],
    [{ kind: 'busy', with: 'checks' }, 'Checking others’ work', 'work'],
    [{ kind: 'busy', with: 'loading' }, 'Loading the model', 'work'],
    [{ kind: 'busy', with: 'text' }, 'Fetching text to train on', 'work'],
  ] as const)('gives no rate while the trainer takes no steps: %o', (activity, headline, tone) => {
    const answer = isItWorking({ ...view, activity }, now);
    expect(answer).toMatchObject({ headline, tone });
    expect(answer.detail).not.toContain('tokens');
  });

  it.each([
    [null, false, 1_800_000_000, /step 19 · 1\.7 GiB of text kept$/],
    [null, false, 0, null],
    ['rate-limit', false, 5, /^waits for huggingface\.co until (?:\w{3} )?\d\d:\d\d · 1,284 tokens/],
    [
      'unreachable',
      true,
      5,
      /^asks huggingface\.co again at (?:\w{3} )?\d\d:\d\d · other text meanwhile, unpaid · 1,284 tokens/,
    ],
    [null, true, 5, /^other text meanwhile, unpaid · 1,284 tokens/],
  ] as const)('says how fetched text comes: %s, unassigned %s', (reason, isUnassigned, keptBytes, said) => {
    const wait = reason && { reason, host: 'huggingface.co', untilMs: now + 271_000 };
    const text = { wait, isUnassigned, keptBytes, keptPages: 1 };
    const before = isItWorking(view, now).detail;
    const { detail } = isItWorking({ ...view, text }, now);
    if (said === null) expect(detail).toBe(before);
    else expect(detail).toMatch(said);
  });

  it.each([
    [null, 2, 1, '100 MiB of 1.0 GiB from 2 peers, 1 store'],
    [1_048_576, 1, 0, '100 MiB of 1.0 GiB from 1 peer · 1.0 MiB/s, 15 min left'],
    [1_048_576, 0, 0, '100 MiB of 1.0 GiB · nobody gives just now'],
  ])('says how far a state is that is loaded: %s bytes a second', (bytesPerSecond, peers, stores, detail) => {
    const worker = { kind: 'waiting', for: 'state' } as const;
    const loading = {
      ...{ receivedBytes: 100 * 2 ** 20, totalBytes: 2 ** 30, bytesPerSecond, peers, stores },
    };
    expect(isItWorking({ ...view, worker, loading }, now).detail).toBe(detail);
    expect(isItWorking({ ...view, worker, loading: null }, now).detail).toBe(
      'from peers and stores, piece by verified piece',
    );
  });

  it('says that the chain is silent although training goes on', () => {
    const answer = isItWorking(view, now + 180_000);
    expect(answer).toMatchObject({ headline: 'The chain is silent', tone: 'attention' });
    expect(answer.detail).toBe('Training. Last final block 3 min ago; no round opens until the next.');
    const resting = isItWorking({ ...view, activity: { kind: 'resting' } }, now + 180_000);
    expect(resting.detail).toContain('Waiting for the average.');
  });

  it('names the reason of a pause and the time of its end', () => {
    const answer = isItWorking(withWorker({ kind: 'paused', reason: 'user', untilMs: now + 900_000 }), now);
    expect(answer.tone).toBe('paused');
    expect(answer.detail).toMatch(/^You paused it\. Goes on by itself at (?:\w{3} )?\d\d:\d\d\.$/);
  });

  it('names the rule of the house that holds it, and what ends that', () => {
    const hot = { card: 'GeForce RTX 3060', celsius: 84, most: 80 };
    const worker = { kind: 'paused', reason: 'temperature', params: hot, untilMs: null } as const;
    expect(isItWorking(withWorker(worker), now).detail).toBe(
      'GeForce RTX 3060 is at 84 °C, and you allow 80 °C. Goes on by itself when it has cooled.',
    );
    expect(whatHappensNext(withWorker(worker), now)).toMatchObject({
      headline: 'Goes on by itself',
      detail: 'or press Work anyway',
    });
    const never = { kind: 'paused', reason: 'hours', untilMs: null } as const;
    expect(whatHappensNext(withWorker(never), now).detail).toBe('change the house rules in Settings');
  });

  it('says that an open pause rests until resumed', () => {
    const answer = isItWorking(withWorker({ kind: 'paused', reason: 'user', untilMs: null }), now);
    expect(answer.detail).toBe('You paused it. Rests until you resume.');
  });

  it('tells the fault that stopped the work in its own sentence', () => {
    const error = {
      code: 'CHILD_GAVE_UP',
      params: { child: 'train', failures: 5, why: 'It is gone.' },
    } as const;
    expect(isItWorking(withWorker({ kind: 'failed', error }), now)).toMatchObject({
      tone: 'fault',
      detail: 'The train process failed 5 times in a row. The last time: It is gone.',
    });
  });

  it.each(['chain', 'registration', 'start-block', 'peers', 'state'] as const)(
    'has words for waiting for %s',
    (reason) => {
      const { headline, detail } = isItWorking(withWorker({ kind: 'waiting', for: reason }), now);
      expect(headline.length * detail.length).toBeGreaterThan(0);
    },
  );
});

describe('What am I earning?', () => {
  it('gives today, its worth and the last epoch', () => {
    expect(whatAmIEarning(view)).toMatchObject({
      headline: 'α 3.2185',
      aside: 'today',
      detail: '≈ τ 0.0611 · last epoch α 0.1341',
    });
  });

  it('shows a dash with a reason while earnings are unknown', () => {
    expect(whatAmIEarning(nothing)).toMatchObject({
      headline: '—',
      detail: 'The first epoch has not been read yet',
    });
  });

  it('counts the blocks to the first pay when nothing was paid yet', () => {
    const unpaid = { ...view, earnings: view.earnings && { ...view.earnings, todayAlpha: alphaRao(0n) } };
    expect(whatAmIEarning(unpaid)).toMatchObject({
      headline: 'Nothing yet',
      detail: 'the next epoch pays in 6 blocks',
    });
  });

  it('never shows a tiny amount as zero', () => {
    const tiny = { ...view, earnings: view.earnings && { ...view.earnings, todayAlpha: alphaRao(1n) } };
    expect(whatAmIEarning(tiny).headline).toBe('α <0.0001');
  });

  it('says that the worth is not known where there is no price', () => {
    const priceless = { ...view, earnings: view.earnings && { ...view.earnings, todayRao: null } };
    expect(whatAmIEarning(priceless).detail).toContain('worth in τ not known');
  });
});

describe('Am I safe?', () => {
  it('gives the span of immunity', () => {
    expect(amISafe(view, [])).toMatchObject({
      headline: 'Yes, 9 min immune',
      detail: 'uid 3 · no real money is at stake',
    });
  });

  it('does not promise that no money is at stake on a run without a mark', () => {
    const real = { ...view, facts: { ...view.facts, mark: null } };
    expect(amISafe(real, []).detail).toBe('uid 3 · holds while scores do');
  });

  it('puts a fault before everything else', () => {
    const error = { code: 'DISK_FULL', params: { path: '/x' } } as const;
    const notices = [{ id: '1', level: 'fault', error, atMs: now, run: null }] as const;
    expect(amISafe(view, notices)).toMatchObject({ headline: 'Look at this', tone: 'fault' });
  });

  it('does not repeat the fault that already answers the first question', () => {
    const error = {
      code: 'CHILD_GAVE_UP',
      params: { child: 'train', failures: 5, why: 'It is gone.' },
    } as const;
    const notices = [{ id: '1', level: 'fault', error, atMs: now, run: null }] as const;
    expect(amISafe(withWorker({ kind: 'failed', error }), notices).headline).toBe('Yes, 9 min immune');
  });

  it('warns with the reason when the gradient was refused', () => {
    const mine = view.scores?.mine;
    if (!view.scores || !mine) throw new Error('the scene has scores');
    const terms = {
      ...mine.terms,
      gradient: {
        value: 0.2,
        why: why('recomputed-disagree', { count: 10, agreement: 0.2, threshold: 0.75 }),
      },
    };
    const refused = { ...view, scores: { ...view.scores, mine: { ...mine, terms } } };
    expect(amISafe(refused, [])).toMatchObject({
      tone: 'attention',
      detail: '10 micro-batches recomputed; they agree by only 0.2, below 0.75.',
    });
  });

  it('does not call a gradient refused that nobody could check while one was away', () => {
    const mine = view.scores?.mine;
    if (!view.scores || !mine) throw new Error('the scene has scores');
    const terms = { ...mine.terms, gradient: { value: 0, why: why('absent-for-an-epoch') } };
    const away = { ...view, scores: { ...view.scores, mine: { ...mine, terms } } };
    expect(amISafe(away, []).headline).toBe('Yes, 9 min immune');
  });

  it('does not call an unmeasured gradient refused', () => {
    const mine = view.scores?.mine;
    if (!view.scores || !mine) throw new Error('the scene has scores');
    const terms = { ...mine.terms, gradient: { value: null, why: why('not-measured') } };
    expect(amISafe({ ...view, scores: { ...view.scores, mine: { ...mine, terms } } }, []).tone).toBe('good');
  });

  it('says of an own pause that nothing is scored, whatever the scores were', () => {
    const mine = view.scores?.mine;
    if (!view.scores || !mine) throw new Error('the scene has scores');
    const gradient = { value: 0, why: why('recomputed-disagree', { count: 10, agreement: 0, threshold: 1 }) };
    const scores = { ...view.scores, mine: { ...mine, terms: { ...mine.terms, gradient } } };
    const answer = amISafe({ ...withWorker({ kind: 'paused', reason: 'user', untilMs: null }), scores }, []);
    expect(answer).toMatchObject({ headline: 'No score while you rest', tone: 'paused' });
  });

  it('says that a hotkey without uid has no place', () => {
    expect(amISafe({ ...view, wallet: view.wallet && { ...view.wallet, uid: null } }, []).headline).toBe(
      'Not registered yet',
    );
  });
});

describe('What happens next?', () => {
  it('counts down to the block at which peers say they are ready', () => {
    expect(whatHappensNext(view, now)).toMatchObject({
      headline: 'Averaging in 0:09',
      detail: 'then an epoch pays in 6 blocks',
    });
  });

  it('does not count below a block that is late', () => {
    const late = whatHappensNext(view, now + 5_000).headline;
    expect(late).toBe('Averaging in 0:08');
  });

  it.each([
    ['before-start', /first round/],
    ['ready', /Group forms, 1 ready/],
    ['reducing', /Outcome in 0:1\d/],
    ['awaiting-outcome', /Outcome in/],
    ['settled', /Round 42 in/],
  ] as const)('has words for the phase %s', (phase, words) => {
    const { headline } = whatHappensNext({ ...view, round: view.round && { ...view.round, phase } }, now);
    expect(headline).toMatch(words);
  });

  it('counts down to nothing while the chain is silent', () => {
    expect(whatHappensNext(view, now + 180_000).headline).toBe('Waits for a block');
    const gone = { ...view, chain: view.chain && { ...view.chain, connected: false } };
    expect(whatHappensNext(gone, now).headline).toBe('Waits for a block');
  });

  it('names no round after the one that the run stops after', () => {
    const round = view.round && { ...view.round, phase: 'settled' as const };
    expect(whatHappensNext({ ...view, round, stopsAfterRound: 41 }, now)).toMatchObject({
      headline: 'Stops after round 41',
      detail: 'Until then everything goes on, and its work counts.',
    });
  });

  it('says that a run which a silent chain keeps from beginning is tried again', () => {
    const error = { code: 'CHAIN_UNREACHABLE', params: { endpoint: 'wss://a' } } as const;
    const run: RunView = { ...nothing, worker: { kind: 'waiting', for: 'chain', error } };
    expect(whatHappensNext(run, now).headline).toBe('Tries again');
    expect(isItWorking(run, now)).toMatchObject({
      headline: 'Waiting for the chain',
      detail: 'The chain at wss://a does not answer.',
    });
  });

  it('names the action that ends a blocked state', () => {
    const error = { code: 'HOTKEY_LIVE_ELSEWHERE', params: { peer: 'x' } } as const;
    expect(whatHappensNext(withWorker({ kind: 'blocked', error }), now).detail).toBe(
      'Stop it there, and this one goes on within minutes. Or use another hotkey here.',
    );
  });
});

it('answers nothing about now while the host is away', () => {
  const [working, , , next] = answersWhileAway(view, [], now);
  expect(working?.headline).toBe('Not connected');
  expect(working?.detail).toContain('Training');
  expect(next?.headline).toBe('Waits for you');
});

it('answers the four questions in their order, even with nothing known', () => {
  expect(answersOf(nothing, [], now).map(({ question }) => question)).toEqual([
    'Is it working?',
    'What am I earning?',
    'Am I safe?',
    'What happens next?',
  ]);
});
