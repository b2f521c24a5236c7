import { expect, it, onTestFinished } from 'vitest';
import { weightsSetter } from '../../../src-main/scoring/weights-setter.ts';
import type { WeightsState } from '../../../src-shared/contract/page/runs.ts';
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
import { memoryHidden } from './memory-hidden.ts';
import { ALWAYS, memoryLast, seen } from './memory-last.ts';

const TAO = 10n ** 9n;
const validator = testSigner('//hidden-validator');
const TEMPO = 20;

async function open() {
  const seats = [
    { hotkey: validator.address, coldkey: miner.address, stakeAlpha: 1_000n * TAO, validatorPermit: true },
    { hotkey: minerHotkey.address, coldkey: miner.address },
  ];
  const devnet = await startTestChain({
    subnets: [
      {
        ...{ netuid: NETUID, name: SUBNET_NAME, ownerColdkey: owner.address },
        ...{ ownerHotkey: ownerHotkey.address, taoReserveRao: 1_000n * TAO, alphaReserveRao: 1_000n * TAO },
        ...{ tempo: TEMPO, commitReveal: true, neurons: seats },
      },
    ],
  });
  const ending = new AbortController();
  const { signal } = ending;
  const chain = await connect([devnet.url], signal);
  const client = await connectClient(devnet.url);
  onTestFinished(async () => {
    ending.abort();
    await client.disconnect();
    await chain.stop();
    await devnet.stop();
  });
  const states: (WeightsState | null)[] = [];
  /** While it prepares a call the chain stands: on a busy machine an epoch would be over before. */
  let doing: 'nothing' | 'preparing' | 'sending' = 'nothing';
  const setter = weightsSetter({
    chain: Object.assign(Object.create(chain) as typeof chain, {
      submit(...asked: Parameters<typeof chain.submit>) {
        doing = 'sending';
        return chain.submit(...asked);
      },
    }),
    ...{
      signer: validator,
      hotkey: validator.address,
      signal,
      hidden: memoryHidden(),
      last: memoryLast(),
      evidenceBlocks: ALWAYS,
    },
    problem: () => undefined,
    onState: () => states.push(setter.state),
  });
  chain.on('finalized', ({ number }) => {
    if (doing !== 'nothing') return;
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
    return number;
  }
  const weights = async () => (await query(client, 'subtensorModule.weights', NETUID, 1)).toJSON();
  return { seal, setter, states, weights };
}

it('weights that are hidden first are opened by the chain itself, in the block that was told', async () => {
  const { seal, setter, states, weights } = await open();
  setter.offer([{ hotkey: minerHotkey.address, average: 0.8, ...seen }]);
  let opened = 0;
  for (let sealed = 0; sealed < 4 * TEMPO && (await weights()).length === 0; sealed++) opened = await seal();
  expect(await weights()).toEqual([[2, 65_535]]);
  const [state] = states;
  if (state?.kind !== 'committed') throw new Error('nothing was committed');
  expect(state.revealBlock).toBeGreaterThan(state.block);
  expect(opened).toBeGreaterThanOrEqual(state.revealBlock);
  expect(opened - state.revealBlock).toBeLessThan(TEMPO);
});
