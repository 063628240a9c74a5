package riverline.storm;

import java.util.Map;
import org.apache.storm.policy.WaitStrategyProgressive;

/**
 * How an executor waits for tuples: as Storm's progressive strategy while anything in this worker works, and much longer
 * when nothing has for a while.
 *
 * <p>Storm's queues wake nobody: whoever waits for one looks again and again. At rest that is what a worker's processor
 * time is spent on. Here an executor that finds work after it had none wakes all the others, so that a first tuple meets
 * a worker that looks as often as under load. Only what comes from another worker, or from a bolt that has worked on one
 * tuple for longer than AWAKE_MILLIS, may wait for REST_MILLIS. A spout does not rest here: it waits for records itself.
 */
public final class RestingWait extends WaitStrategyProgressive {
    static final long AWAKE_MILLIS = 3_000;
    static final long REST_MILLIS = 300;

    private static final Object BELL = new Object();
    private static volatile long lastWork = System.nanoTime();
    private static volatile int resting;

    private boolean rests;

    @Override
    public void prepare(Map<String, Object> conf, WaitSituation situation) {
        super.prepare(conf, situation);
        rests = situation == WaitSituation.BOLT_WAIT;
        AbandonedWorker.watch(); // each worker has executors, if only Storm's own
    }

    /** `idleCounter` is 0 when the caller has just worked, and counts up from there. */
    @Override
    public int idle(int idleCounter) throws InterruptedException {
        if (idleCounter == 0) {
            wake();
        } else if (rests && isQuiet()) {
            rest();
            return idleCounter;
        }
        return Math.max(1, super.idle(idleCounter));
    }

    private static void wake() {
        lastWork = System.nanoTime();
        if (resting > 0) {
            synchronized (BELL) {
                BELL.notifyAll();
            }
        }
    }

    private static boolean isQuiet() {
        return System.nanoTime() - lastWork > AWAKE_MILLIS * 1_000_000;
    }

    private static void rest() throws InterruptedException {
        synchronized (BELL) {
            resting++;
            try {
                if (isQuiet()) { // else somebody has begun to work since the caller asked, and has woken those before it
                    BELL.wait(REST_MILLIS);
                }
            } finally {
                resting--;
            }
        }
    }
}
