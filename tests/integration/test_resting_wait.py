"""How a worker's executors wait: seldom while nobody works, at once when one of them finds work; and how a worker ends
that its supervisor has given up.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from riverline.settings import ROOT, Settings
from riverline_stack.servers import storm_cluster
from riverline_stack.servers.storm_home import home_folder
from tests.support.stack import Told

CLASSES = ("RestingWait", "AbandonedWorker")

SOURCES = [ROOT / "jvm" / "topology" / "riverline" / "storm" / f"{name}.java" for name in CLASSES]
DRIVER = """
package riverline.storm;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.storm.Config;
import org.apache.storm.policy.IWaitStrategy.WaitSituation;

public final class Driver {
    static final Map<String, Object> CONF = Map.of(
        Config.TOPOLOGY_BOLT_WAIT_PROGRESSIVE_LEVEL1_COUNT, 1,
        Config.TOPOLOGY_BOLT_WAIT_PROGRESSIVE_LEVEL2_COUNT, 1,
        Config.TOPOLOGY_BOLT_WAIT_PROGRESSIVE_LEVEL3_SLEEP_MILLIS, 1L,
        Config.TOPOLOGY_SPOUT_WAIT_PROGRESSIVE_LEVEL1_COUNT, 0,
        Config.TOPOLOGY_SPOUT_WAIT_PROGRESSIVE_LEVEL2_COUNT, 0,
        Config.TOPOLOGY_SPOUT_WAIT_PROGRESSIVE_LEVEL3_SLEEP_MILLIS, 1L);

    static RestingWait of(WaitSituation situation) {
        RestingWait made = new RestingWait();
        made.prepare(CONF, situation);
        return made;
    }

    public static void main(String[] arguments) throws Exception {
        if (arguments.length > 0) {
            Path user = AbandonedWorker.userFile(arguments[0], arguments[1]);
            System.out.println("watches " + user);
            new AbandonedWorker(user, 100).run();
        }
        RestingWait bolt = of(WaitSituation.BOLT_WAIT), spout = of(WaitSituation.SPOUT_WAIT);
        System.out.println("awake " + looks(bolt, 500));
        Thread.sleep(RestingWait.AWAKE_MILLIS);
        System.out.println("resting " + looks(bolt, 2000));
        System.out.println("spout " + looks(spout, 500));
        System.out.println("woken " + woken(bolt, spout) / 1e6);
        System.out.println("after " + looks(bolt, 500));
    }

    /** How often one that finds nothing looks, a second. */
    static double looks(RestingWait wait, long millis) throws InterruptedException {
        long count = 0, end = System.nanoTime() + millis * 1_000_000;
        for (int counter = 1; System.nanoTime() < end; count++) {
            counter = wait.idle(counter);
        }
        return count * 1000.0 / millis;
    }

    /** The shortest of some times (ns) from another's work until one that rests looks again. */
    static long woken(RestingWait bolt, RestingWait spout) throws Exception {
        long best = Long.MAX_VALUE;
        for (int turn = 0; turn < 5; turn++) {
            Thread.sleep(RestingWait.AWAKE_MILLIS + 100);
            CountDownLatch begins = new CountDownLatch(1);
            AtomicLong back = new AtomicLong();
            Thread rests = new Thread(() -> {
                try {
                    begins.countDown();
                    bolt.idle(1);
                    back.set(System.nanoTime());
                } catch (InterruptedException e) {
                    back.set(Long.MAX_VALUE);
                }
            });
            rests.start();
            begins.await();
            Thread.sleep(20);
            long began = System.nanoTime();
            spout.idle(0);
            rests.join();
            best = Math.min(best, back.get() - began);
        }
        return best;
    }
}
"""


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What starts the driver."""
    folder = tmp_path_factory.mktemp("resting")
    settings = Settings().placed(folder / "home")
    storm_cluster.install(settings, Told().say)
    driver = folder / "Driver.java"
    driver.write_text(DRIVER)
    libraries = f"{home_folder(settings.stack.cache)}/lib-worker/*"
    subprocess.run(["javac", "--release", "17", "-cp", libraries, "-d", folder, *SOURCES, driver], check=True)
    return ["java", "-XX:TieredStopAtLevel=1", "-cp", f"{folder}:{libraries}", "riverline.storm.Driver"]


@pytest.fixture(scope="module")
def measured(command: list[str]) -> dict[str, float]:
    """Looks a second, and the milliseconds until one that rests is woken."""
    run = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    return {name: float(value) for name, value in map(str.split, run.stdout.splitlines())}


def test_a_worker_ends_when_its_supervisor_has_given_it_up(command: list[str], tmp_path: Path) -> None:
    user = tmp_path / "workers-users" / "an-id"
    user.parent.mkdir()
    user.touch()
    arguments = ["an-id", str(tmp_path / "workers" / "an-id" / "tmp")]
    with subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, text=True) as worker:
        try:
            assert worker.stdout and worker.stdout.readline().strip() == f"watches {user}"
            with pytest.raises(subprocess.TimeoutExpired):
                worker.wait(1.0)
            user.unlink()
            assert worker.wait(30) == 20
        finally:
            worker.kill()


@pytest.mark.parametrize("temporary", ["/tmp", "workers/another/tmp", "workers/an-id/tmp"])
def test_what_is_no_worker_of_a_supervisor_watches_nothing(command: list[str], tmp_path: Path, temporary: str) -> None:
    arguments = ["an-id", str(tmp_path / temporary)]
    with subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, text=True) as other:
        try:
            assert other.stdout and other.stdout.readline().strip() == "watches null"
        finally:
            other.kill()


def test_who_finds_nothing_looks_often_while_others_work(measured: dict[str, float]) -> None:
    assert measured["awake"] > 50 and measured["after"] > 50


def test_who_finds_nothing_looks_seldom_when_nobody_has_worked_for_a_while(measured: dict[str, float]) -> None:
    assert 1 <= measured["resting"] <= 4.5


def test_a_spout_does_not_rest(measured: dict[str, float]) -> None:
    assert measured["spout"] > 50


def test_work_wakes_those_that_rest(measured: dict[str, float]) -> None:
    assert measured["woken"] < 50  # of the 280 ms that were left
