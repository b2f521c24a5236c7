import { hubUrl } from '../../../src-node/hub-url.ts';
import type { ChildClient } from '../../../src-shared/contract/child.ts';
import type { ModelContract } from '../../../src-shared/contract/model.ts';
import { AppError, describeError, toCodedError } from '../../../src-shared/errors/app-error.ts';
import type { Consensus, Profile } from '../../../src-shared/profile/schema.ts';

/** What fixes what a profile names: a process that reads the data set, and draws the weights. */
export type PinClient = Pick<ChildClient<ModelContract>, 'call'>;

/**
 * The same profile with its text and its first weights fixed for ever: the commit and the manifest of its data set, and
 * the digest of the weights that its seed gives. What of it was fixed already is computed again, and told where it
 * differs.
 * @throws {AppError} DATASET_NOT_PINNED where the Hub has nothing there for everybody, or of the data set
 */
export async function pinProfile(
  profile: Profile,
  textFolder: string | null,
  client: PinClient,
  signal: AbortSignal,
): Promise<Profile> {
  const { consensus, local } = profile;
  const folder = textFolder ?? local.textFolder ?? null;
  const { model, initialWeights } = consensus;
  const asked = { dataset: consensus.dataset, textFolder: folder, hubUrl: hubUrl() };
  const dataset = await client.call('pinDataset', asked, signal).catch((thrown: unknown) => {
    throw notThere(consensus.name, thrown);
  });
  const { digest } = await client.call('digestInitialWeights', { model, seed: initialWeights.seed }, signal);
  return {
    consensus: { ...consensus, dataset, initialWeights: { ...initialWeights, digest } },
    local: { ...local, ...(folder !== null && { textFolder: folder }) },
  };
}

/** What was fixed before and came out otherwise, in words: what was announced as the one is not the other. */
export function movedPins(before: Consensus, after: Consensus): readonly string[] {
  const pins = ({ dataset, initialWeights }: Consensus): Readonly<Record<string, string | null>> => ({
    'dataset.manifest': dataset.manifest,
    'initialWeights.digest': initialWeights.digest,
  });
  const now = pins(after);
  return Object.entries(pins(before)).flatMap(([pin, was]) =>
    was === null || was === now[pin] ? [] : [`${pin} was ${was}, and is ${now[pin]} by what is there now.`],
  );
}

/** The sentences of text are for who trains already, and goes on meanwhile. */
function notThere(name: string, thrown: unknown): unknown {
  const coded = toCodedError(thrown);
  if (coded.code !== 'TEXT_NOT_FOUND' && coded.code !== 'TEXT_REFUSED') return thrown;
  return new AppError('DATASET_NOT_PINNED', { name, why: describeError(coded).sentence }, thrown);
}
