import { createHash, randomBytes } from 'node:crypto';
import { type Answer, type Asked, type FakeServer, fakeServer, ranged } from './fake-store.ts';

export const S3_KEY = { accessKeyId: 'AKTEST', secretAccessKey: 'not-a-real-secret' } as const;

interface Stored {
  readonly bytes: Buffer;
  readonly sha256: string | undefined;
}

interface Begun {
  readonly key: string;
  readonly sha256: string | undefined;
  readonly parts: Map<number, Buffer>;
}

export interface FakeS3 extends FakeServer {
  readonly bucket: string;
  readonly objects: Map<string, Stored>;
  readonly uploads: Map<string, Begun>;
}

/**
 * One bucket that speaks as much of S3 as Butterfly does. Signatures are looked at for whose key they name.
 * @param isOpen everybody may read objects of it
 */
export async function fakeS3({ isOpen = false } = {}): Promise<FakeS3> {
  const bucket = 'states';
  const objects = new Map<string, Stored>();
  const uploads = new Map<string, Begun>();

  function answer(asked: Asked): Answer {
    const { method, path, query, headers, body } = asked;
    const isOpenRead = isOpen && method === 'GET' && headers.authorization === undefined;
    const isOwner = headers.authorization?.includes(`Credential=${S3_KEY.accessKeyId}/`);
    if (!isOpenRead && !isOwner) return error(403, 'InvalidAccessKeyId');
    const [, name, ...rest] = path.split('/');
    if (name !== bucket) return error(404, 'NoSuchBucket');
    const key = rest.join('/');
    const sha256 = headers['x-amz-meta-sha256'] as string | undefined;
    if (key === '') return list(query);
    if (query.has('uploadId')) return multipart(asked, key, query.get('uploadId')!);
    if (method === 'POST' && query.has('uploads')) {
      const uploadId = randomBytes(8).toString('hex');
      uploads.set(uploadId, { key, sha256, parts: new Map() });
      return xml(
        `<InitiateMultipartUploadResult><UploadId>${uploadId}</UploadId></InitiateMultipartUploadResult>`,
      );
    }
    if (method === 'PUT') {
      objects.set(key, { bytes: body, sha256 });
      return { status: 200, headers: { etag: `"${md5(body)}"` } };
    }
    if (method === 'DELETE') {
      objects.delete(key);
      return { status: 204 };
    }
    return get(key, headers.range);
  }

  function get(key: string, range: string | undefined): Answer {
    const found = objects.get(key);
    if (!found) return error(404, 'NoSuchKey');
    const said = ranged(found.bytes, range);
    const digest = found.sha256 ? { 'x-amz-meta-sha256': found.sha256 } : {};
    return { ...said, headers: { ...said.headers, ...digest } };
  }

  function list(query: URLSearchParams): Answer {
    const prefix = query.get('prefix') ?? '';
    if (query.has('uploads')) {
      const listed = [...uploads]
        .filter(([, { key }]) => key.startsWith(prefix))
        .map(([id, { key }]) => `<Upload><Key>${key}</Key><UploadId>${id}</UploadId></Upload>`);
      return xml(`<ListMultipartUploadsResult>${listed.join('')}</ListMultipartUploadsResult>`);
    }
    const keys = [...objects.keys()].filter((key) => key.startsWith(prefix)).sort();
    const contents = keys.map(
      (key) => `<Contents><Key>${key}</Key><Size>${objects.get(key)!.bytes.length}</Size></Contents>`,
    );
    return xml(`<ListBucketResult><IsTruncated>false</IsTruncated>${contents.join('')}</ListBucketResult>`);
  }

  function multipart({ method, query, body }: Asked, key: string, uploadId: string): Answer {
    const upload = uploads.get(uploadId);
    if (upload?.key !== key) return error(404, 'NoSuchUpload');
    switch (method) {
      case 'PUT':
        upload.parts.set(Number(query.get('partNumber')), body);
        return { status: 200, headers: { etag: `"${md5(body)}"` } };
      case 'GET': {
        const listed = [...upload.parts].map(
          ([number, bytes]) =>
            `<Part><PartNumber>${number}</PartNumber><ETag>&quot;${md5(bytes)}&quot;</ETag><Size>${bytes.length}</Size></Part>`,
        );
        return xml(`<ListPartsResult><IsTruncated>false</IsTruncated>${listed.join('')}</ListPartsResult>`);
      }
      case 'DELETE':
        uploads.delete(uploadId);
        return { status: 204 };
      default: {
        const numbers = [...body.toString().matchAll(/<PartNumber>(\d+)</g)].map(([, n]) => Number(n));
        const bytes = Buffer.concat(numbers.map((number) => upload.parts.get(number)!));
        objects.set(key, { bytes, sha256: upload.sha256 });
        uploads.delete(uploadId);
        return xml(
          `<CompleteMultipartUploadResult><ETag>"${md5(bytes)}-${numbers.length}"</ETag></CompleteMultipartUploadResult>`,
        );
      }
    }
  }

  const server = await fakeServer(answer);
  return {
    url: server.url,
    asked: server.asked,
    fail: server.fail,
    stop: server.stop,
    get putBytes() {
      return server.putBytes;
    },
    bucket,
    objects,
    uploads,
  };
}

const md5 = (bytes: Buffer): string => createHash('md5').update(bytes).digest('hex');
const xml = (body: string): Answer => ({
  status: 200,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?>${body}`,
});
const error = (status: number, code: string): Answer => ({
  ...xml(`<Error><Code>${code}</Code><Message>no</Message></Error>`),
  status,
});
