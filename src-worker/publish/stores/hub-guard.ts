import * as v from 'valibot';
import { sha256Hex } from '../../../src-node/sha256.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { MANIFEST } from '../../../src-shared/published/manifest.ts';
import { INLINE_BYTES_MAX } from '../limits.ts';
import { HUB } from './hub-api.ts';
import type { LocalState } from './store.ts';

const preuploadSchema = v.object({
  files: v.array(v.object({ path: v.string(), uploadMode: v.picklist(['lfs', 'regular']) })),
});

/** A line of a commit: content itself, content by its digest, or something without content. */
const lineSchema = v.variant('key', [
  v.object({ key: v.literal('file'), value: v.object({ path: v.string(), content: v.string() }) }),
  v.object({ key: v.literal('lfsFile'), value: v.object({ path: v.string(), oid: v.string() }) }),
  v.object({ key: v.picklist(['header', 'deletedFile']) }),
]);

/**
 * Looks at what the library is about to do for one state: that nothing large would be sent within a commit, whatever the
 * other side asks for, and that a commit names what the manifest does, to the byte. A file that changed on the disk is
 * found here without being read once more.
 */
export function guardCommit(local: LocalState, given: typeof fetch): typeof fetch {
  const sizes = new Map(local.manifest.files.map(({ name, sizeBytes }) => [name, sizeBytes]));
  const digests = new Map<string, string>([
    ...local.manifest.files.map(({ name, sha256 }): [string, string] => [name, sha256]),
    [MANIFEST, sha256Hex(local.manifestText)],
  ]);
  return async (input, init) => {
    const { pathname } = new URL(input instanceof Request ? input.url : input);
    if (/\/commit\/[^/]+$/.test(pathname)) demandSame(String(init?.body));
    const response = await given(input, init);
    if (/\/preupload\/[^/]+$/.test(pathname) && response.ok) await demandSmall(response);
    return response;
  };

  function demandSame(body: string): void {
    for (const text of body.split('\n')) {
      const line = v.parse(lineSchema, JSON.parse(text));
      if (!('value' in line)) continue;
      const { path } = line.value;
      const found =
        line.key === 'lfsFile' ? line.value.oid : sha256Hex(Buffer.from(line.value.content, 'base64'));
      if (found !== digests.get(path))
        throw new AppError('PUBLISH_FOLDER_UNFIT', { path: local.folder, what: `${path} has changed` });
    }
  }

  async function demandSmall(response: Response): Promise<void> {
    const parsed = v.safeParse(
      preuploadSchema,
      await response
        .clone()
        .json()
        .catch(() => null),
    );
    const isLarge = ({ path, uploadMode }: { path: string; uploadMode: string }) =>
      uploadMode === 'regular' && (sizes.get(path) ?? 0) > INLINE_BYTES_MAX;
    if (!parsed.success || parsed.output.files.some(isLarge))
      throw new AppError('STORE_ANSWER_FOREIGN', { store: HUB, what: 'how to send files' });
  }
}
