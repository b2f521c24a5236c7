import { describe, expect, it } from 'vitest';
import { installFault } from '../../../../src-main/shells/electron/install-faults.ts';
import { AppError } from '../../../../src-shared/errors/app-error.ts';

const wanted = { version: '0.2.0', place: '/opt/Butterfly.AppImage' };
const coded = (code: string, more: object = {}) =>
  Object.assign(new Error('what a library says'), { code, ...more });

describe('what an installation fails with', () => {
  it.each<[string, unknown, string, object]>([
    ['another digest', coded('ERR_CHECKSUM_MISMATCH'), 'UPDATE_FILE_WRONG', { why: 'another checksum' }],
    ['a signature, on Windows', coded('ERR_UPDATER_INVALID_SIGNATURE'), 'UPDATE_SIGNATURE_WRONG', {}],
    [
      'a signature, on macOS',
      new Error(
        'Code signature at URL file:///x/ did not pass validation: code failed to satisfy specified code requirement(s)',
      ),
      'UPDATE_SIGNATURE_WRONG',
      {},
    ],
    [
      'an image that is mounted, on macOS',
      new Error(
        'Cannot update while running on a read-only volume. The application is on a read-only volume.',
      ),
      'UPDATE_PLACE_READ_ONLY',
      { path: wanted.place },
    ],
    [
      'a folder of somebody else',
      coded('EACCES', { path: '/opt' }),
      'UPDATE_PLACE_READ_ONLY',
      { path: '/opt' },
    ],
    ['a disk that is mounted so', coded('EROFS'), 'UPDATE_PLACE_READ_ONLY', { path: wanted.place }],
    ['a full disk', coded('ENOSPC', { path: '/cache/x' }), 'DISK_FULL', { path: '/cache/x' }],
    ['a bad disk', coded('EIO'), 'DISK_FAILING', { path: wanted.place }],
    ['no answer', coded('ECONNREFUSED'), 'UPDATE_HAND_OVER_FAILED', { why: 'ECONNREFUSED' }],
    [
      'an answer of another kind',
      coded('HTTP_ERROR_404'),
      'UPDATE_HAND_OVER_FAILED',
      { why: 'HTTP_ERROR_404' },
    ],
    [
      'an answer in a sentence',
      new Error('Cannot download "http://127.0.0.1:1/x", status 404: Not Found'),
      'UPDATE_HAND_OVER_FAILED',
      { why: 'answer 404' },
    ],
    [
      'Chromium’s word',
      new Error('net::ERR_CONNECTION_RESET'),
      'UPDATE_HAND_OVER_FAILED',
      { why: 'ERR_CONNECTION_RESET' },
    ],
    [
      'a sentence of a library',
      new Error('something at /home/jane'),
      'UPDATE_HAND_OVER_FAILED',
      { why: 'no reason given' },
    ],
    ['nothing at all', undefined, 'UPDATE_HAND_OVER_FAILED', { why: 'no reason given' }],
  ])('is %s, by a code of ours', (_what, thrown, code, params) => {
    const fault = installFault(thrown, wanted);
    expect(fault.code).toBe(code);
    expect(fault.params).toMatchObject(params);
  });

  it('is what has a code of ours already', () => {
    const own = new AppError('CANCELLED');
    expect(installFault(own, wanted)).toBe(own);
  });
});
