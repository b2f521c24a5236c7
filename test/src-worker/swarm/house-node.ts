import { dropAll, hotkeyOf, Node, never, stop } from './node-rig.ts';

/** One node on a computer of its own: `house-node.ts NUMBER HOW_MANY HOST [BOOTSTRAP]`. Prints whom it meets. */
const [number = '0', size = '2', host = '0.0.0.0', ...bootstrap] = process.argv.slice(2);
const print = (line: unknown) => console.log(JSON.stringify(line));

const node = await Node.start(Number(number), bootstrap, { host });
print({ addresses: node.swarm.facts.addresses });
const hotkeys = Array.from({ length: Number(size) }, (_, at) => hotkeyOf(at));
await node.swarm.handlers.setMembers({ hotkeys, witnesses: [] }, never);
void node
  .heard('peer', ({ connected }) => connected)
  .then(({ hotkey, address }) => print({ met: hotkeys.indexOf(hotkey), address }));
process.stdin.resume().once('end', async () => {
  await stop(node);
  await dropAll();
  process.exit(0);
});
