import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isNearby,
  parseStoreAddress,
  printStoreAddress,
  STORE_ADDRESS_CHARS_MAX,
  type StoreAddress,
} from '../../../src-shared/stores/store-address.ts';
import { runs } from '../../runs.ts';

const name = fc.stringMatching(/^[A-Za-z0-9]{1,20}$/);
const host = fc.stringMatching(/^[a-z][a-z0-9]{0,10}\.[a-z]{2,5}$/);
const key = fc.stringMatching(/^[A-Za-z0-9._~+=/-]{1,64}$/);
const addresses: fc.Arbitrary<StoreAddress> = fc.oneof(
  fc.record({
    kind: fc.constant('hub' as const),
    repository: fc.tuple(name, name).map((two) => two.join('/')),
  }),
  fc.record({
    kind: fc.constant('s3' as const),
    endpoint: host,
    bucket: fc.stringMatching(/^[a-z0-9][a-z0-9-]{1,40}[a-z0-9]$/),
    readKey: fc.option(fc.record({ keyId: key, secretKey: key })),
  }),
  fc.record({
    kind: fc.constant('web' as const),
    url: fc.tuple(host, name).map(([at, path]) => `https://${at}/${path}/`),
  }),
  fc.record({
    kind: fc.constant('folder' as const),
    path: fc.stringMatching(/^\/[a-zA-Z0-9 äö/._-]{0,80}$/),
  }),
);

describe('the address of a store', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(addresses, (address) => {
        expect(parseStoreAddress(printStoreAddress(address))).toEqual(address);
      }),
    );
  });

  it('that anybody sends is one whose text is that very text, or none', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 600 }),
      fc
        .tuple(
          fc.constantFrom('hub:', 's3:', 'https://', 'http://', 'folder:', ''),
          fc.string({ maxLength: 60 }),
        )
        .map((two) => two.join('')),
    );
    fc.assert(
      fc.property(hostile, (text) => {
        const address = parseStoreAddress(text);
        if (address) expect(printStoreAddress(address)).toBe(text);
      }),
      { numRuns: runs(2_000) },
    );
  });

  it.each([
    'hub:butterfly/run-1',
    's3:0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com/runs#keyid:secret',
    's3:127.0.0.1:9000/runs',
    'https://example.org/a/b/',
    'http://127.0.0.1:8080/',
    'folder:/srv/run',
    'folder:C:\\runs\\mine',
  ])('%s is one', (text) => {
    expect(parseStoreAddress(text)).not.toBeNull();
  });

  it.each([
    ['a repository without a user', 'hub:run'],
    ['a way out of a repository', 'hub:a/../b'],
    ['a user in a web address', 'https://me:secret@example.org/'],
    ['a question in a web address', 'https://example.org/?to=elsewhere'],
    ['an empty question', 'https://example.org/?'],
    ['a web address that could be overheard', 'http://example.org/'],
    ['a web address of one file', 'https://example.org/profile.json'],
    ['a web address that is written otherwise', 'https://EXAMPLE.org/'],
    ['a folder that depends on where one stands', 'folder:runs'],
    ['a share of another computer', 'folder:\\\\server\\share'],
    ['a folder with a line end', 'folder:/a\nb'],
    ['another protocol', 'file:///etc/passwd'],
    ['a bucket in capitals', 's3:example.org/Runs'],
    ['a key without its secret', 's3:example.org/runs#keyid'],
    ['one that is too long', `https://example.org/${'a'.repeat(STORE_ADDRESS_CHARS_MAX)}/`],
  ])('%s is none', (_what, text) => {
    expect(parseStoreAddress(text)).toBeNull();
  });

  it.each([
    ['hub:butterfly/run', false],
    ['https://example.org/', false],
    ['https://8.8.8.8/', false],
    ['s3:s3.example.org/runs', false],
    ['http://127.0.0.1:8080/', true],
    ['https://localhost/', true],
    ['https://localhost./', true],
    ['https://10.0.0.4/', true],
    ['https://172.20.1.1/', true],
    ['https://192.168.1.1/', true],
    ['https://169.254.169.254/latest/', true],
    ['https://100.100.100.100/', true],
    ['https://[fd00::1]/', true],
    ['https://router/', true],
    ['https://nas.local/', true],
    ['s3:127.0.0.1:9000/runs', true],
    ['folder:/srv/run', true],
  ])('%s leads nearby: %s', (text, nearby) => {
    const address = parseStoreAddress(text);
    expect(address && isNearby(address)).toBe(nearby);
  });
});
