"""What Nimbus says of its cluster, over Thrift."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from streamparse.thrift import Nimbus
from thriftpy2.protocol import TBinaryProtocolFactory
from thriftpy2.rpc import make_client
from thriftpy2.thrift import TException
from thriftpy2.transport import TFramedTransportFactory

from riverline.errors import Transient
from stack.addresses import host_of, port_of


@contextlib.contextmanager
def nimbus_client(address: str, timeout: float = 3) -> Iterator[Any]:
    """A Thrift client of Nimbus. Raises Transient if it does not answer, also for a call within."""
    try:
        nimbus = make_client(
            Nimbus,
            host=host_of(address),
            port=port_of(address),
            proto_factory=TBinaryProtocolFactory(),
            trans_factory=TFramedTransportFactory(),
            timeout=int(timeout * 1000),
        )
        try:
            yield nimbus
        finally:
            nimbus.close()
    except (TException, OSError) as error:
        raise Transient(f"Nimbus does not answer at {address}: {error}") from error


def cluster_summary(address: str, timeout: float = 3) -> Any:
    """Thrift's ClusterSummary: `nimbuses`, `supervisors`, `topologies`. Raises Transient if Nimbus does not answer."""
    with nimbus_client(address, timeout) as nimbus:
        return nimbus.getClusterInfo()
