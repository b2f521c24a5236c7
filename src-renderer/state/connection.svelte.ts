import type { HostApi } from '../../src-shared/contract/page/api.ts';
import type { View } from '../../src-shared/contract/page/sections.ts';
import { HostLine } from './host-line.svelte.ts';
import { CALL_LIMIT_MS } from './transport.ts';
import { view } from './view.svelte.ts';

/** The main page's line to the host. */
export const connection = new HostLine<HostApi, View>(
  { replace: (whole) => view.replace(whole), patch: (sections) => view.apply(sections) },
  CALL_LIMIT_MS,
);
