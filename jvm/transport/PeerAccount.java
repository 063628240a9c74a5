package riverline.storm;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Whose process is at the other end of a loopback connection, as the kernel tells: see proc(5), /proc/net/tcp.
 *
 * <p>Storm and ZooKeeper ask no caller for a password that all of their clients could show, Python's among them. Between
 * programs of one machine the account says as much, and needs no secret.
 *
 * <p>The property riverline.guests names further accounts that may come, with a comma between two.
 */
final class PeerAccount {
    private static final Path TABLE = Path.of("/proc/self/net/tcp");
    private static final Path TABLE_OF_SIX = Path.of("/proc/self/net/tcp6"); // has sockets that take both kinds of address
    private static final String ESTABLISHED = "01";
    private static final String NO_INODE = "0"; // a socket that no process holds any more counts as root's
    private static final Path ACCOUNTS = Path.of("/etc/passwd");
    private static final String GUESTS = "riverline.guests";
    private static final int LOCAL = 1, REMOTE = 2, STATE = 3, ACCOUNT = 7, INODE = 9; // columns
    private static final int ROOT = 0;

    private PeerAccount() {}

    /**
     * Raises IOException unless a process of this one's account, of a guest or of root is at the other end. Of
     * connections between hosts the kernel tells nothing: there the network decides who comes.
     */
    static void require(SocketAddress own, SocketAddress peer) throws IOException {
        if (((InetSocketAddress) own).getAddress().isLoopbackAddress() && !mayCome((InetSocketAddress) own, (InetSocketAddress) peer)) {
            throw new IOException("refused " + peer + ": it is a process of another account");
        }
    }

    private static boolean mayCome(InetSocketAddress own, InetSocketAddress peer) throws IOException {
        if (!(own.getAddress() instanceof Inet4Address) || !(peer.getAddress() instanceof Inet4Address)) {
            return false;
        }
        List<Integer> welcome = new ArrayList<>(List.of(ROOT, self()));
        welcome.addAll(guests());
        return holds(TABLE, "", own, peer, welcome) || holds(TABLE_OF_SIX, mapped(), own, peer, welcome);
    }

    private static int self() throws IOException {
        return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    }

    /** The numbers of the guests that have an account by now. */
    private static List<Integer> guests() throws IOException {
        String named = System.getProperty(GUESTS, "");
        if (named.isEmpty()) {
            return List.of();
        }
        List<String> names = List.of(named.split(","));
        try (Stream<String> lines = Files.lines(ACCOUNTS)) {
            return lines.map(line -> line.split(":"))
                    .filter(row -> row.length > 2 && names.contains(row[0]))
                    .map(row -> Integer.valueOf(row[2]))
                    .toList();
        }
    }

    private static boolean holds(
            Path table, String prefix, InetSocketAddress own, InetSocketAddress peer, List<Integer> welcome)
            throws IOException {
        String from = prefix + named(peer);
        String to = prefix + named(own);
        try (Stream<String> lines = Files.lines(table)) {
            return lines.map(line -> line.strip().split("\\s+"))
                    .filter(row -> row.length > INODE && row[LOCAL].equals(from) && row[REMOTE].equals(to))
                    .anyMatch(row -> row[STATE].equals(ESTABLISHED)
                            && !row[INODE].equals(NO_INODE)
                            && welcome.contains(Integer.parseInt(row[ACCOUNT])));
        }
    }

    /** An address and a port as the kernel writes them: the address as a number of this machine's order of bytes. */
    private static String named(InetSocketAddress address) {
        int number = ByteBuffer.wrap(address.getAddress().getAddress())
                .order(ByteOrder.nativeOrder())
                .getInt();
        return String.format("%08X:%04X", number, address.getPort());
    }

    /** What stands before an address of version 4 where one of version 6 is expected. */
    private static String mapped() {
        int marks = ByteBuffer.wrap(new byte[] {0, 0, -1, -1}).order(ByteOrder.nativeOrder()).getInt();
        return "0".repeat(16) + String.format("%08X", marks);
    }
}
