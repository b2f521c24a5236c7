import { expect, it, onTestFinished, vi } from 'vitest';
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
} from '../network/rig.ts';

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
  const setter = weightsSetter({
    ...{ chain, signer: validator, hotkey: validator.address, signal },
    problem: () => undefined,
    onState: () => states.push(setter.state),
  });
  chain.on('finalized', ({ number }) => setter.onBlock(number));
  const weights = async () => (await query(client, 'subtensorModule.weights', NETUID, 1)).toJSON();
  return { devnet, setter, states, weights };
}

it('weights that are hidden first are opened by the chain itself, in the block that was told', async () => {
  const { devnet, setter, states, weights } = await open();
  setter.offer([{ hotkey: minerHotkey.address, average: 0.8 }]);
  const seal = setInterval(() => devnet.sealBlock(), 20);
  onTestFinished(() => clearInterval(seal));
  let opened = 0;
  await vi.waitFor(
    async () => {
      expect(await weights()).toEqual([[2, 65_535]]);
      opened = devnet.sealBlock();
    },
    { timeout: 30_000, interval: 5 },
  );
  const [state] = states;
  if (state?.kind !== 'committed') throw new Error('nothing was committed');
  expect(state.revealBlock).toBeGreaterThan(state.block);
  expect(opened).toBeGreaterThanOrEqual(state.revealBlock);
  expect(opened - state.revealBlock).toBeLessThan(TEMPO);
});
