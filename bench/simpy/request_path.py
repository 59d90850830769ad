"""The request path of the traffic benchmark in SimPy: the same stations, links and histogram.

Usage: request_path.py REQUESTS SEED timeouts|plain. Prints, in one line: requests answered, CPU
microseconds for each, mean latency in ms, hit ratio. The first tenth of the requests warms up and is
not counted. With timeouts each call is a process that its caller waits for at most so long, as every
call of the benchmark's own model is; plain, a request is one process and nobody can give up.

Clients ask at random for objects of Zipf popularity; a balancer hands requests round to services
with cores; a service works, looks into a cache (LRU), and on a miss asks a database with cores and
fills the cache behind the caller's back. Every hop takes a constant time.
"""
import bisect
import itertools
import random
import sys
import time
from collections import OrderedDict

import simpy

RATE = 2000.0
LINK = 0.0002
TIMEOUT = 1.0
SERVICES, SERVICE_CORES, SERVICE_MEAN = 4, 4, 0.002
DATABASE_CORES, DATABASE_MEAN = 8, 0.004
KEYS, CAPACITY = 10_000, 1_000


class Histogram:
    """Powers of two in 32 steps each, in microseconds: what an HDR histogram does."""

    def __init__(self):
        self.counts = [0] * 2048
        self.total = 0
        self.sum = 0.0

    def record(self, micros):
        value = int(micros)
        shift = max(0, value.bit_length() - 6)
        self.counts[(shift << 5) + (value >> shift)] += 1
        self.total += 1
        self.sum += micros


class Lru:
    def __init__(self, capacity):
        self.capacity = capacity
        self.items = OrderedDict()
        self.hits = 0
        self.asked = 0

    def get(self, key):
        self.asked += 1
        if key not in self.items:
            return False
        self.items.move_to_end(key)
        self.hits += 1
        return True

    def set(self, key):
        self.items[key] = True
        self.items.move_to_end(key)
        if len(self.items) > self.capacity:
            self.items.popitem(last=False)


def work(env, station, seconds):
    with station.request() as core:
        yield core
        yield env.timeout(seconds)


def hop(env, what):
    """There, what is done there, and back."""
    yield env.timeout(LINK)
    result = yield from what
    yield env.timeout(LINK)
    return result


class Path:
    def __init__(self, env, rng, has_timeouts):
        self.env = env
        self.rng = rng
        self.has_timeouts = has_timeouts
        self.services = [simpy.Resource(env, SERVICE_CORES) for _ in range(SERVICES)]
        self.database = simpy.Resource(env, DATABASE_CORES)
        self.cache = Lru(CAPACITY)
        self.turns = itertools.cycle(range(SERVICES))

    def call(self, what):
        if not self.has_timeouts:
            return (yield from hop(self.env, what))
        answer = self.env.process(hop(self.env, what))
        yield answer | self.env.timeout(TIMEOUT)
        return answer.value if answer.triggered else None

    def look_up(self, key):
        return self.cache.get(key)
        yield

    def fill(self, key):
        self.cache.set(key)
        return True
        yield

    def query(self):
        yield from work(self.env, self.database, self.rng.expovariate(1 / DATABASE_MEAN))

    def serve(self, key):
        service = self.services[next(self.turns)]
        yield from work(self.env, service, self.rng.expovariate(1 / SERVICE_MEAN))
        hit = yield from self.call(self.look_up(key))
        if not hit:
            yield from self.call(self.query())
            self.env.process(self.call(self.fill(key)))

    def balance(self, key):
        yield from self.call(self.serve(key))

    def request(self, key, histogram):
        began = self.env.now
        yield from self.call(self.balance(key))
        histogram.record((self.env.now - began) * 1e6)


def main(count, seed, mode):
    rng = random.Random(seed)
    weights = list(itertools.accumulate(1 / (k + 1) for k in range(KEYS)))
    env = simpy.Environment()
    path = Path(env, rng, mode == 'timeouts')
    histogram = Histogram()
    warm = count // 10

    def clients():
        nonlocal histogram
        for number in range(count):
            yield env.timeout(rng.expovariate(RATE))
            if number == warm:
                histogram = Histogram()
                clients.began = time.process_time()
            key = bisect.bisect_left(weights, rng.random() * weights[-1])
            env.process(path.request(key, histogram))

    env.process(clients())
    env.run()
    micros = (time.process_time() - clients.began) * 1e6 / (count - warm)
    mean = histogram.sum / histogram.total / 1000
    print(histogram.total, micros, mean, path.cache.hits / path.cache.asked)


main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
