package riverline.storm;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends this worker when its supervisor has given it up.
 *
 * <p>A supervisor that takes a worker's executors away before the worker has written its process id has nothing to end,
 * and forgets it. The worker would start all the same, do nothing, and keep its port, so that the next one that is to
 * have that port cannot start. What a supervisor has given up is told by the file with the worker's user: it is written
 * before the worker is launched, and removed when the worker is taken for ended.
 */
final class AbandonedWorker implements Runnable {
    static final int EXIT_CODE = 20; // as Storm's own, of a worker that had to end
    static final long LOOK_MILLIS = 10_000;

    private static final Logger LOG = LoggerFactory.getLogger(AbandonedWorker.class);
    private static final AtomicBoolean STARTED = new AtomicBoolean();

    private final Path user;
    private final long everyMillis;

    AbandonedWorker(Path user, long everyMillis) {
        this.user = user;
        this.everyMillis = everyMillis;
    }

    /** Looks from now on, on a thread of its own, once in a process; never where this is no worker of a supervisor. */
    static void watch() {
        Path user = userFile(System.getProperty("worker.id"), System.getProperty("java.io.tmpdir"));
        if (user != null && STARTED.compareAndSet(false, true)) {
            Thread thread = new Thread(new AbandonedWorker(user, LOOK_MILLIS), "abandoned-worker");
            thread.setDaemon(true);
            thread.start();
        }
    }

    /** The file of a worker's user; null where folders are not as a supervisor lays them. */
    static Path userFile(String worker, String temporary) {
        if (worker == null || temporary == null) {
            return null;
        }
        Path folder = Path.of(temporary).toAbsolutePath().getParent();
        if (folder == null || !folder.endsWith(Path.of("workers", worker))) {
            return null;
        }
        Path users = folder.getParent().resolveSibling("workers-users");
        return Files.isDirectory(users) ? users.resolve(worker) : null;
    }

    @Override
    public void run() {
        try {
            int missing = 0;
            while (missing < 2) { // a single look may be wrong: a disk that is slow, an error that passes
                Thread.sleep(everyMillis);
                missing = Files.notExists(user) ? missing + 1 : 0;
            }
        } catch (InterruptedException e) {
            return;
        }
        LOG.error("The supervisor has given this worker up ({} is gone): it ends", user);
        Runtime.getRuntime().halt(EXIT_CODE);
    }
}
