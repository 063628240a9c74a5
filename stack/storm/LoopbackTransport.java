package riverline.storm;

import java.net.InetAddress;
import java.net.InetSocketAddress;
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
import org.apache.storm.thrift.transport.TTransportException;

/** Storm's plain transport for Nimbus and the supervisor, listening on loopback where the original listens everywhere. */
public final class LoopbackTransport extends SimpleTransportPlugin {
    private int port;

    @Override
    public TServer getServer(TProcessor processor) throws TTransportException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        TNonblockingServerSocket socket =
                new TNonblockingServerSocket(new InetSocketAddress(loopback, type.getPort(topoConf)));
        port = socket.getPort();
        int threads = type.getNumThreads(topoConf);
        int bytes = type.getMaxBufferSize(topoConf);
        THsHaServer.Args arguments = new THsHaServer.Args(socket)
                .processor(within(loopback, processor))
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

    /** Every request comes from this machine, and from nobody in particular. */
    private static TProcessor within(InetAddress loopback, TProcessor processor) {
        return (input, output) -> {
            ReqContext context = ReqContext.context();
            context.setRemoteAddress(loopback);
            context.setSubject(null); // as Storm's own plain transport does: a subject without a principal stops a rebalance
            processor.process(input, output);
        };
    }
}
