import { parentPort, workerData } from 'node:worker_threads';
import { type Asked, learn } from './learned.ts';

parentPort!.postMessage(await learn(workerData as Asked));
