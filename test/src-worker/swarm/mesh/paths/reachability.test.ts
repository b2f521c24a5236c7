import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PortMapping } from '../../../../../src-shared/contract/reachability.ts';
import type { Ss58 } from '../../../../../src-shared/units.ts';
import {
  DIAL_BACK_ASKED,
  REACH_AGAIN_MS,
  REACH_SETTLE_MS,
} from '../../../../../src-worker/swarm/mesh/paths/limits.ts';
import { ReachabilityWatch } from '../../../../../src-worker/swarm/mesh/paths/reachability.ts';

const HOME = '8.8.8.8';
const members = ['a', 'b', 'c', 'd', 'e'] as unknown as Ss58[];

/** A member that listens at 4001; others reach it at the ports that are open. */
function watched(given: { readonly open?: readonly number[]; readonly mapped?: number } = {}) {
  const at = { open: given.open ?? [], asked: [] as number[][], answers: true };
  const mapping: PortMapping = {
    ...{ state: given.mapped ? 'open' : 'none', by: null, refusal: null },
    address: given.mapped ? `/ip4/${HOME}/tcp/${given.mapped}` : null,
  };
  const watch = new ReachabilityWatch({
    dialBack: {
      async ask(_hotkey, ports) {
        at.asked.push([...ports]);
        if (!at.answers) return null;
        const reached = ports.filter((port) => at.open.includes(port));
        return { seen: `/ip4/${HOME}/tcp/5`, reached: reached.map((port) => `/ip4/${HOME}/tcp/${port}`) };
      },
    },
    stopping: new AbortController().signal,
    direct: () => members,
    ports: () => [4001],
    mapping: () => mapping,
    onVerdict: () => undefined,
  });
  return { at, watch };
}

describe('whether others reach this member', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is asked of some of them, and is public where they do', async () => {
    const { at, watch } = watched({ open: [4001] });
    await watch.test();
    expect(at.asked).toEqual(Array(DIAL_BACK_ASKED).fill([4001]));
    expect(watch.state).toBe('public');
    expect(watch.testedAtMs).toBe(Date.now());
    watch.stop();
  });

  it('is by the router where they come through the port that it opened, and no other', async () => {
    const { watch } = watched({ open: [50_000], mapped: 50_000 });
    await watch.test();
    expect(watch.state).toBe('mapped');
    const own = watched({ open: [4001, 50_000], mapped: 50_000 });
    await own.watch.test();
    expect(own.watch.state).toBe('public');
    watch.stop();
    own.watch.stop();
  });

  it('stays as it was while nobody answers', async () => {
    const { at, watch } = watched({ open: [4001] });
    await watch.test();
    at.answers = false;
    await watch.test();
    expect(watch.state).toBe('public');
    watch.stop();
  });

  it('is asked once for a group that arrives, and again after a while', async () => {
    const { at, watch } = watched({ open: [4001] });
    for (let i = 0; i < 5; i++) watch.changed();
    await vi.advanceTimersByTimeAsync(REACH_SETTLE_MS);
    expect(at.asked).toHaveLength(DIAL_BACK_ASKED);
    watch.changed();
    await vi.advanceTimersByTimeAsync(REACH_SETTLE_MS);
    expect(at.asked).toHaveLength(DIAL_BACK_ASKED);
    at.open = [];
    await vi.advanceTimersByTimeAsync(REACH_AGAIN_MS);
    expect(watch.state).toBe('private');
    watch.stop();
  });
});
