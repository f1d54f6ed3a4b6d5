"""A Kafka broker for tests: librdkafka's own, speaking the real protocol. Prints its address.

Runs in the engine's environment, which has the library.
"""

import sys

from confluent_kafka import Producer

broker = Producer({"bootstrap.servers": "none", "test.mock.num.brokers": 1})
[address] = broker.list_topics("assistant", timeout=10).brokers.values()
print(f"{address.host}:{address.port}", flush=True)
sys.stdin.read()
