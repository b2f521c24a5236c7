import { serveChild } from '../../src-node/child.ts';
import { devnetContract } from '../../src-shared/contract/devnet.ts';
import { startDevnet } from './start.ts';

serveChild(devnetContract, async (config, door) => {
  const devnet = await startDevnet(config, door.stopping, {
    notice: (error) => door.notice(error),
    clearNotice: (code) => door.clearNotice(code),
    paceChanged: (blockMs) => door.emit('pace', { blockMs }),
  });
  const { url, genesisHash, hasBegun, blockMs, lost } = devnet;
  return {
    facts: { url, genesisHash, hasBegun, blockMs, lost },
    handlers: {
      sealBlock: async () => devnet.sealBlock(),
      setBlockMs: async ({ blockMs: wanted }) => {
        devnet.setBlockMs(wanted);
        return undefined;
      },
      goOn: async () => {
        devnet.goOn();
        return undefined;
      },
    },
    stop: () => devnet.stop(),
  };
});
