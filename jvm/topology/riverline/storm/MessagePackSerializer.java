package riverline.storm;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.storm.multilang.BoltMsg;
import org.apache.storm.multilang.ISerializer;
import org.apache.storm.multilang.NoOutputException;
import org.apache.storm.multilang.ShellMsg;
import org.apache.storm.multilang.SpoutMsg;
import org.apache.storm.shade.net.minidev.json.JSONValue;
import org.apache.storm.task.TopologyContext;
import org.apache.storm.utils.Utils;

/**
 * Storm's multilang protocol over MessagePack: the same messages as over JSON, a fifth of the work, and bytes stay bytes.
 * The other end is src/bolts/multilang.py.
 */
public class MessagePackSerializer implements ISerializer {
    private static final long serialVersionUID = 1L;

    private transient MessagePackWriter out;
    private transient MessagePackReader in;

    @Override
    public void initialize(OutputStream processIn, InputStream processOut) {
        out = new MessagePackWriter(processIn);
        in = new MessagePackReader(processOut);
    }

    @Override
    public Number connect(Map<String, Object> conf, TopologyContext context) throws IOException, NoOutputException {
        Map<String, Object> handshake = new HashMap<>();
        handshake.put("pidDir", context.getPIDDir());
        handshake.put("conf", conf);
        handshake.put("context", JSONValue.parse(context.toJSONString()));
        out.value(handshake);
        out.flush();
        return (Number) receive().get("pid");
    }

    @Override
    public void writeBoltMsg(BoltMsg message) throws IOException {
        out.mapHeader(5);
        out.string("id");
        out.string(message.getId());
        out.string("comp");
        out.value(message.getComp());
        out.string("stream");
        out.value(message.getStream());
        out.string("task");
        out.integer(message.getTask());
        out.string("tuple");
        out.value(message.getTuple());
        out.flush();
    }

    @Override
    public void writeSpoutMsg(SpoutMsg message) throws IOException {
        out.mapHeader(2);
        out.string("command");
        out.value(message.getCommand());
        out.string("id");
        out.value(message.getId());
        out.flush();
    }

    @Override
    public void writeTaskIds(List<Integer> taskIds) throws IOException {
        out.value(taskIds);
        out.flush();
    }

    @Override
    @SuppressWarnings("unchecked")
    public ShellMsg readShellMsg() throws IOException, NoOutputException {
        Map<String, Object> given = receive();
        ShellMsg message = new ShellMsg();
        message.setCommand((String) given.get("command"));
        message.setId(given.get("id"));
        message.setMsg((String) given.get("msg"));
        message.setStream((String) given.getOrDefault("stream", Utils.DEFAULT_STREAM_ID));
        message.setTask(given.get("task") instanceof Number task ? task.longValue() : 0);
        message.setNeedTaskIds(!Boolean.FALSE.equals(given.get("need_task_ids")));
        message.setTuple((List<Object>) given.get("tuple"));
        if (given.get("anchors") instanceof List<?> anchors) {
            anchors.forEach(anchor -> message.addAnchor((String) anchor));
        }
        message.setMetricName((String) given.get("name"));
        message.setMetricParams(given.get("params"));
        if (given.get("level") instanceof Number level) {
            message.setLogLevel(level.intValue());
        }
        return message;
    }

    @SuppressWarnings("unchecked")
    private Map<String, Object> receive() throws IOException, NoOutputException {
        return (Map<String, Object>) in.message();
    }
}
