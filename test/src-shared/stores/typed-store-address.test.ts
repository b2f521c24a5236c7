import { expect, test } from 'vitest';
import { printStoreAddress } from '../../../src-shared/stores/store-address.ts';
import { typedStoreAddress } from '../../../src-shared/stores/typed-store-address.ts';

test.each([
  ['hub:owner/name', 'hub:owner/name'],
  [' https://huggingface.co/owner/name ', 'hub:owner/name'],
  ['https://huggingface.co/owner/name/tree/1.2.3?x=1', 'hub:owner/name'],
  ['/home/you/states', 'folder:/home/you/states'],
  ['s3:host.example/bucket', 's3:host.example/bucket'],
  ['https://host.example/states', 'https://host.example/states/'],
])('%s is %s', (typed, address) => {
  expect(printStoreAddress(typedStoreAddress(typed)!)).toBe(address);
});

test.each(['', 'owner/name', 'hub:owner', 'https://huggingface.co/owner', 'ftp://host/x/', 'states'])(
  '“%s” names no store of states',
  (typed) => {
    const address = typedStoreAddress(typed);
    expect(address === null || address.kind === 'web').toBe(true);
  },
);
