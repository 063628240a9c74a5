package riverline.access;

import java.util.List;
import java.util.Optional;
import org.elasticsearch.client.node.NodeClient;
import org.elasticsearch.rest.BytesRestResponse;
import org.elasticsearch.rest.RestChannel;
import org.elasticsearch.rest.RestHandler;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.RestStatus;

/** A handler behind the door: it is asked when the request may be answered, and is otherwise as it was. */
final class GuardedHandler implements RestHandler {
    private static final String CHALLENGE = "Basic realm=\"riverline\", charset=\"UTF-8\"";

    private final RestHandler handler;
    private final Doorkeeper doorkeeper;

    GuardedHandler(RestHandler handler, Doorkeeper doorkeeper) {
        this.handler = handler;
        this.doorkeeper = doorkeeper;
    }

    @Override
    public void handleRequest(RestRequest request, RestChannel channel, NodeClient client) throws Exception {
        Optional<Doorkeeper.Refusal> refusal = doorkeeper.refusal(request::getAllHeaderValues);
        if (refusal.isEmpty()) {
            handler.handleRequest(request, channel, client);
        } else {
            channel.sendResponse(answer(refusal.get()));
        }
    }

    private static BytesRestResponse answer(Doorkeeper.Refusal refusal) {
        String body = "{\"error\":{\"type\":\"security_exception\",\"reason\":\"" + refusal.reason() + "\"},\"status\":"
                + refusal.status() + "}";
        BytesRestResponse response =
                new BytesRestResponse(RestStatus.fromCode(refusal.status()), "application/json", body);
        if (refusal.status() == RestStatus.UNAUTHORIZED.getStatus()) {
            response.addHeader("WWW-Authenticate", CHALLENGE);
        }
        return response;
    }

    @Override
    public boolean canTripCircuitBreaker() {
        return handler.canTripCircuitBreaker();
    }

    @Override
    public boolean supportsContentStream() {
        return handler.supportsContentStream();
    }

    @Override
    public RestHandler getConcreteRestHandler() {
        return handler.getConcreteRestHandler();
    }

    @Override
    public boolean allowsUnsafeBuffers() {
        return handler.allowsUnsafeBuffers();
    }

    @Override
    public List<Route> routes() {
        return handler.routes();
    }

    @Override
    public boolean allowSystemIndexAccessByDefault() {
        return handler.allowSystemIndexAccessByDefault();
    }
}
