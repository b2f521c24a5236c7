"""Loss of an exported model in transformers: python hf_loss.py FOLDER WINDOWS.json -> {"loss", "tokenizer"}.

WINDOWS.json: {"context", "ids", "targets", "text"}; whole windows one behind the other, and a text to encode.
"""
import json
import sys

import torch
import torch.nn.functional as F
import transformers
from transformers import AutoTokenizer, GPT2LMHeadModel

folder, path = sys.argv[1:3]
with open(path) as file:
    given = json.load(file)
model = GPT2LMHeadModel.from_pretrained(folder).eval()
ids = torch.tensor(given["ids"]).view(-1, given["context"])
targets = torch.tensor(given["targets"])
with torch.no_grad():
    logits = torch.cat([model(part).logits for part in ids.split(4)])
loss = F.cross_entropy(logits.view(-1, logits.shape[-1]).double(), targets)
tokenizer = AutoTokenizer.from_pretrained(folder)
print(json.dumps({
    "loss": loss.item(),
    "tokens": tokenizer(given["text"]).input_ids,
    "text": tokenizer.decode(tokenizer(given["text"]).input_ids),
    "versions": f"transformers {transformers.__version__}, torch {torch.__version__}",
}))
