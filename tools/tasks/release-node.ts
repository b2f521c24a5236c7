import { join } from 'node:path';
import { areSame, publishedNode } from '../build/pack/published-node.ts';
import { ownTarget, runtimeSource } from '../build/pack/target.ts';
import { ROOT } from '../build/stamp.ts';

/**
 * `npm run release:node`: the Node that a release ships, from its publisher and with the published sum; prints where it
 * lies. Where the registry has a package of it too, that one has to be the same byte for byte: developers run on it.
 */
const VERSION = '24.21.0';

const target = ownTarget();
const binary = await publishedNode({ target, version: VERSION, folder: join(ROOT, 'out', 'published-node') });
// The registry has no such package for macOS.
if (target.platform !== 'darwin' && !areSame(binary, runtimeSource(target)))
  throw new Error(`The Node of the registry is not the published one of ${VERSION}.`);
console.log(binary);
