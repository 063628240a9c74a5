package riverline.storm;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.apache.storm.shade.org.apache.zookeeper.server.NIOServerCnxn;
import org.apache.storm.shade.org.apache.zookeeper.server.NIOServerCnxnFactory;

/** ZooKeeper's connections, from programs of this account alone. Its property `zookeeper.serverCnxnFactory` names it. */
public final class OwnConnections extends NIOServerCnxnFactory {
    @Override
    protected NIOServerCnxn createConnection(SocketChannel socket, SelectionKey key, SelectorThread selector)
            throws IOException {
        PeerAccount.require(socket.getLocalAddress(), socket.getRemoteAddress()); // else the connection is closed
        return super.createConnection(socket, key, selector);
    }
}
