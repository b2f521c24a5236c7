"""What an app on substrate-interface does first, against one chain: prints {step: null or its failure} as JSON."""

import json
import sys

from substrateinterface import Keypair, SubstrateInterface

TAO = 1_000_000_000
# What an alpha costs before anyone has bought one.
PRICE = TAO // 10
url, netuid, free = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
# It does not read from the metadata how wide a balance is in the answer of a runtime API.
chain = SubstrateInterface(url=url, ss58_format=42, type_registry={"types": {"Balance": "u64"}})
alice, bob = (Keypair.create_from_uri(f"//{name}") for name in ("Alice", "Bob"))
hotkey = Keypair.create_from_uri("//alice-hot").ss58_address


def expect(is_so, what):
    if not is_so:
        raise AssertionError(str(what))


def storage():
    account = chain.query("System", "Account", [alice.ss58_address])
    expect(account.value["data"]["free"] == free, account)
    expect(chain.query("SubtensorModule", "Uids", [netuid, hotkey]).value is not None, "a uid")
    expect(chain.get_constant("Balances", "ExistentialDeposit").value == 500, "the deposit")


def pages():
    expect(len(list(chain.query_map("System", "Account"))) >= 3, "three accounts")


def blocks():
    block = chain.get_block()
    expect(block["extrinsics"][0].value["call"]["call_function"] == "set", block)


def call(module, function, **params):
    return chain.compose_call(module, function, params)


def fee():
    asked = chain.get_payment_info(call("Balances", "transfer_keep_alive", dest=bob.ss58_address, value=TAO), alice)
    expect(0 < asked["partialFee"] < TAO // 100, asked)


def send(what):
    signed = chain.create_signed_extrinsic(call=what, keypair=alice)
    return chain.submit_extrinsic(signed, wait_for_finalization=True)


def transfer():
    receipt = send(call("Balances", "transfer_keep_alive", dest=bob.ss58_address, value=TAO))
    expect(receipt.is_success, receipt.error_message)
    expect(receipt.total_fee_amount > 0, "a fee")


def order_past_its_limit():
    receipt = send(
        call(
            "SubtensorModule",
            "add_stake_limit",
            hotkey=hotkey,
            netuid=netuid,
            amount_staked=100 * TAO,
            limit_price=PRICE * 101 // 100,
            allow_partial=False,
        )
    )
    expect(not receipt.is_success, "it went through")
    expect(receipt.error_message["name"] == "SlippageTooHigh", receipt.error_message)


def outcome(step):
    try:
        step()
    except Exception as failure:
        return f"{type(failure).__name__}: {failure}"[:300]
    return None


steps = [storage, pages, blocks, fee, transfer, order_past_its_limit]
print(json.dumps({step.__name__.replace("_", " "): outcome(step) for step in steps}))
