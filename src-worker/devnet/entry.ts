import { serveChild } from '../../src-node/child.ts';
import { devnetContract } from '../../src-shared/contract/devnet.ts';
import { startDevnet } from './start.ts';

serveChild(devnetContract, async (config, { stopping }) => {
  const devnet = await startDevnet(config, stopping);
  return {
    facts: { url: devnet.url, genesisHash: devnet.genesisHash },
    handlers: { sealBlock: async () => devnet.sealBlock() },
    stop: () => devnet.stop(),
  };
});
