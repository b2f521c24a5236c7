import { describe, expect, it } from 'vitest';
import { type PlanGround, planOf } from '../../../src-main/scoring/weights-plan.ts';
import { validator } from '../../../src-renderer/i18n/en/validator.ts';
import { weightsHeldCodes } from '../../../src-shared/contract/page/weights-plan.ts';
import { alphaRao, ss58 } from '../../../src-shared/units.ts';
import { fakeChain } from '../../fakes/fake-chain.ts';

describe('why no weights are set', () => {
  const [me, anna] = [ss58('5Me'), ss58('5Anna')];
  const BLOCK = 50;

  async function groundOf(hasPermit = true): Promise<PlanGround> {
    const { signal } = new AbortController();
    const stakeAlpha = alphaRao(1n);
    const neurons = [me, anna].map((hotkey) => ({ hotkey, stakeAlpha, validatorPermit: hasPermit }));
    const chain = fakeChain({ neurons });
    chain.sealTo(BLOCK);
    return {
      ...{ block: BLOCK, hotkey: me, evidenceBlocks: 96 },
      averages: [{ hotkey: anna, average: 0.5, workedBlock: BLOCK, checkedBlock: BLOCK }],
      neurons: await chain.metagraph(null, signal),
      subnet: await chain.subnet(null, signal),
    };
  }

  it('is a sentence with everything that it names', async () => {
    const ground = await groundOf();
    const [average] = ground.averages;
    const grounds: readonly PlanGround[] = [
      { ...ground, averages: [{ ...average!, checkedBlock: null }] },
      { ...ground, averages: [{ ...average!, average: 0 }] },
      { ...ground, subnet: { ...ground.subnet, maxWeightsLimit: 655 } },
      { ...ground, hotkey: ss58('5Gone') },
      await groundOf(false),
      { ...ground, neurons: ground.neurons.map((one) => ({ ...one, lastUpdate: BLOCK })) },
    ];
    const held = grounds.map((one) => planOf(one, null).held!);
    expect(held.map(({ code }) => code)).toEqual(weightsHeldCodes);
    for (const { code, params } of held) {
      const named = [...validator[`held.${code}`].matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect(Object.keys(params), code).toEqual(expect.arrayContaining(named));
    }
  });
});
