package riverline.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.elasticsearch.ElasticsearchSecurityException;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.transport.Transport;
import org.elasticsearch.transport.TransportInterceptor;
import org.elasticsearch.transport.TransportRequest;
import org.elasticsearch.transport.TransportRequestHandler;
import org.elasticsearch.transport.TransportRequestOptions;
import org.elasticsearch.transport.TransportResponse;
import org.elasticsearch.transport.TransportResponseHandler;

/** Shows a key with every request to another node, and answers those requests that show it too. */
final class KnownNodes implements TransportInterceptor {
    private static final String ITSELF = "direct"; // the kind of channel that no socket is behind
    private static final String HEADER = "riverline-node";

    private final String key;
    private final ThreadContext context;

    KnownNodes(String key, ThreadContext context) {
        this.key = key;
        this.context = context;
    }

    @Override
    public AsyncSender interceptSender(AsyncSender sender) {
        return new AsyncSender() {
            @Override
            public <T extends TransportResponse> void sendRequest(
                    Transport.Connection connection,
                    String action,
                    TransportRequest request,
                    TransportRequestOptions options,
                    TransportResponseHandler<T> handler) {
                try (ThreadContext.StoredContext before = context.newStoredContext(true)) {
                    if (context.getHeader(HEADER) == null) {
                        context.putHeader(HEADER, key);
                    }
                    sender.sendRequest(connection, action, request, options, handler);
                }
            }
        };
    }

    @Override
    public <T extends TransportRequest> TransportRequestHandler<T> interceptHandler(
            String action, String executor, boolean forceExecution, TransportRequestHandler<T> handler) {
        return (request, channel, task) -> {
            if (!channel.getChannelType().equals(ITSELF) && !isKnown(context.getHeader(HEADER))) {
                throw new ElasticsearchSecurityException("this node answers known nodes alone", RestStatus.FORBIDDEN);
            }
            handler.messageReceived(request, channel, task);
        };
    }

    private boolean isKnown(String shown) {
        return shown != null
                && MessageDigest.isEqual(
                        shown.getBytes(StandardCharsets.UTF_8), key.getBytes(StandardCharsets.UTF_8));
    }
}
