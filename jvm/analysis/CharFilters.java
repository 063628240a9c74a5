package riverline.analysis;

import static org.elasticsearch.plugins.AnalysisPlugin.requiresAnalysisSettings;
import static riverline.analysis.Factories.charFilter;
import static riverline.analysis.Factories.normalizingCharFilter;

import java.io.Reader;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.lucene.analysis.charfilter.HTMLStripCharFilter;
import org.apache.lucene.analysis.charfilter.MappingCharFilter;
import org.apache.lucene.analysis.charfilter.NormalizeCharMap;
import org.apache.lucene.analysis.pattern.PatternReplaceCharFilter;
import org.elasticsearch.common.regex.Regex;
import org.elasticsearch.index.analysis.Analysis;
import org.elasticsearch.index.analysis.CharFilterFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import riverline.analysis.Factories.Source;

/** What happens to characters before they become tokens. Offsets still point into the text as it was. */
final class CharFilters {
    private static final Pattern RULE = Pattern.compile("(.*)\\s*=>\\s*(.*)\\s*$");
    private static final Pattern ESCAPE = Pattern.compile("\\\\(?:u([0-9a-fA-F]{4})|(.))");

    private CharFilters() {}

    static Map<String, AnalysisProvider<CharFilterFactory>> all() {
        return Map.of(
                "html_strip", charFilter(CharFilters::htmlStrip),
                "mapping", requiresAnalysisSettings(normalizingCharFilter(CharFilters::mapping)),
                "pattern_replace", requiresAnalysisSettings(normalizingCharFilter(CharFilters::patternReplace)),
                "icu_normalizer", normalizingCharFilter(source -> {
                    UnicodeForm form = UnicodeForm.of(source.settings());
                    return text -> new UnicodeCharFilter(text, form);
                }));
    }

    private static UnaryOperator<Reader> htmlStrip(Source source) {
        Set<String> kept = Set.copyOf(source.settings().getAsList("escaped_tags"));
        return text -> new HTMLStripCharFilter(text, kept);
    }

    private static UnaryOperator<Reader> mapping(Source source) {
        List<String> rules = Analysis.getWordList(source.environment(), source.settings(), "mappings");
        if (rules == null) {
            throw new IllegalArgumentException("mapping requires either `mappings` or `mappings_path` to be configured");
        }
        NormalizeCharMap.Builder builder = new NormalizeCharMap.Builder();
        for (String rule : rules) {
            Matcher sides = RULE.matcher(rule);
            if (!sides.find()) {
                throw new IllegalArgumentException("Invalid Mapping Rule : [" + rule + "]");
            }
            builder.add(unescaped(sides.group(1).strip()), unescaped(sides.group(2).strip()));
        }
        NormalizeCharMap map = builder.build();
        return text -> new MappingCharFilter(map, text);
    }

    private static UnaryOperator<Reader> patternReplace(Source source) {
        String pattern = source.settings().get("pattern");
        if (pattern == null || pattern.isEmpty()) {
            throw new IllegalArgumentException("pattern is missing for [pattern_replace] char filter");
        }
        Pattern compiled = Regex.compile(pattern, source.settings().get("flags"));
        String replacement = source.settings().get("replacement", "");
        return text -> new PatternReplaceCharFilter(compiled, replacement, text);
    }

    /** Java's escapes as what they stand for; any other character after a backslash as itself. */
    static String unescaped(String text) {
        return ESCAPE.matcher(text).replaceAll(match -> Matcher.quoteReplacement(
                match.group(1) != null
                        ? String.valueOf((char) Integer.parseInt(match.group(1), 16))
                        : named(match.group(2))));
    }

    private static String named(String letter) {
        return switch (letter) {
            case "n" -> "\n";
            case "t" -> "\t";
            case "r" -> "\r";
            case "b" -> "\b";
            case "f" -> "\f";
            default -> letter;
        };
    }
}
