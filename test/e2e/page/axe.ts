import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Rules of WCAG 2.2 AA, and what the makers of axe hold to be good practice besides. */
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const isThere = 'globalThis.axe !== undefined';
const run = `axe.run(document, { runOnly: ${JSON.stringify(tags)}, resultTypes: ['violations'] })
  .then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ target, html, failureSummary }) =>
    id + ' at ' + target.join(' ') + ': ' + html.slice(0, 160) + ' ' + failureSummary)))`;

/**
 * What axe finds wrong on the page as it stands, one line a fault. It comes in past the page's content policy, as a
 * debugger does; the page itself loads nothing.
 */
export async function accessibilityFaults(page: Page): Promise<readonly string[]> {
  if (!(await page.evaluate(isThere))) await page.evaluate(source);
  return page.evaluate<readonly string[]>(run);
}
