package riverline.storm;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.storm.security.auth.ReqContext;
import org.apache.storm.security.auth.SimpleTransportPlugin;
import org.apache.storm.thrift.TProcessor;
import org.apache.storm.thrift.protocol.TBinaryProtocol;
import org.apache.storm.thrift.server.THsHaServer;
import org.apache.storm.thrift.server.TServer;
import org.apache.storm.thrift.transport.TNonblockingServerSocket;
import org.apache.storm.thrift.transport.TNonblockingSocket;
import org.apache.storm.thrift.transport.TTransportException;

/**
 * Storm's plain transport for Nimbus and the supervisor, listening on its host's own address where the original listens
 * everywhere. On loopback it listens to programs of this account alone: whoever may submit a topology runs what he likes.
 */
public final class HostTransport extends SimpleTransportPlugin {
    private int port;

    @Override
    public TServer getServer(TProcessor processor) throws TTransportException {
        InetAddress own = HostAddress.of(topoConf);
        TNonblockingServerSocket socket = new OwnSocket(new InetSocketAddress(own, type.getPort(topoConf)));
        port = socket.getPort();
        int threads = type.getNumThreads(topoConf);
        int bytes = type.getMaxBufferSize(topoConf);
        THsHaServer.Args arguments = new THsHaServer.Args(socket)
                .processor(within(own, processor))
                .maxWorkerThreads(threads)
                .protocolFactory(new TBinaryProtocol.Factory(false, true, bytes, -1));
        arguments.maxReadBufferBytes = bytes;
        Integer queue = type.getQueueSize(topoConf);
        if (queue != null) {
            arguments.executorService(
                    new ThreadPoolExecutor(threads, threads, 60, TimeUnit.SECONDS, new ArrayBlockingQueue<>(queue)));
        }
        return new THsHaServer(arguments);
    }

    @Override
    public int getPort() {
        return port;
    }

    private static final class OwnSocket extends TNonblockingServerSocket {
        OwnSocket(InetSocketAddress address) throws TTransportException {
            super(address);
        }

        @Override
        public TNonblockingSocket accept() throws TTransportException {
            TNonblockingSocket accepted = super.accept();
            if (accepted != null) {
                try {
                    SocketChannel channel = accepted.getSocketChannel();
                    PeerAccount.require(channel.getLocalAddress(), channel.getRemoteAddress());
                } catch (IOException error) {
                    accepted.close();
                    throw new TTransportException(error);
                }
            }
            return accepted;
        }
    }

    /** Every request comes from this cluster, and from nobody in particular. */
    private static TProcessor within(InetAddress own, TProcessor processor) {
        return (input, output) -> {
            ReqContext context = ReqContext.context();
            context.setRemoteAddress(own);
            context.setSubject(null); // as Storm's own plain transport does: a subject without a principal stops a rebalance
            processor.process(input, output);
        };
    }
}
