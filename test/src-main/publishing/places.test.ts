import { afterEach, describe, expect, it, vi } from 'vitest';
import { openPlace, placeName } from '../../../src-main/publishing/chosen-place.ts';
import { readPlace } from '../../../src-main/publishing/read-place.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { defaultSettings, type SettingValues } from '../../../src-shared/settings.ts';
import { parseStoreAddress } from '../../../src-shared/stores/store-address.ts';

afterEach(() => void vi.unstubAllEnvs());

const chosen = (values: Partial<SettingValues>): SettingValues => ({ ...defaultSettings, ...values });
const secrets = {
  hub: { kind: 'hub', token: 'hf_x' },
  s3: { kind: 's3', accessKeyId: 'AK', secretAccessKey: 'SK' },
};
const tokens = {
  reveal: async (name: string, kind: string) => {
    if (!(name in secrets)) throw new AppError('TOKEN_UNKNOWN', { name });
    return secrets[kind as keyof typeof secrets] as never;
  },
};

describe('where states go by the settings', () => {
  it('is nowhere until somebody chooses', async () => {
    expect(placeName(defaultSettings)).toBeNull();
    expect(await openPlace(defaultSettings, 'x', tokens)).toBeNull();
  });

  it('is the account of the key where no repository is named', async () => {
    const values = chosen({ 'publishing.to': 'hub' });
    expect(await openPlace(values, 'sn38-x', tokens)).toMatchObject({
      place: { kind: 'hub', repository: null, repositoryName: 'sn38-x', xet: false },
      secret: 'hf_x',
    });
  });

  it.each([
    ['account.r2.cloudflarestorage.com', 'auto'],
    ['s3.eu-west-1.amazonaws.com', 'eu-west-1'],
  ])('is a bucket at %s, signed for %s', async (host, region) => {
    const values = chosen({
      ...{ 'publishing.to': 's3', 'publishing.token': 's3', 'publishing.bucket': `${host}/states` },
    });
    expect(await openPlace(values, 'x', tokens)).toEqual({
      place: { kind: 's3', endpoint: `https://${host}`, bucket: 'states', region, accessKeyId: 'AK' },
      secret: 'SK',
    });
  });

  it('says that there is no key', async () => {
    const values = chosen({ 'publishing.to': 'hub', 'publishing.token': 'other' });
    await expect(openPlace(values, 'x', tokens)).rejects.toMatchObject({ code: 'TOKEN_UNKNOWN' });
  });
});

const readAt = (text: string) => readPlace(parseStoreAddress(text)!);

describe('a store that is read by its address', () => {
  it('needs no key where it is open to all, and takes the one that its address brings', () => {
    expect(readAt('hub:me/states')).toMatchObject({ place: { repository: 'me/states' }, secret: null });
    expect(readAt('s3:host.example/states')).toMatchObject({ place: { accessKeyId: '' }, secret: null });
    expect(readAt('s3:host.example/states#AK:SK')).toMatchObject({
      place: { accessKeyId: 'AK' },
      secret: 'SK',
    });
    expect(readAt('folder:/states')).toEqual({ place: { kind: 'folder', path: '/states' }, secret: null });
  });

  it('is an address of the web as it stands, without a key', () => {
    const url = 'https://example.org/states/';
    expect(readAt(url)).toEqual({ place: { kind: 'web', url }, secret: null });
  });

  it('is at the mirror of the Hub that the environment names, as data sets are', () => {
    vi.stubEnv('HF_ENDPOINT', 'https://mirror.example/');
    expect(readAt('hub:me/states')).toMatchObject({ place: { url: 'https://mirror.example' } });
    vi.unstubAllEnvs();
    expect(readAt('hub:me/states')).toMatchObject({ place: { url: 'https://huggingface.co' } });
  });
});
