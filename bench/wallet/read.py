"""Opens the three files of a wallet as bittensor-wallet does: prints their addresses as JSON."""

import json
import sys

from bittensor_wallet import Wallet

wallet = Wallet(name="mine", hotkey="default", path=sys.argv[1])
files = {
    "coldkey": lambda: wallet.get_coldkey(sys.argv[2]),
    "public": wallet.get_coldkeypub,
    "hotkey": wallet.get_hotkey,
}


def address(read):
    try:
        return read().ss58_address
    except Exception as failure:
        return f"{type(failure).__name__}: {failure}"[:200]


print(json.dumps({name: address(read) for name, read in files.items()}))
