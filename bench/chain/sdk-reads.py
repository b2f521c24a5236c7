"""Every typed read of the Bittensor SDK against one chain: prints {name: null or its failure} as JSON."""

import asyncio
import json
import sys

from bittensor import reads
from bittensor.client import Client

READ_SECONDS = 30


async def outcome(client, spec, known):
    given = {name: known[name] for name in spec["params"] if name in known}
    try:
        await asyncio.wait_for(client.read(spec["name"], **given), READ_SECONDS)
    except Exception as failure:
        return f"{type(failure).__name__}: {failure}"[:200]
    return None


async def main(url, known):
    async with Client(url) as client:
        return {spec["name"]: await outcome(client, spec, known) for spec in reads.list_reads()}


print(json.dumps(asyncio.run(main(sys.argv[1], json.loads(sys.argv[2])))))
