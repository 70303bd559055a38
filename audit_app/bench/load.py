"""The load generator: a process of its own that sends prepared requests over kept-open connections, one at a time each.

    python -m audit_app.bench.load PORT SECONDS WARM_UP < plan.json

The plan holds the phones: `{"phones": [{"head": [lines], "jobs": [ids]}], "body": [before, after]}`. The id of a visit
is minted per request, as the phone does. Prints one JSON object.
"""

import asyncio
import json
import os
import secrets
import sys
import time
from dataclasses import dataclass, field
from typing import Any

import httptools
import uvloop


class Wire(asyncio.Protocol):
    """One kept-open connection: sends bytes, resolves with the status of the answer."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport
        self.waiting: asyncio.Future[int] | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        self._settle(0)

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_message_complete(self) -> None:
        self._settle(self.parser.get_status_code())

    def _settle(self, status: int) -> None:
        if self.waiting is not None and not self.waiting.done():
            self.waiting.set_result(status)

    def send(self, data: bytes) -> "asyncio.Future[int]":
        self.parser = httptools.HttpResponseParser(self)
        self.waiting = asyncio.get_running_loop().create_future()
        self.transport.write(data)
        return self.waiting


@dataclass
class Tally:
    begin: float
    end: float
    times: list[float] = field(default_factory=list)
    errors: dict[str, int] = field(default_factory=dict)
    sent: int = 0


def request(head: list[str], body: list[str], job: str) -> bytes:
    """One submission as bytes."""
    text = (body[0] + job + body[1]).encode()
    lines = [f"PUT /api/v1/visits/{secrets.token_hex(16)} HTTP/1.1", *head, f"Content-Length: {len(text)}", "", ""]
    return "\r\n".join(lines).encode() + text


async def phone(port: int, plan: dict[str, Any], body: list[str], tally: Tally) -> None:
    loop = asyncio.get_running_loop()
    _, wire = await loop.create_connection(Wire, "127.0.0.1", port)
    for job in plan["jobs"]:
        data = request(plan["head"], body, job)
        before = time.perf_counter()
        if before >= tally.end:
            break
        status = await wire.send(data)
        now = time.perf_counter()
        if before < tally.begin:
            continue
        tally.sent += 1
        if status == 201:
            tally.times.append(now - before)
        else:
            tally.errors[str(status)] = tally.errors.get(str(status), 0) + 1
        if status == 0:
            return
    wire.transport.close()


async def run(port: int, seconds: float, warm_up: float, plan: dict[str, Any]) -> dict[str, Any]:
    now = time.perf_counter()
    tally = Tally(now + warm_up, now + warm_up + seconds)
    await asyncio.gather(*(phone(port, one, plan["body"], tally) for one in plan["phones"]))
    took = min(time.perf_counter(), tally.end) - tally.begin
    times = sorted(tally.times)

    def at(share: float) -> float:
        return round(times[min(len(times) - 1, int(share * len(times)))] * 1000, 2) if times else 0.0

    return {
        "per_s": round(len(times) / took, 1), "p50_ms": at(0.5), "p95_ms": at(0.95), "p99_ms": at(0.99),
        "sent": tally.sent, "errors": tally.errors, "client_cpu_s": round(sum(os.times()[:2]), 2),
    }  # fmt: skip


def main() -> None:
    port, seconds, warm_up = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(run(port, seconds, warm_up, json.load(sys.stdin)))))


if __name__ == "__main__":
    main()
