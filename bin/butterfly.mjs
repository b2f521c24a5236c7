#!/usr/bin/env node
// `butterfly COMMAND`: the built program of the checkout or the installed app that this file lies in.
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { findNode, handOver, isOwnEnough, refuse } from './runtime.mjs';

// A package manager links to this file from a folder of programs.
const root = join(dirname(realpathSync(fileURLToPath(import.meta.url))), '..');
/** Beside us in a checkout and in the unpacked part of an app; behind an archive's unpacked part otherwise. */
const programs = ['.', 'app.asar.unpacked', 'app'].map((folder) =>
  join(root, folder, 'out', 'host', 'serve.js'),
);
const program = programs.find((file) => existsSync(file));
if (!program) refuse('Butterfly is not built yet. Run: npm run build');

const args = process.argv.slice(2);
const runtimes = [join(root, 'runtime'), join(root, '..', 'runtime')];
process.env.BUTTERFLY_CALLED_AS = 'butterfly';
if (isOwnEnough()) {
  // One process less, and the answer of `status` that much sooner.
  process.argv = [process.execPath, program, ...args];
  await import(pathToFileURL(program).href);
} else handOver(findNode(root, runtimes), program, args);
