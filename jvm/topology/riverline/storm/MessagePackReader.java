package riverline.storm;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.storm.multilang.NoOutputException;

/** Reads MessagePack into plain Java values: Long, Double, Boolean, String, byte[], List, Map. Extensions are refused. */
final class MessagePackReader {
    private final DataInputStream in;

    MessagePackReader(InputStream stream) {
        in = new DataInputStream(new BufferedInputStream(stream, 1 << 16));
    }

    /** One whole message. NoOutputException says that the process at the other end is gone. */
    Object message() throws IOException, NoOutputException {
        try {
            return value();
        } catch (EOFException e) {
            throw new NoOutputException("the pipe to the process is closed");
        }
    }

    private Object value() throws IOException {
        int type = in.readUnsignedByte();
        if (type < 0x80) {
            return (long) type;
        } else if (type < 0x90) {
            return map(type & 0x0f);
        } else if (type < 0xa0) {
            return list(type & 0x0f);
        } else if (type < 0xc0) {
            return text(type & 0x1f);
        } else if (type >= 0xe0) {
            return (long) (byte) type;
        }
        return switch (type) {
            case 0xc0 -> null;
            case 0xc2 -> false;
            case 0xc3 -> true;
            case 0xc4 -> bytes(in.readUnsignedByte());
            case 0xc5 -> bytes(in.readUnsignedShort());
            case 0xc6 -> bytes(in.readInt());
            case 0xca -> (double) in.readFloat();
            case 0xcb -> in.readDouble();
            case 0xcc -> (long) in.readUnsignedByte();
            case 0xcd -> (long) in.readUnsignedShort();
            case 0xce -> in.readInt() & 0xffffffffL;
            case 0xcf, 0xd3 -> in.readLong();
            case 0xd0 -> (long) in.readByte();
            case 0xd1 -> (long) in.readShort();
            case 0xd2 -> (long) in.readInt();
            case 0xd9 -> text(in.readUnsignedByte());
            case 0xda -> text(in.readUnsignedShort());
            case 0xdb -> text(in.readInt());
            case 0xdc -> list(in.readUnsignedShort());
            case 0xdd -> list(in.readInt());
            case 0xde -> map(in.readUnsignedShort());
            case 0xdf -> map(in.readInt());
            default -> throw new IOException("no MessagePack type that is used here: 0x" + Integer.toHexString(type));
        };
    }

    private byte[] bytes(int length) throws IOException {
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return bytes;
    }

    private String text(int length) throws IOException {
        return new String(bytes(length), StandardCharsets.UTF_8);
    }

    private List<Object> list(int size) throws IOException {
        List<Object> list = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            list.add(value());
        }
        return list;
    }

    private Map<Object, Object> map(int size) throws IOException {
        Map<Object, Object> map = new HashMap<>(size * 2);
        for (int i = 0; i < size; i++) {
            map.put(value(), value());
        }
        return map;
    }
}
