package riverline.access;

import org.elasticsearch.ElasticsearchSecurityException;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.transport.TransportInterceptor;
import org.elasticsearch.transport.TransportRequest;
import org.elasticsearch.transport.TransportRequestHandler;

/** Answers the node's requests to itself, and none that comes over its transport port, which asks for no password. */
final class LonelyNode implements TransportInterceptor {
    private static final String ITSELF = "direct"; // the kind of channel that no socket is behind

    @Override
    public <T extends TransportRequest> TransportRequestHandler<T> interceptHandler(
            String action, String executor, boolean forceExecution, TransportRequestHandler<T> handler) {
        return (request, channel, task) -> {
            if (!channel.getChannelType().equals(ITSELF)) {
                throw new ElasticsearchSecurityException("this node answers no other node", RestStatus.FORBIDDEN);
            }
            handler.messageReceived(request, channel, task);
        };
    }
}
