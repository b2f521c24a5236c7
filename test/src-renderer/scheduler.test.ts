import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { schedule } from '../../src-renderer/charts/scheduler.ts';

let frames: ((nowMs: number) => void)[];
/** Plays every frame that was asked for. */
const play = () => {
  for (const frame of frames.splice(0)) frame(performance.now());
};

beforeEach(() => {
  frames = [];
  vi.stubGlobal('document', { hidden: false });
  vi.stubGlobal('requestAnimationFrame', (frame: (nowMs: number) => void) => frames.push(frame));
});
afterEach(() => vi.unstubAllGlobals());

it('paints once a frame, however often it is asked', () => {
  const paint = vi.fn();
  const drawing = schedule({ everyMs: 0, paint });
  drawing.askNow();
  drawing.askNow();
  play();
  expect(paint).toHaveBeenCalledOnce();
  drawing.stop();
});

it('paints a stopped drawing no more, whoever still asks', () => {
  const paint = vi.fn();
  const drawing = schedule({ everyMs: 0, paint });
  drawing.stop();
  drawing.ask();
  drawing.askNow();
  play();
  expect(paint).not.toHaveBeenCalled();
});

it('leaves out a drawing that another one stops in the same frame', () => {
  const paint = vi.fn();
  const other = { stop: () => {} };
  const first = schedule({ everyMs: 0, paint: () => other.stop() });
  const second = schedule({ everyMs: 0, paint });
  other.stop = second.stop;
  first.askNow();
  second.askNow();
  play();
  expect(paint).not.toHaveBeenCalled();
  first.stop();
});
