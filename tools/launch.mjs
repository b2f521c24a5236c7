#!/usr/bin/env node
// Runs a task of tools/tasks on a Node 24. Imports nothing but node: modules, as bin/runtime.mjs does, and for its reason.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findNode, handOver, refuse } from '../bin/runtime.mjs';

const parent = process.ppid;
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const PARENT_LOOKED_AT_MS = 500;

if (!existsSync(join(root, 'node_modules'))) refuse('The dependencies are not installed yet. Run: npm ci');
const [task = 'start', ...args] = process.argv.slice(2);
const script = join(root, 'tools', 'tasks', `${task.replaceAll(':', '-')}.ts`);
if (!existsSync(script)) refuse(`There is no task ${task}. package.json lists them.`);
const node = findNode(root);

// Said here, because the runtime behind it takes a while longer to say anything. Commands that only ask stay silent.
const asks =
  args.some((word) => word === '--help' || word === '-h') ||
  !/^(?:-|serve$|practice$|join$|$)/.test(args[0] ?? '');
if (task === 'start' && !asks) console.error('Butterfly: looking at what has to be built.');

const child = handOver(node, script, args, { cwd: root });
// npm passes a signal on to its shell, and a shell that dies of it tells nobody: its end is the signal then.
if (process.env.npm_lifecycle_event !== undefined) {
  setInterval(() => process.ppid === parent || child.kill('SIGTERM'), PARENT_LOOKED_AT_MS).unref();
}
