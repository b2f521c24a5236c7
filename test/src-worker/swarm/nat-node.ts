import { createInterface } from 'node:readline';
import { dropAll, hotkeyOf, Node, never, stop } from './node-rig.ts';

/**
 * One node on a computer of its own, which prints all that it tells its host: `nat-node.ts NUMBER HOW_MANY PORT
 * [BOOTSTRAP...]`. Each line of its input is a call of it.
 */
const [number = '0', size = '2', port = '0', ...bootstrap] = process.argv.slice(2);
const print = (line: unknown) => console.log(JSON.stringify(line));
const hotkeys = Array.from({ length: Number(size) }, (_, at) => hotkeyOf(at));

print({ name: 'starts' });
const node = await Node.start(Number(number), bootstrap, { host: '0.0.0.0', port: Number(port) });
node.tellAll(print);
await node.swarm.handlers.setMembers({ hotkeys, witnesses: [] }, never);
print({ addresses: node.swarm.facts.addresses });
createInterface({ input: process.stdin }).on(
  'line',
  () => void node.swarm.handlers.testReachability(undefined, never),
);
process.stdin.once('end', async () => {
  await stop(node);
  await dropAll();
  process.exit(0);
});
