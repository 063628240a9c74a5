"""The cluster's state from Nimbus, over Thrift. Not for Storm's workers: they import no more than they use."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from riverline.errors import Transient


@contextlib.contextmanager
def nimbus_client(address: str, timeout: float = 3) -> Iterator[Any]:
    """A Thrift client of Nimbus at `host:port`; `timeout` seconds to connect, and for each answer.

    Raises Transient if Nimbus does not answer or refuses, also for a call within.
    """
    # streamparse reads Storm's Thrift file when it is imported, which takes a while: only who asks waits for it
    from streamparse.thrift import Nimbus
    from thriftpy2.protocol import TBinaryProtocolFactory
    from thriftpy2.rpc import make_client
    from thriftpy2.thrift import TException
    from thriftpy2.transport import TFramedTransportFactory, TTransportException

    host, port = address.rsplit(":", 1)
    try:
        nimbus = make_client(
            Nimbus,
            host=host,
            port=int(port),
            proto_factory=TBinaryProtocolFactory(),
            trans_factory=TFramedTransportFactory(),
            timeout=int(timeout * 1000),
        )
        try:
            yield nimbus
        finally:
            nimbus.close()
    except (TTransportException, OSError) as error:
        raise Transient(f"Nimbus does not answer at {address}: {error}") from error
    except TException as error:  # Storm's own: not alive, not ready to be rebalanced, not allowed
        raise Transient(f"Nimbus at {address} refuses: {error}") from error


def cluster_summary(address: str, timeout: float = 3) -> Any:
    """Thrift's ClusterSummary: `nimbuses`, `supervisors`, `topologies`. Raises Transient if Nimbus does not answer."""
    with nimbus_client(address, timeout) as nimbus:
        return nimbus.getClusterInfo()
