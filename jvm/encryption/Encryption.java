package riverline.encryption;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.io.File;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.function.Function;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.elasticsearch.common.transport.TransportAddress;

/**
 * TLS before what a channel does otherwise, with the files of the node's folder of configuration: `tls.pem` has key and
 * certificate, `tls-authority.pem` those whom other nodes are checked with. Nodes check each other, clients check nodes.
 */
final class Encryption {
    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

    private final SslContext server;
    private final SslContext node;
    private final SslContext peer;

    private Encryption(File own, File authority) throws SSLException {
        server = SslContextBuilder.forServer(own, own)
                .sslProvider(SslProvider.JDK)
                .protocols(PROTOCOLS)
                .build();
        node = SslContextBuilder.forServer(own, own)
                .sslProvider(SslProvider.JDK)
                .protocols(PROTOCOLS)
                .trustManager(authority)
                .clientAuth(ClientAuth.REQUIRE)
                .build();
        peer = SslContextBuilder.forClient()
                .sslProvider(SslProvider.JDK)
                .protocols(PROTOCOLS)
                .keyManager(own, own)
                .trustManager(authority)
                .build();
    }

    /** Null where `access.properties` does not say `tls=on`. */
    static Encryption of(Path configuration) {
        Properties known = new Properties();
        try (Reader reader = Files.newBufferedReader(configuration.resolve("access.properties"))) {
            known.load(reader);
            if (!known.getProperty("tls", "").equals("on")) {
                return null;
            }
            return new Encryption(
                    configuration.resolve("tls.pem").toFile(),
                    configuration.resolve("tls-authority.pem").toFile());
        } catch (IOException error) {
            throw new UncheckedIOException("TLS is on, and the node's certificate cannot be used", error);
        }
    }

    ChannelHandler ofServer(ChannelHandler then) {
        return before(then, channel -> server.newEngine(channel.alloc()));
    }

    ChannelHandler ofNode(ChannelHandler then) {
        return before(then, channel -> node.newEngine(channel.alloc()));
    }

    /** Towards the node at that address, of which its certificate has to be. */
    ChannelHandler toNode(ChannelHandler then, TransportAddress address) {
        return before(then, channel -> {
            SSLEngine engine = peer.newEngine(channel.alloc(), address.getAddress(), address.getPort());
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            engine.setSSLParameters(parameters);
            return engine;
        });
    }

    private static ChannelHandler before(ChannelHandler then, Function<Channel, SSLEngine> engine) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(new SslHandler(engine.apply(channel)), then);
            }
        };
    }
}
