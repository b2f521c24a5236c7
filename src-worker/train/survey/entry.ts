import { serveChild } from '../../../src-node/child.ts';
import { surveyContract } from '../../../src-shared/contract/survey.ts';
import { listAdapters } from '../engine/gpu/adapters.ts';
import { controllers } from './controllers.ts';
import { probe } from './probe.ts';

serveChild(surveyContract, async () => ({
  facts: { adapters: [...(await listAdapters())], controllers: [...(await controllers())] },
  handlers: { probe },
  stop: async () => undefined,
}));
