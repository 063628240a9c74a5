package riverline.storm;

import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Map;

/** The address by which a host's daemons and workers are reached. */
final class HostAddress {
    private static final String SETTING = "storm.local.hostname";

    private HostAddress() {}

    /** What the host's own storm.yaml says; loopback where it says nothing. */
    static InetAddress of(Map<String, Object> conf) {
        Object named = conf.get(SETTING);
        if (named == null) {
            return InetAddress.getLoopbackAddress();
        }
        try {
            return InetAddress.getByName(named.toString());
        } catch (UnknownHostException error) {
            throw new UncheckedIOException(SETTING + " names no host that is known here", error);
        }
    }
}
