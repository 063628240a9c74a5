package riverline.kafka;

import com.yammer.metrics.core.Meter;
import com.yammer.metrics.core.Metric;
import com.yammer.metrics.core.MetricName;
import com.yammer.metrics.core.MetricsRegistryListener;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.metrics.KafkaMetric;
import org.apache.kafka.common.metrics.MetricsReporter;
import org.apache.kafka.server.metrics.KafkaYammerMetrics;

/**
 * Lets the meters of single topics rest: their counts go on, their rates stay at 0.
 *
 * <p>A broker has up to a dozen meters for each of its topics, and each works out its rates anew every five seconds, whether
 * or not anything happened: with hundreds of topics that is more than all else that a broker at rest does, and it grows
 * with every topic. The rates of the broker as a whole are kept.
 */
public final class TopicMeters implements MetricsReporter, MetricsRegistryListener {
    @Override
    public void configure(Map<String, ?> configuration) {
        KafkaYammerMetrics.defaultRegistry().addListener(this); // which hears of all that are there already, too
    }

    @Override
    public void onMetricAdded(MetricName name, Metric metric) {
        if (metric instanceof Meter meter && isOfTopic(name)) {
            meter.stop();
        }
    }

    private static boolean isOfTopic(MetricName name) {
        return name.getMBeanName().contains(",topic=");
    }

    @Override
    public void onMetricRemoved(MetricName name) {}

    @Override
    public void init(List<KafkaMetric> metrics) {}

    @Override
    public void metricChange(KafkaMetric metric) {}

    @Override
    public void metricRemoval(KafkaMetric metric) {}

    @Override
    public void close() {
        KafkaYammerMetrics.defaultRegistry().removeListener(this);
    }
}
