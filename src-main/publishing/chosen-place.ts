import { hubUrl } from '../../src-node/hub-url.ts';
import type { ReadPlace, StorePlace } from '../../src-shared/contract/publish/stores.ts';
import type { SettingValues } from '../../src-shared/settings.ts';
import { isLoopbackHost, parseStoreAddress } from '../../src-shared/stores/store-address.ts';
import type { Tokens } from '../vault/tokens.ts';

/** A store with what opens it. */
export interface OpenedPlace<Place extends ReadPlace = ReadPlace> {
  readonly place: Place;
  /** For one call; kept nowhere. */
  readonly secret: string | null;
}

/** A bucket as it is spoken to: on this computer without encryption. Amazon's own addresses name the region that requests are signed for; others want `auto`. */
export function bucketAt({ endpoint, bucket }: { readonly endpoint: string; readonly bucket: string }) {
  const [, region = 'auto'] = /^s3[.-]([a-z0-9-]+)\.amazonaws\.com$/.exec(endpoint) ?? [];
  const scheme = isLoopbackHost(new URL(`https://${endpoint}`).hostname) ? 'http' : 'https';
  return { endpoint: `${scheme}://${endpoint}`, bucket, region };
}

/** Where states go by the settings, in a word for people; null: nowhere. */
export function placeName(values: SettingValues): string | null {
  switch (values['publishing.to']) {
    case 'hub':
      return `hub:${values['publishing.repository']}`;
    case 's3':
      return values['publishing.bucket'] === '' ? null : `s3:${values['publishing.bucket']}`;
    case 'folder':
      return values['publishing.folder'] === '' ? null : `folder:${values['publishing.folder']}`;
    default:
      return null;
  }
}

/**
 * The chosen place with what opens it, read anew for each job.
 * @param repositoryName where the account of the key is to have one made
 * @throws {AppError} of the token
 */
export async function openPlace(
  values: SettingValues,
  repositoryName: string,
  tokens: Pick<Tokens, 'reveal'>,
): Promise<OpenedPlace<StorePlace> | null> {
  const name = values['publishing.token'];
  switch (values['publishing.to']) {
    case 'hub': {
      const repository = values['publishing.repository'] || null;
      const { token } = await tokens.reveal(name, 'hub');
      const xet = values['publishing.xet'];
      return { place: { kind: 'hub', url: hubUrl(), repository, repositoryName, xet }, secret: token };
    }
    case 's3': {
      const address = parseStoreAddress(`s3:${values['publishing.bucket']}`);
      if (address?.kind !== 's3') return null;
      const { accessKeyId, secretAccessKey } = await tokens.reveal(name, 's3');
      const place = { kind: 's3', ...bucketAt(address), accessKeyId } as const;
      return { place, secret: secretAccessKey };
    }
    case 'folder': {
      const path = values['publishing.folder'];
      return path === '' ? null : { place: { kind: 'folder', path }, secret: null };
    }
    default:
      return null;
  }
}
