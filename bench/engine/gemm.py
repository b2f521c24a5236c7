"""Times products of OpenBLAS on one thread: shapes "m,n,k" as arguments, JSON on standard output."""

import json
import sys
import time

import numpy
from threadpoolctl import threadpool_info, threadpool_limits

REPEATS = 5
SECONDS = 0.2


def best_ms(m: int, n: int, k: int) -> float:
    random = numpy.random.default_rng(38)
    a = random.random((m, k), dtype=numpy.float32)
    b = random.random((k, n), dtype=numpy.float32)
    out = numpy.empty((m, n), dtype=numpy.float32)
    best = float("inf")
    until = time.perf_counter() + SECONDS
    done = 0
    while done < REPEATS or time.perf_counter() < until:
        started = time.perf_counter()
        numpy.matmul(a, b, out=out)
        best = min(best, time.perf_counter() - started)
        done += 1
    return 1000 * best


with threadpool_limits(1):
    shapes = [tuple(map(int, word.split(","))) for word in sys.argv[1:]]
    best = [best_ms(*shape) for shape in shapes]
    library = next(info for info in threadpool_info() if info["internal_api"] == "openblas")
json.dump(
    {
        "version": library["version"],
        "kernel": library["architecture"],
        "threads": library["num_threads"],
        "bestMs": best,
    },
    sys.stdout,
)
