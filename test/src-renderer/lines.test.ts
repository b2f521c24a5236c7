import { describe, expect, it } from 'vitest';
import { awayLine, linesOf, noticesAbout } from '../../src-renderer/state/lines.ts';
import { allDone, stepsOf } from '../../src-renderer/state/open-steps.ts';
import { placeOf } from '../../src-renderer/state/place.ts';
import { settingSections } from '../../src-renderer/state/setting-list.ts';
import { runsOf, shownRun } from '../../src-renderer/state/shown-run.ts';
import type { View } from '../../src-shared/contract/page/sections.ts';
import { settings } from '../../src-shared/settings.ts';
import {
  besideStopped,
  changed,
  idle,
  me,
  mineOf,
  muchToTell,
  other,
  stoppedBefore,
  training,
  twoRuns,
} from '../e2e/page/scenes.ts';

const now = Date.UTC(2026, 10, 25, 12);

describe('what is told at the head of a screen', () => {
  it('is in the order of what presses most', () => {
    const view = muchToTell(now);
    expect(linesOf(view, shownRun(view, null)).map(({ id }) => id.split('-')[0])).toEqual([
      'clock',
      'disk',
      'stops',
      'continues',
      'away',
    ]);
    expect(linesOf(idle(), null)).toEqual([]);
  });

  it('offers to start over where nothing else helps and this host can', () => {
    const error = { code: 'DEVNET_STATE_FOREIGN', params: { path: '/x' } } as const;
    const notices = [{ id: '1', level: 'fault', error, atMs: now, run: me }] as const;
    const view = { ...training(now), notices };
    const offer = { kind: 'start-over', run: me };
    expect(linesOf(view, shownRun(view, null))[0]?.offer).toEqual(offer);
    // One that could not even start is listed among the stopped ones by then.
    expect(linesOf({ ...stoppedBefore(now), notices }, null)[0]?.offer).toEqual(offer);
    const run = mineOf(view);
    const foreign = changed(view, { facts: { ...run.facts, controls: ['pause'] } });
    expect(linesOf(foreign, shownRun(foreign, null))[0]?.offer).toBeNull();
  });

  it('names the run that a notice is about, where another could be meant', () => {
    const error = { code: 'CHILD_EXITED', params: { child: 'train', reason: 'killed' } } as const;
    const about = (run: typeof me | null) => ({ id: 'x', level: 'fault', error, atMs: now, run }) as const;
    const ofIn = (view: View, run: typeof me | null) =>
      linesOf({ ...view, notices: [about(run)] }, shownRun(view, null))[0]?.of;
    expect(ofIn(training(now), me)).toBeNull();
    expect(ofIn(twoRuns(now), other)).toBe('lan · validator 5FLS…S59Y:');
    expect(ofIn(twoRuns(now), null)).toBeNull();
    expect(ofIn({ ...training(now), stopped: besideStopped(now).stopped }, other)).toMatch(/^gpt2-124m/);
    const both = { ...twoRuns(now), notices: [about(me), about(other), about(null)] };
    expect(noticesAbout(me, both.notices).map(({ run }) => run)).toEqual([me, null]);
  });

  it('counts what happened while one was away, and says what is not known', () => {
    const away = { fromMs: now - 3_600_000, toMs: now, committed: 1, void: 0, payAlpha: null, faults: [] };
    expect(awayLine(away).sentence).toMatch(
      /^While you were away, for 1 h since \d\d:\d\d: 1 round committed, pay not read yet, no faults\.$/,
    );
  });

  it('tells each fault meanwhile in its own sentence', () => {
    const faults = [{ code: 'CHILD_EXITED', params: { child: 'train', reason: 'killed' } } as const];
    const line = awayLine({ fromMs: 0, toMs: 1, committed: 2, void: 1, payAlpha: null, faults });
    expect(line).toMatchObject({ level: 'attention', action: 'The train process stopped (killed).' });
    expect(line.sentence).not.toContain('no faults');
  });
});

describe('steps of a start', () => {
  const waiting = { id: 'round', state: 'waiting', detail: null } as const;
  const engine = { id: 'engine', state: 'working', detail: null } as const;

  it('are behind a run that has been through them', () => {
    const before = mineOf(changed(training(now), { setup: [engine, waiting] }));
    expect(stepsOf(before).map(({ state }) => state)).toEqual(['working', 'done']);
  });

  it('are still ahead of one that has not', () => {
    const fresh = mineOf(changed(training(now), { setup: [waiting], history: [] }));
    expect(allDone(stepsOf(fresh))).toBe(false);
    expect(allDone(stepsOf({ ...fresh, facts: { ...fresh.facts, continuesAtRound: 3 } }))).toBe(true);
  });
});

describe('where the page stands', () => {
  it.each([
    ['', 'home', null],
    ['#/join', 'join', null],
    [`#/home/${me}`, 'home', me],
    ['#content', 'home', null],
    ['#/', 'home', null],
  ])('%s', (hash, screen, part) => {
    expect(placeOf(hash)).toEqual({ screen, part });
  });

  it('is at the run that the address names, else at the first that was started', () => {
    const view = twoRuns(now);
    expect(runsOf(view).map(([id]) => id)).toEqual([me, other]);
    expect(shownRun(view, other)?.[0]).toBe(other);
    expect(shownRun(view, '5nobody')?.[0]).toBe(me);
    expect(shownRun(idle(), other)).toBeNull();
  });
});

describe('the list of settings', () => {
  const idsOf = (search: string, shell: 'web' | 'electron' = 'web') =>
    settingSections(search, shell).flatMap((section) => section.settings.map(({ id }) => id));

  it('has every setting once, and each only where it changes something', () => {
    const [web, electron] = [idsOf(''), idsOf('', 'electron')];
    // The card has a page of its own.
    const listed = Object.keys(settings).filter((id) => id !== 'training.device');
    expect([...new Set([...web, ...electron])].toSorted()).toEqual(listed.toSorted());
    expect(web.filter((id) => !electron.includes(id))).toEqual(['window.port']);
    expect(electron.filter((id) => !web.includes(id))).toEqual([
      'window.acceleration',
      'window.close',
      'window.notifications',
      'window.keep-awake',
    ]);
    expect(web).toHaveLength(new Set(web).size);
  });

  it('is searched by all words, in titles, descriptions and choices', () => {
    expect(idsOf('PORT router firewall')).toEqual(['swarm.port']);
    expect(idsOf('this computer alone')).toEqual(['swarm.reach']);
    expect(idsOf('nothing like this')).toEqual([]);
  });
});
