"""Reads a published state as other programs do, once by hand.

    pip install safetensors numpy huggingface_hub transformers torch
    python tools/oracles/read_state.py FOLDER

Every file by its digest, every tensor by the safetensors library, the card by huggingface_hub, and the model by
transformers where that is installed. Prints one line of JSON.
"""

import hashlib
import json
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy
from huggingface_hub import ModelCard
from safetensors import safe_open


def package(name):
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def tensors(folder, stem):
    names = sorted(folder.glob(f"{stem}*.safetensors"))
    found = {}
    for path in names:
        with safe_open(path, framework="numpy") as file:
            for key in file.keys():
                value = file.get_tensor(key)
                assert value.dtype == numpy.float32 and numpy.isfinite(value).all(), key
                found[key] = value.shape
    return found


def main(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    for entry in manifest["files"]:
        data = (folder / entry["name"]).read_bytes()
        assert len(data) == entry["sizeBytes"], entry["name"]
        assert hashlib.sha256(data).hexdigest() == entry["sha256"], entry["name"]
    base, outer = tensors(folder, "model"), tensors(folder, "outer")
    assert base == outer, "momentum has other tensors than the model"
    card = ModelCard.load(folder / "README.md")
    said = {
        "tag": manifest["tag"],
        "files": len(manifest["files"]),
        "tensors": len(base),
        "card": {"library": card.data.library_name, "license": card.data.license, "tags": card.data.tags},
        "safetensors": package("safetensors"),
        "huggingface_hub": package("huggingface_hub"),
        "transformers": package("transformers"),
    }
    if said["transformers"]:
        from transformers import AutoTokenizer, GPT2LMHeadModel

        model, loading = GPT2LMHeadModel.from_pretrained(folder, output_loading_info=True)
        assert not loading["missing_keys"] and not loading["unexpected_keys"], loading
        said["parameters"] = sum(p.numel() for p in model.parameters())
        tokenizer = AutoTokenizer.from_pretrained(folder)
        said["roundTrip"] = tokenizer.decode(tokenizer("Once upon a time")["input_ids"])
    print(json.dumps(said))


main(Path(sys.argv[1]))
