package riverline.storm;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;

/** Writes plain Java values as MessagePack, in whatever form of each type is the least work to choose. */
final class MessagePackWriter {
    private final DataOutputStream out;

    MessagePackWriter(OutputStream stream) {
        out = new DataOutputStream(new BufferedOutputStream(stream, 1 << 16));
    }

    void flush() throws IOException {
        out.flush();
    }

    /** The start of a map of fewer than 16 entries; the entries follow. */
    void mapHeader(int entries) throws IOException {
        out.writeByte(0x80 | entries);
    }

    void value(Object value) throws IOException {
        if (value == null) {
            out.writeByte(0xc0);
        } else if (value instanceof byte[] bytes) {
            binary(bytes);
        } else if (value instanceof String text) {
            string(text);
        } else if (value instanceof Boolean truth) {
            out.writeByte(truth ? 0xc3 : 0xc2);
        } else if (value instanceof Double || value instanceof Float) {
            out.writeByte(0xcb);
            out.writeDouble(((Number) value).doubleValue());
        } else if (value instanceof Number number) {
            integer(number.longValue());
        } else if (value instanceof Map<?, ?> map) {
            out.writeByte(0xdf);
            out.writeInt(map.size());
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                string(String.valueOf(entry.getKey()));
                value(entry.getValue());
            }
        } else if (value instanceof Collection<?> values) {
            out.writeByte(0xdd);
            out.writeInt(values.size());
            for (Object each : values) {
                value(each);
            }
        } else {
            string(value.toString());
        }
    }

    void integer(long number) throws IOException {
        if (number >= 0 && number < 128) {
            out.writeByte((int) number);
        } else {
            out.writeByte(0xd3);
            out.writeLong(number);
        }
    }

    void string(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length < 32) {
            out.writeByte(0xa0 | bytes.length);
        } else {
            out.writeByte(0xdb);
            out.writeInt(bytes.length);
        }
        out.write(bytes);
    }

    private void binary(byte[] bytes) throws IOException {
        out.writeByte(0xc6);
        out.writeInt(bytes.length);
        out.write(bytes);
    }
}
