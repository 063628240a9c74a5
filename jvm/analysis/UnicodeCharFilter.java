package riverline.analysis;

import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import org.apache.lucene.analysis.charfilter.BaseCharFilter;

/** Brings a text into a form of Unicode, a character with its marks at a time, and keeps the offsets right. */
final class UnicodeCharFilter extends BaseCharFilter {
    private final UnicodeForm form;
    private Reader normal;

    UnicodeCharFilter(Reader text, UnicodeForm form) {
        super(text);
        this.form = form;
    }

    @Override
    public int read(char[] buffer, int offset, int length) throws IOException {
        return normal().read(buffer, offset, length);
    }

    @Override
    public int read() throws IOException {
        return normal().read();
    }

    private Reader normal() throws IOException {
        if (normal == null) {
            normal = new StringReader(normalized(whole()));
        }
        return normal;
    }

    private String whole() throws IOException {
        StringBuilder text = new StringBuilder();
        char[] buffer = new char[4096];
        for (int count = input.read(buffer); count >= 0; count = input.read(buffer)) {
            text.append(buffer, 0, count);
        }
        return text.toString();
    }

    private String normalized(String text) {
        StringBuilder output = new StringBuilder(text.length());
        int end;
        for (int start = 0; start < text.length(); start = end) {
            end = endOfCluster(text, start);
            String cluster = form.of(text.substring(start, end));
            correctOffsets(output.length(), cluster.length(), start, end);
            output.append(cluster);
        }
        return output.toString();
    }

    private static int endOfCluster(String text, int start) {
        int end = start + Character.charCount(text.codePointAt(start));
        while (end < text.length() && UnicodeForm.continues(text.codePointAt(end))) {
            end += Character.charCount(text.codePointAt(end));
        }
        return end;
    }

    /** Positions behind the shorter of the two point to the end of what the cluster was made from. */
    private void correctOffsets(int output, int length, int start, int end) {
        if (length < end - start) {
            addOffCorrectMap(output + length, end - output - length);
        }
        for (int behind = end - start + 1; behind <= length; behind++) {
            addOffCorrectMap(output + behind, end - output - behind);
        }
    }
}
