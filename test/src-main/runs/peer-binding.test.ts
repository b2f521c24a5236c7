import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BINDING_EARLIER_S, BINDING_LIFE_S, CHAIN_TIME_EVERY_MS } from '../../../src-main/runs/limits.ts';
import { type BindingChain, PeerBinding } from '../../../src-main/runs/peer-binding.ts';
import type { BindingFields } from '../../../src-main/vault/vault.ts';
import { hex } from '../../../src-shared/units.ts';

const GENESIS = hex('ab'.repeat(32));
const AT_MS = 1_700_000_000_000;
const HALF_LIFE_MS = (BINDING_LIFE_S * 1_000) / 2;
const never = new AbortController().signal;

/** A chain whose clock is set by hand, and a `swarm` that writes down what it is told. */
function bench(mayRenew = () => true) {
  let chainMs: number | null = AT_MS;
  const signed: BindingFields[] = [];
  const told: [string, unknown][] = [];
  const logged: string[] = [];
  const chain: BindingChain = {
    genesisHash: GENESIS,
    finalized: { number: 1, hash: GENESIS } as BindingChain['finalized'],
    blockTimeMs: async () => chainMs,
  };
  const sign = (fields: BindingFields) => `binding ${signed.push(fields)}`;
  const binding = new PeerBinding({ chain, netuid: 38, sign, mayRenew, log: (line) => logged.push(line) });
  const swarm = {
    async call(name: string, params: unknown) {
      told.push([name, params]);
      return undefined as never;
    },
  };
  const setChain = (ms: number | null) => {
    chainMs = ms;
  };
  return { binding, swarm, signed, told, logged, setChain };
}

beforeEach(() => {
  // A wall clock that is wrong by years.
  vi.useFakeTimers({ now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the binding of a peer key', () => {
  it('is signed by the time of the chain', async () => {
    const { binding, signed } = bench();
    expect(await binding.atStart(never)).toEqual({ binding: 'binding 1', chainTimeMs: AT_MS });
    const notBefore = AT_MS / 1_000 - BINDING_EARLIER_S;
    const notAfter = notBefore + BINDING_LIFE_S;
    expect(signed).toEqual([{ netuid: 38, genesisHash: GENESIS, notBefore, notAfter, seq: AT_MS }]);
  });

  it('has a higher number with each signing, also within one block', async () => {
    const { binding, signed } = bench();
    for (let start = 0; start < 3; start++) await binding.atStart(never);
    expect(signed.map(({ seq }) => seq)).toEqual([AT_MS, AT_MS + 1, AT_MS + 2]);
  });

  it('is not made anew while a newer start has the word, and is then newer than that one', async () => {
    let mayRenew = true;
    const { binding, swarm, signed, told } = bench(() => mayRenew);
    await binding.atStart(never);
    mayRenew = false;
    expect(await binding.atStart(never)).toMatchObject({ binding: 'binding 1' });
    vi.advanceTimersByTime(HALF_LIFE_MS + 1);
    await binding.refresh(swarm, never);
    expect(signed).toHaveLength(1);
    await binding.renew(swarm, never);
    expect(told.at(-1)).toEqual(['renewBinding', { binding: 'binding 2' }]);
    expect(signed[1]!.seq).toBeGreaterThan(signed[0]!.seq);
  });

  it('goes by the wall clock where the chain keeps no time', async () => {
    const { binding, signed, setChain } = bench();
    setChain(null);
    vi.setSystemTime(AT_MS + 5);
    expect(await binding.atStart(never)).toEqual({ binding: 'binding 1', chainTimeMs: null });
    expect(signed[0]?.seq).toBe(AT_MS + 5);
  });

  it('is renewed once half of its life has passed, and not before', async () => {
    const { binding, swarm, told, setChain } = bench();
    await binding.atStart(never);
    setChain(AT_MS + HALF_LIFE_MS - 1_000);
    await binding.refresh(swarm, never);
    expect(told).toEqual([['setChainTime', { unixMs: AT_MS + HALF_LIFE_MS - 1_000 }]]);
    setChain(AT_MS + HALF_LIFE_MS);
    await binding.refresh(swarm, never);
    await binding.refresh(swarm, never);
    expect(told.filter(([name]) => name === 'renewBinding')).toEqual([
      ['renewBinding', { binding: 'binding 2' }],
    ]);
  });

  it.each([0, AT_MS * 2])(
    'is signed anew when the chain shows that the wall clock was wrong: %i',
    async (wallMs) => {
      const { binding, swarm, told, setChain } = bench();
      vi.setSystemTime(wallMs);
      setChain(null);
      await binding.atStart(never);
      setChain(AT_MS);
      await binding.refresh(swarm, never);
      expect(told.map(([name]) => name)).toEqual(['setChainTime', 'renewBinding']);
    },
  );

  it('is looked after until the end, also when one turn fails', async () => {
    const { binding, swarm, told, logged, setChain } = bench();
    await binding.atStart(never);
    const stopping = new AbortController();
    const kept = binding.keep(swarm, stopping.signal);
    const { call } = swarm;
    swarm.call = () => Promise.reject(new Error('between two lives'));
    await vi.advanceTimersByTimeAsync(CHAIN_TIME_EVERY_MS);
    expect(logged).toEqual([expect.stringContaining('between two lives')]);
    swarm.call = call;
    setChain(AT_MS + 60_000);
    await vi.advanceTimersByTimeAsync(CHAIN_TIME_EVERY_MS);
    expect(told).toEqual([['setChainTime', { unixMs: AT_MS + 60_000 }]]);
    stopping.abort();
    await kept;
  });
});
