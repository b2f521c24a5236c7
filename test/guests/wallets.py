"""Makes wallets as bittensor-wallet does, and opens those of others: prints what it found as JSON."""

import json
import os
import sys

from bittensor_wallet import Keypair, Wallet

root, password, ours = sys.argv[1], sys.argv[2], sys.argv[3]


def made(name, keypair, encrypt):
    wallet = Wallet(name=name, hotkey="default", path=root)
    wallet.set_coldkey(keypair, encrypt=encrypt, overwrite=True, coldkey_password=password)
    wallet.set_coldkeypub(keypair, overwrite=True)
    wallet.set_hotkey(Keypair.create_from_mnemonic(Keypair.generate_mnemonic(12)), encrypt=False, overwrite=True)
    return {"coldkey": keypair.ss58_address, "hotkey": wallet.get_hotkey().ss58_address}


def opened(folder, name):
    wallet = Wallet(name=name, hotkey="default", path=folder)
    return {
        "coldkey": wallet.get_coldkey(password).ss58_address,
        "public": wallet.get_coldkeypub().ss58_address,
        "hotkey": wallet.get_hotkey().ss58_address,
    }


phrase = Keypair.generate_mnemonic(24)
found = {
    "made": {
        "locked": made("locked", Keypair.create_from_mnemonic(phrase), True),
        "open": made("open", Keypair.create_from_mnemonic(Keypair.generate_mnemonic(12)), False),
        "seed": made("seed", Keypair.create_from_seed("0x" + os.urandom(32).hex()), True),
    },
    "opened": opened(ours, "mine"),
    "private": opened(ours, "private"),
    "watched": Wallet(name="watched", path=ours).get_coldkeypub().ss58_address,
}
print(json.dumps(found))
