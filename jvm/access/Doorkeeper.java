package riverline.access;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Judges a request by its headers.
 *
 * <p>A page of another site reaches loopback through the browser of whoever looks at it. Such a request names the page in
 * `Origin` or says that it crosses sites; one whose name was bound to this address afterwards (DNS rebinding) names that
 * other host in `Host`. Both are refused whatever password they carry: a browser adds one that it was told once.
 */
final class Doorkeeper {
    record Refusal(int status, String reason) {}

    private static final Refusal UNKNOWN = new Refusal(401, "the user or the password is missing or wrong");
    private static final Refusal FOREIGN_HOST = new Refusal(403, "the header Host names another host");
    private static final Refusal FOREIGN_PAGE = new Refusal(403, "a page of another origin asks");
    private static final String BASIC = "basic ";
    // An address cannot be bound to another host, as a name can.
    private static final Pattern OWN_HOST =
            Pattern.compile("(?i)(localhost|[0-9]{1,3}(\\.[0-9]{1,3}){3}|\\[[0-9a-f:.]+\\])(:[0-9]{1,5})?");

    private final String host;
    private final byte[] digest;
    private final String scheme;

    /**
     * `host` is the node's own name; `digest` the SHA-256 of `user:password` in hexadecimal digits, or nothing; `scheme`
     * what its own pages are asked for with.
     */
    Doorkeeper(String host, String digest, String scheme) {
        this.host = host;
        this.scheme = scheme;
        this.digest = HexFormat.of().parseHex(digest);
    }

    /** Why the request is refused. `headers` gives all values of a header by its name. */
    Optional<Refusal> refusal(Function<String, List<String>> headers) {
        List<String> hosts = all(headers, "Host");
        if (hosts.size() != 1 || !isOwn(hosts.get(0))) {
            return Optional.of(FOREIGN_HOST);
        }
        if (!isOfThisOrigin(headers, hosts.get(0))) {
            return Optional.of(FOREIGN_PAGE);
        }
        boolean known = digest.length == 0 || isKnown(all(headers, "Authorization"));
        return known ? Optional.empty() : Optional.of(UNKNOWN);
    }

    private boolean isOwn(String named) {
        return OWN_HOST.matcher(named).matches() || named.replaceFirst(":[0-9]{1,5}$", "").equalsIgnoreCase(host);
    }

    private boolean isOfThisOrigin(Function<String, List<String>> headers, String host) {
        List<String> origins = all(headers, "Origin");
        List<String> sites = all(headers, "Sec-Fetch-Site");
        return origins.stream().allMatch(origin -> origin.equalsIgnoreCase(scheme + host))
                && sites.stream().allMatch(site -> site.equals("same-origin") || site.equals("none"));
    }

    private boolean isKnown(List<String> authorizations) {
        if (authorizations.size() != 1) {
            return false;
        }
        String shown = authorizations.get(0);
        if (!shown.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
            return false;
        }
        try {
            byte[] named = Base64.getDecoder().decode(shown.substring(BASIC.length()).strip());
            return MessageDigest.isEqual(digest, sha256(named));
        } catch (IllegalArgumentException notBase64) {
            return false;
        }
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException everyJavaHasIt) {
            throw new IllegalStateException(everyJavaHasIt);
        }
    }

    private static List<String> all(Function<String, List<String>> headers, String name) {
        List<String> values = headers.apply(name);
        return values == null ? List.of() : values;
    }
}
