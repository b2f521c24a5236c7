"""What an app on async-substrate-interface does first: prints {step: null or its failure} as JSON."""

import asyncio
import json
import sys

from async_substrate_interface import AsyncSubstrateInterface
from bittensor_wallet import Keypair

TAO = 1_000_000_000
# What an alpha costs before anyone has bought one.
PRICE = TAO // 10
url, netuid, free = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
alice, bob = (Keypair.create_from_uri(f"//{name}") for name in ("Alice", "Bob"))
hotkey = Keypair.create_from_uri("//alice-hot").ss58_address


def expect(is_so, what):
    if not is_so:
        raise AssertionError(str(what))


def bare(answer):
    return getattr(answer, "value", answer)


async def storage(chain):
    account = bare(await chain.query("System", "Account", [alice.ss58_address]))
    expect(account["data"]["free"] == free, account)
    expect(bare(await chain.query("SubtensorModule", "Uids", [netuid, hotkey])) is not None, "a uid")


async def runtime_api(chain):
    price = bare(await chain.runtime_call("SwapRuntimeApi", "current_alpha_price", [netuid]))
    expect(price > 0, price)
    info = bare(await chain.runtime_call("SubnetInfoRuntimeApi", "get_dynamic_info", [netuid]))
    expect(info["netuid"] == netuid, info)


async def composed(chain, module, function, **params):
    return await chain.compose_call(call_module=module, call_function=function, call_params=params)


def transfer_call(chain):
    return composed(chain, "Balances", "transfer_keep_alive", dest=bob.ss58_address, value=TAO)


async def fee(chain):
    asked = await chain.get_payment_info(await transfer_call(chain), alice)
    expect(0 < asked["partial_fee"] < TAO // 100, asked)


async def send(chain, call):
    signed = await chain.create_signed_extrinsic(call=call, keypair=alice)
    return await chain.submit_extrinsic(signed, wait_for_finalization=True)


async def transfer(chain):
    receipt = await send(chain, await transfer_call(chain))
    expect(await receipt.is_success, await receipt.error_message)


async def order_past_its_limit(chain):
    call = await composed(
        chain,
        "SubtensorModule",
        "add_stake_limit",
        hotkey=hotkey,
        netuid=netuid,
        amount_staked=100 * TAO,
        limit_price=PRICE * 101 // 100,
        allow_partial=False,
    )
    receipt = await send(chain, call)
    expect(not await receipt.is_success, "it went through")
    error = await receipt.error_message
    expect(error["name"] == "SlippageTooHigh", error)


async def outcome(step, chain):
    try:
        await step(chain)
    except Exception as failure:
        return f"{type(failure).__name__}: {failure}"[:300]
    return None


async def main():
    async with AsyncSubstrateInterface(url, ss58_format=42) as chain:
        steps = [storage, runtime_api, fee, transfer, order_past_its_limit]
        return {step.__name__.replace("_", " "): await outcome(step, chain) for step in steps}


print(json.dumps(asyncio.run(main())))
