package riverline.storm;

import java.io.IOException;
import java.lang.reflect.Field;
import java.net.BindException;
import java.net.InetAddress;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.storm.messaging.IConnection;
import org.apache.storm.messaging.IConnectionCallback;
import org.apache.storm.messaging.netty.Context;
import org.apache.storm.metrics2.StormMetricRegistry;
import org.apache.storm.shade.io.netty.bootstrap.ServerBootstrap;
import org.apache.storm.shade.io.netty.channel.Channel;
import org.apache.storm.shade.io.netty.channel.ChannelFuture;
import org.apache.storm.shade.io.netty.channel.ChannelHandler;
import org.apache.storm.shade.io.netty.channel.ChannelInitializer;
import org.apache.storm.shade.io.netty.channel.group.ChannelGroup;

/**
 * The messaging between workers, listening on its host's own address; on loopback to programs of this account alone.
 *
 * <p>Storm's server binds its port on all interfaces while it is constructed and has no setting for it; here it is bound
 * again, on that address, before anyone learns of it.
 */
public final class HostContext extends Context {
    private static final int ATTEMPTS = 200;
    private static final int PAUSE_MS = 50;

    private InetAddress own;

    @Override
    public void prepare(Map<String, Object> conf, StormMetricRegistry metrics) {
        super.prepare(conf, metrics);
        own = HostAddress.of(conf);
    }

    @Override
    public synchronized IConnection bind(
            String topology, int port, IConnectionCallback callback, Supplier<Object> response) {
        IConnection server = super.bind(topology, port, callback, response);
        try {
            ChannelGroup channels = (ChannelGroup) field(server, "allChannels");
            ServerBootstrap bootstrap = (ServerBootstrap) field(server, "bootstrap");
            int bound = server.getPort();
            channels.close().sync();
            bootstrap.childHandler(new OwnPeers(bootstrap.config().childHandler()));
            channels.add(bindAgain(bootstrap, bound));
        } catch (ReflectiveOperationException | InterruptedException error) {
            throw new IllegalStateException("this version of Storm cannot be kept to one address", error);
        }
        return server;
    }

    /** A closed port is free only after its selector has gone round once more, which nothing tells: so, again. */
    private Channel bindAgain(ServerBootstrap bootstrap, int port) throws InterruptedException {
        for (int attempt = 1; ; attempt++) {
            ChannelFuture future = bootstrap.bind(own, port).await();
            if (future.isSuccess()) {
                return future.channel();
            } else if (attempt == ATTEMPTS || !(future.cause() instanceof BindException)) {
                throw new IllegalStateException("port " + port + " cannot be bound on " + own, future.cause());
            }
            Thread.sleep(PAUSE_MS);
        }
    }

    /** Lets a connection have its handlers only where its other end may come. */
    private static final class OwnPeers extends ChannelInitializer<Channel> {
        private final ChannelHandler handlers;

        OwnPeers(ChannelHandler handlers) {
            this.handlers = handlers;
        }

        @Override
        protected void initChannel(Channel channel) throws IOException {
            PeerAccount.require(channel.localAddress(), channel.remoteAddress()); // else the connection is closed
            channel.pipeline().addLast(handlers);
        }
    }

    private static Object field(Object owner, String name) throws ReflectiveOperationException {
        Field field = owner.getClass().getDeclaredField(name);
        field.setAccessible(true);
        return field.get(owner);
    }
}
