package riverline.access;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.function.UnaryOperator;
import org.elasticsearch.common.io.stream.NamedWriteableRegistry;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.elasticsearch.plugins.ActionPlugin;
import org.elasticsearch.plugins.NetworkPlugin;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.rest.RestHandler;
import org.elasticsearch.transport.TransportInterceptor;

/**
 * Lets in who shows the password, over HTTP; over the protocol between nodes those who show what only nodes know, and
 * nobody where there is one node.
 *
 * <p>The published jars of Elasticsearch come without its security. The file `access.properties` in the node's folder of
 * configuration has the SHA-256 of `user:password` as `digest`, never the password itself, and the node's own name as
 * `host`, and as `node` what the nodes show each other. With an empty digest nobody is asked; without the file the node
 * does not start.
 */
public final class AccessPlugin extends Plugin implements ActionPlugin, NetworkPlugin {
    private static final String FILE = "access.properties";

    private final Doorkeeper doorkeeper;
    private final String node;

    public AccessPlugin(Settings settings, Path configuration) {
        Properties known = new Properties();
        try (Reader reader = Files.newBufferedReader(configuration.resolve(FILE))) {
            known.load(reader);
        } catch (IOException error) {
            throw new UncheckedIOException("there is no " + FILE + " to judge requests by", error);
        }
        doorkeeper = new Doorkeeper(
                known.getProperty("host"),
                known.getProperty("digest"),
                known.getProperty("tls", "").equals("on") ? "https://" : "http://");
        node = known.getProperty("node", "");
    }

    @Override
    public UnaryOperator<RestHandler> getRestHandlerWrapper(ThreadContext context) {
        return handler -> new GuardedHandler(handler, doorkeeper);
    }

    @Override
    public List<TransportInterceptor> getTransportInterceptors(
            NamedWriteableRegistry registry, ThreadContext context) {
        return List.of(node.isEmpty() ? new LonelyNode() : new KnownNodes(node, context));
    }
}
