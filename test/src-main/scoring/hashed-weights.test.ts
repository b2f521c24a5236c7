import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { hiddenWeightsFile } from '../../../src-main/scoring/hidden-weights.ts';
import { type WeightsSetter, weightsSetter } from '../../../src-main/scoring/weights-setter.ts';
import type { WeightsState } from '../../../src-shared/contract/page/runs.ts';
import type { CodedError } from '../../../src-shared/errors/app-error.ts';
import { connect as connectClient, query } from '../../src-worker/devnet/rig.ts';
import {
  connect,
  miner,
  minerHotkey,
  NETUID,
  owner,
  ownerHotkey,
  SUBNET_NAME,
  startTestChain,
  testSigner,
  when,
} from '../network/rig.ts';
import { ALWAYS, memoryLast, seen } from './memory-last.ts';

const TAO = 10n ** 9n;
const validator = testSigner('//hashing-validator');
const TEMPO = 20;
/** A layout of the time lock that is not made here: weights are committed by their hash. */
const OTHER_VERSION = 3;

/** A chain that takes no lock of ours, and one validator's weights on it. */
async function open({
  revealPeriodEpochs = 1,
  specVersion = 393,
}: {
  revealPeriodEpochs?: number;
  specVersion?: 393 | 425;
} = {}) {
  const seats = [
    { hotkey: validator.address, coldkey: miner.address, stakeAlpha: 1_000n * TAO, validatorPermit: true },
    { hotkey: minerHotkey.address, coldkey: miner.address },
  ];
  const devnet = await startTestChain({
    commitRevealVersion: OTHER_VERSION,
    specVersion,
    subnets: [
      {
        ...{ netuid: NETUID, name: SUBNET_NAME, ownerColdkey: owner.address, revealPeriodEpochs },
        ...{ ownerHotkey: ownerHotkey.address, taoReserveRao: 1_000n * TAO, alphaReserveRao: 1_000n * TAO },
        ...{ tempo: TEMPO, commitReveal: true, neurons: seats },
      },
    ],
  });
  const folder = await mkdtemp(join(tmpdir(), 'hashed-weights-'));
  const { signal } = new AbortController();
  const chain = await connect([devnet.url], signal);
  const client = await connectClient(devnet.url);
  onTestFinished(async () => {
    await client.disconnect();
    await chain.stop();
    await devnet.stop();
    await rm(folder, { recursive: true });
  });
  const weights = async () => (await query(client, 'subtensorModule.weights', NETUID, 1)).toJSON();
  const states: (WeightsState | null)[] = [];
  const told: CodedError[] = [];
  const kinds: string[] = [];
  /** While it prepares a call the chain stands: on a busy machine an epoch would be over before. */
  let doing: 'nothing' | 'preparing' | 'sending' = 'nothing';
  let setter: WeightsSetter | null = null;
  const path = join(folder, 'hidden-weights.json');
  /** As the host does at its start: what it knew is what lies on disk. */
  async function start(): Promise<void> {
    const hidden = hiddenWeightsFile(path, (error) => told.push(error));
    await hidden.all();
    const mine: WeightsSetter = weightsSetter({
      chain: Object.assign(Object.create(chain) as typeof chain, {
        submit(...asked: Parameters<typeof chain.submit>) {
          doing = 'sending';
          kinds.push(asked[0].kind);
          return chain.submit(...asked);
        },
      }),
      ...{
        signer: validator,
        hotkey: validator.address,
        signal,
        hidden,
        last: memoryLast(),
        evidenceBlocks: ALWAYS,
      },
      problem: (error) => told.push(error),
      onState: () => states.push(mine.state),
    });
    mine.offer([{ hotkey: minerHotkey.address, average: 0.8, ...seen }]);
    setter = mine;
  }
  chain.on('finalized', ({ number }) => {
    if (doing !== 'nothing' || !setter) return;
    doing = 'preparing';
    setter.onBlock(number);
    void setter.settled().then(() => {
      doing = 'nothing';
    });
  });
  async function seal(): Promise<number> {
    const final = when(chain, 'finalized', () => true);
    const number = devnet.sealBlock();
    await final;
    while (doing === 'preparing') await new Promise((resolve) => setImmediate(resolve));
    // A call that is on its way gets its answers: as many as it needs to see that it is final.
    for (let answers = 0; doing === 'sending' && answers < 12; answers++) await weights();
    return number;
  }
  /** Seals until this holds. */
  async function sealUntil(holds: () => boolean | Promise<boolean>): Promise<number> {
    let last = 0;
    for (let sealed = 0; sealed < 6 * TEMPO && !(await holds()); sealed++) last = await seal();
    expect(await holds()).toBe(true);
    return last;
  }
  await start();
  return {
    ...{ start, seal, sealUntil, states, told, kinds, weights },
    stop: () => {
      setter = null;
    },
    file: () => readFile(path, 'utf8'),
  };
}

const committedIn = (states: readonly (WeightsState | null)[]) =>
  states.find((state) => state?.kind === 'committed') as
    | Extract<WeightsState, { kind: 'committed' }>
    | undefined;

describe('where the chain takes no lock of ours', () => {
  it.each([1, 2])(
    'weights are committed by their hash and told %i epochs later',
    async (revealPeriodEpochs) => {
      const { sealUntil, states, kinds, weights, told } = await open({ revealPeriodEpochs });
      await sealUntil(async () => (await weights()).length > 0);
      expect(await weights()).toEqual([[2, 65_535]]);
      await sealUntil(() => states.some((state) => state?.kind === 'set'));
      const committed = committedIn(states);
      const set = states.find((state) => state?.kind === 'set');
      expect(set?.block).toBeGreaterThanOrEqual(committed?.revealBlock ?? Number.NaN);
      expect(set?.block).toBeLessThan((committed?.revealBlock ?? 0) + TEMPO + 1);
      expect(kinds.slice(0, 1)).toEqual(['commitWeightsHash']);
      expect(kinds).toContain('revealWeights');
      expect(told).toEqual([]);
    },
  );

  it('a restart between the two tells what was committed before it', async () => {
    const { sealUntil, states, stop, start, file, weights, kinds } = await open();
    await sealUntil(() => committedIn(states) !== undefined);
    stop();
    expect(JSON.parse(await file()).value).toMatchObject([
      {
        block: committedIn(states)?.block,
        weights: [{ uid: 2, hotkey: minerHotkey.address, weight: 65_535 }],
      },
    ]);
    await start();
    await sealUntil(async () => (await weights()).length > 0);
    expect(await weights()).toEqual([[2, 65_535]]);
    expect(kinds.filter((kind) => kind === 'revealWeights')).toHaveLength(1);
    await sealUntil(async () => !(await file()).includes(`"block": ${committedIn(states)?.block},`));
  });

  it('who was away for the whole epoch is told that those weights are lost, and commits new ones', async () => {
    const { sealUntil, seal, states, stop, start, told, weights } = await open();
    await sealUntil(() => committedIn(states) !== undefined);
    const committed = committedIn(states);
    stop();
    for (let i = 0; i < 2 * TEMPO + 4; i++) await seal();
    await start();
    await sealUntil(() => told.length > 0);
    expect(told).toEqual([
      { code: 'HIDDEN_WEIGHTS_LOST', params: { block: committed?.block, error: 'ExpiredWeightCommit' } },
    ]);
    expect(await weights()).toEqual([]);
    await sealUntil(async () => (await weights()).length > 0);
  });
});
