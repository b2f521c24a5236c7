import { hubUrl } from '../../../src-node/hub-url.ts';
import type { ChildClient } from '../../../src-shared/contract/child.ts';
import type { ModelContract } from '../../../src-shared/contract/model.ts';
import type { Consensus, Profile } from '../../../src-shared/profile/schema.ts';

/** What fixes what a profile names: a process that reads the data set, and draws the weights. */
export type PinClient = Pick<ChildClient<ModelContract>, 'call'>;

/**
 * The same profile with its text and its first weights fixed for ever: the commit and the manifest of its data set, and
 * the digest of the weights that its seed gives. What of it was fixed already is computed again, and told where it
 * differs.
 * @throws {AppError} of the data set
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
  const dataset = await client.call(
    'pinDataset',
    { dataset: consensus.dataset, textFolder: folder, hubUrl: hubUrl() },
    signal,
  );
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
