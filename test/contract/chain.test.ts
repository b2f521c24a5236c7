import { rao } from '../../src-shared/units.ts';
import { fakeChain } from '../fakes/fake-chain.ts';
import {
  connect,
  connectedIs,
  miner,
  minerHotkey,
  owner,
  ownerHotkey,
  sealing,
  startTestChain,
  startWire,
} from '../src-main/network/rig.ts';
import { chainContract } from './chain-contract.ts';

const keys = { owner, ownerHotkey, miner, minerHotkey };
const START_RAO = rao(1_000_000_000_000n);

chainContract('in memory', async () => {
  const chain = fakeChain({
    neurons: [{ hotkey: ownerHotkey.address, coldkey: owner.address }],
    subnet: { ownerColdkey: owner.address, firstEmissionBlock: null, burnRao: rao(100_000_000n) },
    freeRao: new Map([
      [owner.address, START_RAO],
      [miner.address, START_RAO],
    ]),
    alphaPriceRao: rao(1_000_000_000n),
    poolTaoRao: rao(1_000_000_000_000n),
  });
  chain.sealTo(1);
  const sealBlock = () => {
    const next = (chain.head?.number ?? 0) + 1;
    chain.sealTo(next);
    return next;
  };
  return {
    chain,
    keys,
    sealing: (work) => sealing({ sealBlock }, work),
    async lose(call, signer, lastBlock) {
      chain.holdCalls(true);
      const { signal } = new AbortController();
      const fate = await sealing({ sealBlock }, chain.submit(call, signer, signal, { lastBlock }));
      chain.holdCalls(false);
      return fate;
    },
    stop: async () => undefined,
  };
});

chainContract('of the practice node, over its socket', async () => {
  const devnet = await startTestChain();
  const wire = await startWire(devnet.url);
  const { signal } = new AbortController();
  const chain = await connect([wire.url], signal);
  return {
    chain,
    keys,
    sealing: (work) => sealing(devnet, work),
    async lose(call, signer, lastBlock) {
      const sign = async (payload: Uint8Array) => {
        wire.cut();
        return signer.sign(payload);
      };
      const fate = chain.submit(call, { address: signer.address, sign }, signal, { lastBlock });
      await connectedIs(chain, false);
      wire.mend();
      return sealing(devnet, fate);
    },
    async stop() {
      await chain.stop();
      await wire.stop();
      await devnet.stop();
    },
  };
});
