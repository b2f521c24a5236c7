/** Whether training here goes as it does in PyTorch: fifty steps from the same weights on the same text. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import * as v from 'valibot';
import { initialWeights } from '../../../src-shared/model/initial-weights.ts';
import { parameterLayout } from '../../../src-shared/model/layout.ts';
import { engineOn } from '../../../src-worker/train/engine/gpu/create.ts';
import type { GpuDevice } from '../../../src-worker/train/engine/gpu/device.ts';
import { Pipelines } from '../../../src-worker/train/engine/gpu/pipelines.ts';
import type { Format } from '../../../src-worker/train/engine/gpu/wgsl/format.ts';
import { ADAMW, batchAt, PRACTICE, stepOf } from '../contest.ts';
import type { Row } from './rows.ts';
import { MODEL, python } from './torch.ts';

const STEPS = 50;
/** Batches that come again and again, so that there is something to learn. */
const BATCHES = 4;
const CURVE_MS = 10 * 60_000;

/** Reads weights by the layout that they lie in, trains in float32, and prints the losses. */
const SCRIPT = `${MODEL}
job = json.loads(sys.argv[1])
device = "cuda" if torch.cuda.is_available() else "cpu"
flat = torch.frombuffer(bytearray(open(job["weights"], "rb").read()), dtype=torch.float32)
model = Gpt(**job["config"])
places = {
    "wte": ["wte.weight"], "wpe": ["wpe.weight"], "lnfw": ["ln.weight"], "lnfb": ["ln.bias"],
}
for short, long in (("ln1", "ln1"), ("qkv", "qkv"), ("attproj", "proj"), ("ln2", "ln2"), ("fc", "fc"), ("fcproj", "fcproj")):
    for end, kind in (("w", "weight"), ("b", "bias")):
        places[short + end] = [f"blocks.{i}.{long}.{kind}" for i in range(job["config"]["layers"])]
named = dict(model.named_parameters())
groups = {True: [], False: []}
with torch.no_grad():
    for tensor in job["layout"]:
        names = places[tensor["name"]]
        own = flat[tensor["offset"] : tensor["offset"] + tensor["length"]].chunk(len(names))
        for name, part in zip(names, own):
            named[name].copy_(part.view_as(named[name]))
            groups[tensor["decay"]].append(named[name])
model.to(device)
a = job["adamw"]
optimizer = torch.optim.AdamW(
    [{"params": groups[True], "weight_decay": a["weightDecay"]}, {"params": groups[False], "weight_decay": 0.0}],
    lr=a["lr"], betas=(a["beta1"], a["beta2"]), eps=a["eps"],
)
batches = [[torch.tensor(rows, device=device).view(job["sequences"], -1) for rows in batch] for batch in job["batches"]]
losses = []
for step in range(job["steps"]):
    ids, targets = batches[step % len(batches)]
    loss = model(ids, targets)
    losses.append(loss.item())
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), a["clip"])
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
print(json.dumps(losses))
`;

const lossesSchema = v.pipe(v.array(v.number()), v.length(STEPS));

/** The largest distance of two losses of the same step, in each precision that the device has. */
export async function measureCurve(gpu: GpuDevice, folder: string, told: (row: Row) => void): Promise<void> {
  const row = { section: 'curve', unit: 'nats' } as const;
  const name = (format: Format) => `${STEPS} steps against PyTorch in float32, ${format}`;
  const expected = await torchLosses(folder).catch((thrown: unknown) => String(thrown));
  const formats: readonly Format[] = gpu.device.features.has('shader-f16') ? ['f32', 'f16'] : ['f32'];
  for (const format of formats) {
    const found = await ownLosses(gpu, format);
    const ends = `${found[0]!.toFixed(4)} to ${found.at(-1)!.toFixed(4)}`;
    if (typeof expected === 'string') {
      told({ ...row, name: name(format), value: null, note: `${ends} here; ${expected}` });
      continue;
    }
    const apart = Math.max(...found.map((loss, step) => Math.abs(loss - expected[step]!)));
    told({
      ...row,
      name: name(format),
      value: apart,
      note: `${ends} here, to ${expected.at(-1)!.toFixed(4)} there`,
    });
  }
}

const batches = () => Array.from({ length: BATCHES }, (_, k) => batchAt(PRACTICE, k));

async function ownLosses(gpu: GpuDevice, precision: Format): Promise<readonly number[]> {
  const { config, sequences } = PRACTICE;
  const station = { gpu, pipelines: new Pipelines(gpu) };
  const engine = await engineOn(station, config, { maxSequences: sequences, precision });
  try {
    await engine.load(initialWeights(config, 'bench'));
    const step = stepOf(engine);
    const own = batches();
    const losses: number[] = [];
    for (let k = 0; k < STEPS; k += 1) losses.push(await step(own[k % BATCHES]!));
    return losses;
  } finally {
    await engine.dispose();
  }
}

/** @throws {Error} with what Python says last, where it has no PyTorch */
async function torchLosses(folder: string): Promise<readonly number[]> {
  const { config, sequences } = PRACTICE;
  const weights = join(folder, 'curve-weights.f32');
  await writeFile(weights, initialWeights(config, 'bench'));
  const job = {
    ...{ config, sequences, weights, steps: STEPS, adamw: ADAMW },
    layout: parameterLayout(config),
    batches: batches().map(({ ids, targets }) => [[...ids], [...targets]]),
  };
  const child = spawn(python, ['-c', SCRIPT, JSON.stringify(job)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: CURVE_MS,
  });
  await once(child, 'spawn');
  const [out, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  if (code !== 0) throw new Error(errors.trim().split('\n').at(-1) ?? `exit ${code}`);
  return v.parse(lossesSchema, JSON.parse(out.trim().split('\n').at(-1) ?? ''));
}
