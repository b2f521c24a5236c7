"""Writes wallets without passwords: argv holds the folder and, as JSON, [wallet, coldkey uri, hotkey name, hotkey uri]s."""

import json
import sys

from bittensor_wallet import Keypair, Wallet

for name, coldkey, hotkey_name, hotkey in json.loads(sys.argv[2]):
    wallet = Wallet(name=name, hotkey=hotkey_name, path=sys.argv[1])
    wallet.set_coldkey(Keypair.create_from_uri(coldkey), encrypt=False, overwrite=True)
    wallet.set_coldkeypub(Keypair.create_from_uri(coldkey), overwrite=True)
    wallet.set_hotkey(Keypair.create_from_uri(hotkey), encrypt=False, overwrite=True)
