package riverline.encryption;

import io.netty.channel.ChannelHandler;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.apache.lucene.util.SetOnce;
import org.elasticsearch.Version;
import org.elasticsearch.cluster.node.DiscoveryNode;
import org.elasticsearch.common.io.stream.NamedWriteableRegistry;
import org.elasticsearch.common.network.NetworkService;
import org.elasticsearch.common.settings.ClusterSettings;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.common.util.BigArrays;
import org.elasticsearch.common.util.PageCacheRecycler;
import org.elasticsearch.common.util.concurrent.EsExecutors;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.elasticsearch.http.HttpPreRequest;
import org.elasticsearch.http.HttpServerTransport;
import org.elasticsearch.http.netty4.Netty4HttpServerTransport;
import org.elasticsearch.indices.breaker.CircuitBreakerService;
import org.elasticsearch.threadpool.ThreadPool;
import org.elasticsearch.transport.Netty4Plugin;
import org.elasticsearch.transport.SharedGroupFactory;
import org.elasticsearch.transport.Transport;
import org.elasticsearch.transport.netty4.Netty4Transport;
import org.elasticsearch.transport.netty4.Netty4Utils;
import org.elasticsearch.xcontent.NamedXContentRegistry;

/**
 * The module `transport-netty4`, whose HTTP and whose protocol between nodes go over TLS where the node's configuration
 * says so, and are as they were where it does not.
 *
 * <p>The published jars of Elasticsearch come without its TLS.
 */
public final class EncryptedNetty extends Netty4Plugin {
    private final Encryption encryption; // null: none
    private final SetOnce<SharedGroupFactory> groups = new SetOnce<>();

    public EncryptedNetty(Settings settings, Path configuration) {
        // Before Netty is used at all, else its transports refuse to start.
        Netty4Utils.setAvailableProcessors(EsExecutors.allocatedProcessors(settings));
        encryption = Encryption.of(configuration);
    }

    @Override
    public Map<String, Supplier<Transport>> getTransports(
            Settings settings,
            ThreadPool threads,
            PageCacheRecycler recycler,
            CircuitBreakerService breakers,
            NamedWriteableRegistry registry,
            NetworkService network) {
        if (encryption == null) {
            return super.getTransports(settings, threads, recycler, breakers, registry, network);
        }
        SharedGroupFactory group = groups(settings);
        return Map.of(
                NETTY_TRANSPORT_NAME,
                () -> new Netty4Transport(
                        settings, Version.CURRENT, threads, network, recycler, registry, breakers, group) {
                    @Override
                    protected ChannelHandler getServerChannelInitializer(String name) {
                        return encryption.ofNode(super.getServerChannelInitializer(name));
                    }

                    @Override
                    protected ChannelHandler getClientChannelInitializer(DiscoveryNode node) {
                        return encryption.toNode(super.getClientChannelInitializer(node), node.getAddress());
                    }
                });
    }

    @Override
    public Map<String, Supplier<HttpServerTransport>> getHttpTransports(
            Settings settings,
            ThreadPool threads,
            BigArrays arrays,
            PageCacheRecycler recycler,
            CircuitBreakerService breakers,
            NamedXContentRegistry registry,
            NetworkService network,
            HttpServerTransport.Dispatcher dispatcher,
            BiConsumer<HttpPreRequest, ThreadContext> context,
            ClusterSettings cluster) {
        if (encryption == null) {
            return super.getHttpTransports(
                    settings, threads, arrays, recycler, breakers, registry, network, dispatcher, context, cluster);
        }
        SharedGroupFactory group = groups(settings);
        return Map.of(
                NETTY_HTTP_TRANSPORT_NAME,
                () -> new Netty4HttpServerTransport(
                        settings, network, arrays, threads, registry, dispatcher, cluster, group, null) {
                    @Override
                    public ChannelHandler configureServerChannelHandler() {
                        return encryption.ofServer(super.configureServerChannelHandler());
                    }
                });
    }

    private synchronized SharedGroupFactory groups(Settings settings) {
        if (groups.get() == null) {
            groups.set(new SharedGroupFactory(settings));
        }
        return groups.get();
    }
}
