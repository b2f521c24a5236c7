import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import * as v from 'valibot';
import type { Row } from './rows.ts';
import { COURSES } from './training.ts';

const TORCH_MS = 10 * 60_000;

const rowSchema = v.object({
  name: v.string(),
  value: v.nullable(v.number()),
  unit: v.string(),
  note: v.string(),
});

/** The Python that has PyTorch. */
export const python = process.env.BUTTERFLY_PYTHON ?? 'python3';

/** The model that engines train, in PyTorch. */
export const MODEL = `
import json, sys, time
import torch
import torch.nn.functional as F
from torch import nn

torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False

class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.ln1, self.ln2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.fc, self.fcproj = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        b, t, c = x.shape
        q, k, v = (p.view(b, t, self.heads, c // self.heads).transpose(1, 2) for p in self.qkv(self.ln1(x)).split(c, 2))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.proj(y.transpose(1, 2).reshape(b, t, c))
        return x + self.fcproj(F.gelu(self.fc(self.ln2(x)), approximate="tanh"))


class Gpt(nn.Module):
    def __init__(self, layers, width, heads, context, vocab):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(vocab, width), nn.Embedding(context, width)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.ln = nn.LayerNorm(width)

    def forward(self, ids, targets):
        x = self.wte(ids) + self.wpe.weight
        for block in self.blocks:
            x = block(x)
        logits = self.ln(x) @ self.wte.weight.T
        return F.cross_entropy(logits.view(-1, logits.size(-1)).float(), targets.view(-1))

`;

/** The same models, batches and optimizer on its card; one JSON row a line. */
const SCRIPT = `${MODEL}
device = "cuda" if torch.cuda.is_available() else "cpu"


def wait():
    if device == "cuda":
        torch.cuda.synchronize()


def tell(name, value, unit, note=""):
    print(json.dumps({"name": name, "value": value, "unit": unit, "note": note}), flush=True)


def median_s(work, warming, times):
    for _ in range(warming):
        work()
    wait()
    found = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        wait()
        found.append(time.perf_counter() - started)
    return sorted(found)[times // 2]


def products():
    for width in (768, 1024):
        for n, k in ((3 * width, width), (width, width), (4 * width, width), (width, 4 * width)):
            for dtype in (torch.float32, torch.float16, torch.bfloat16):
                a = torch.randn(8192, k, device=device, dtype=dtype)
                b = torch.randn(k, n, device=device, dtype=dtype)
                seconds = median_s(lambda: a @ b, 5, 20)
                tell(f"NN 8192x{n}x{k} {str(dtype)[6:]}", 2 * 8192 * n * k / seconds / 1e9, "GFLOP/s")


def training(name, course, dtype, compiled):
    config, sequences = course["config"], course["sequences"]
    model = Gpt(**config).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.99), weight_decay=0.1, fused=device == "cuda")
    run = torch.compile(model) if compiled else model
    ids = torch.randint(config["vocab"], (sequences, config["context"]), device=device)

    def step():
        with torch.autocast(device, dtype=dtype, enabled=dtype != torch.float32):
            loss = run(ids, ids)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    seconds = median_s(step, 5, 10)
    how = "compiled" if compiled else "eager"
    tell(f"{name} {str(dtype)[6:]} {how}", sequences * config["context"] / seconds, "tokens/s", f"{1000 * seconds:.1f} ms a step")


courses = json.loads(sys.argv[1])
if device == "cuda":
    products()
for name, course in courses.items():
    if device == "cpu" and name != "practice":
        continue
    for dtype in (torch.float32, torch.bfloat16):
        for compiled in (False, True) if device == "cuda" else (False,):
            try:
                training(name, course, dtype, compiled)
            except Exception as error:
                tell(f"{name} {str(dtype)[6:]}", None, "tokens/s", f"{type(error).__name__}: {error}"[:300])
`;

/** What PyTorch does on the same machine, where Python has it. */
export async function measureTorch(told: (row: Row) => void): Promise<void> {
  const child = spawn(python, ['-c', SCRIPT, JSON.stringify(COURSES)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TORCH_MS,
  });
  // A machine without Python is told of like one without PyTorch.
  const started = await once(child, 'spawn').catch((thrown: unknown) => String(thrown));
  if (typeof started === 'string') return told(absent(started));
  const ended = once(child, 'close');
  const errors = text(child.stderr);
  for await (const line of createInterface({ input: child.stdout })) {
    const row = rowOf(line);
    if (row) told({ section: 'torch', ...row });
  }
  const [code] = await ended;
  if (code !== 0) told(absent((await errors).trim().split('\n').at(-1) ?? `exit ${code}`));
}

/** One line of its output; null for what it, or a library of it, printed beside rows. */
function rowOf(line: string): Omit<Row, 'section'> | null {
  try {
    const found = v.safeParse(rowSchema, JSON.parse(line));
    return found.success ? found.output : null;
  } catch {
    return null;
  }
}

const absent = (note: string): Row => ({ section: 'torch', name: 'PyTorch', value: null, unit: '', note });
