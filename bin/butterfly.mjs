#!/usr/bin/env node
// `butterfly COMMAND`: the built program of the checkout or the installed app that this file lies in.
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ASKING, findNode, handOver, isOwnEnough, refuse } from './runtime.mjs';

// A package manager links to this file from a folder of programs.
const root = join(dirname(realpathSync(fileURLToPath(import.meta.url))), '..');
/** Beside us in a checkout and in the unpacked part of an app; behind an archive's unpacked part otherwise. */
const programs = ['.', 'app.asar.unpacked', 'app'].map((folder) => join(root, folder, 'out', 'host'));
const place = programs.find((folder) => existsSync(join(folder, 'serve.js')));
if (!place) refuse('Butterfly is not built yet. Run: npm run build');

const args = process.argv.slice(2);
const runtimes = [join(root, 'runtime'), join(root, '..', 'runtime')];
process.env.BUTTERFLY_CALLED_AS = 'butterfly';
/** What only asks has a program of its own, which every Node runs: one process less, and the answer that much sooner. */
const asks = ASKING.includes(args[0]) && existsSync(join(place, 'ask.js'));
const program = join(place, asks ? 'ask.js' : 'serve.js');
if (asks || isOwnEnough()) {
  process.argv = [process.execPath, program, ...args];
  await import(pathToFileURL(program).href);
} else handOver(findNode(root, runtimes), program, args);
