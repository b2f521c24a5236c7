import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ANNOUNCEMENT_BLOCK_MAX,
  announcementIn,
  printAnnouncement,
  withAnnouncement,
} from '../../../src-shared/profile/announcement.ts';
import { hex } from '../../../src-shared/units.ts';
import { runs } from '../../runs.ts';

const profileHash = hex('ab'.repeat(32));
const store = { kind: 'hub', repository: 'me/run' } as const;
const announcements = fc.record({
  block: fc.integer({ min: 1, max: ANNOUNCEMENT_BLOCK_MAX }),
  profileHash: fc
    .uint8Array({ minLength: 32, maxLength: 32 })
    .map((bytes) => hex(Buffer.from(bytes).toString('hex'))),
  store: fc.constantFrom(
    store,
    { kind: 'web', url: 'https://example.org/run/' } as const,
    {
      kind: 'folder',
      path: '/srv/a run',
    } as const,
  ),
});
/** What a subnet's owner may have written there for others. */
const otherText = fc
  .array(
    fc.string({ maxLength: 40 }).filter((line) => !line.includes('\n')),
    { maxLength: 4 },
  )
  .map((lines) => lines.join('\n'));

describe('the announcement of a run', () => {
  it('is read as it was written, whatever else the owner says there', () => {
    fc.assert(
      fc.property(announcements, otherText, (announcement, text) => {
        expect(announcementIn(withAnnouncement(text, announcement))).toEqual(announcement);
      }),
    );
  });

  it('takes the place of the one before, and leaves the rest when it goes', () => {
    fc.assert(
      fc.property(announcements, announcements, otherText, (first, second, text) => {
        const rest = withAnnouncement(text, null);
        const both = withAnnouncement(withAnnouncement(text, first), second);
        expect(announcementIn(both)).toEqual(second);
        expect(withAnnouncement(both, null)).toBe(rest);
      }),
    );
  });

  it('is none in any text of a stranger that would be written otherwise', () => {
    const lines = fc
      .tuple(fc.constantFrom('butterfly-run/1 ', ''), fc.string({ maxLength: 120 }))
      .map((two) => two.join(''));
    fc.assert(
      fc.property(
        fc.array(lines, { maxLength: 3 }).map((all) => all.join('\n')),
        (text) => {
          const found = announcementIn(text);
          if (found) expect(text.split('\n')).toContain(printAnnouncement(found));
        },
      ),
      { numRuns: runs(1_000) },
    );
  });

  const line = printAnnouncement({ block: 1, profileHash, store });
  it.each([
    ['nothing', ''],
    ['two of them', `${line}\n${printAnnouncement({ block: 2, profileHash, store })}`],
    ['one beside one of a later format', `${line}\nbutterfly-run/2 whatever`],
    ['a block of no chain', line.replace(' 1 ', ' 0 ')],
    ['a block with a sign', line.replace(' 1 ', ' +1 ')],
    ['a short hash', line.replace('ab', '')],
    ['capitals in the hash', line.replace('ab', 'AB')],
    ['no address', line.replace(' hub:me/run', '')],
    ['an address that is none', line.replace('hub:me/run', 'ftp://example.org/')],
    ['words behind the address', `${line} and more`],
  ])('is not found in %s', (_what, text) => {
    expect(announcementIn(text)).toBeNull();
  });
});
