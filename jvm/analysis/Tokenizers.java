package riverline.analysis;

import static java.util.Map.entry;
import static riverline.analysis.Factories.tokenizer;

import java.util.Map;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.apache.lucene.analysis.Tokenizer;
import org.apache.lucene.analysis.core.KeywordTokenizer;
import org.apache.lucene.analysis.core.LetterTokenizer;
import org.apache.lucene.analysis.core.WhitespaceTokenizer;
import org.apache.lucene.analysis.path.PathHierarchyTokenizer;
import org.apache.lucene.analysis.path.ReversePathHierarchyTokenizer;
import org.apache.lucene.analysis.pattern.PatternTokenizer;
import org.apache.lucene.analysis.standard.ClassicTokenizer;
import org.apache.lucene.analysis.standard.UAX29URLEmailTokenizer;
import org.apache.lucene.analysis.util.CharTokenizer;
import org.apache.lucene.util.AttributeFactory;
import org.elasticsearch.common.regex.Regex;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.analysis.TokenizerFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import riverline.analysis.Factories.Source;

/** Tokenizers for all languages. */
final class Tokenizers {
    private static final int LONGEST = 255;

    private Tokenizers() {}

    static Map<String, AnalysisProvider<TokenizerFactory>> all() {
        return Map.ofEntries(
                entry("keyword", tokenizer(source -> {
                    int size = source.settings().getAsInt("buffer_size", KeywordTokenizer.DEFAULT_BUFFER_SIZE);
                    return () -> new KeywordTokenizer(size);
                })),
                entry("letter", tokenizer(source -> LetterTokenizer::new)),
                entry("whitespace", tokenizer(source -> {
                    int longest = longest(source.settings());
                    return () -> new WhitespaceTokenizer(longest);
                })),
                entry("classic", tokenizer(source -> ClassicTokenizer::new)),
                entry("uax_url_email", tokenizer(Tokenizers::urls)),
                entry("ngram", tokenizer(Grams::tokenizer)),
                entry("edge_ngram", tokenizer(Grams::edgeTokenizer)),
                entry("pattern", tokenizer(Tokenizers::pattern)),
                entry("path_hierarchy", tokenizer(Tokenizers::path)),
                entry("char_group", tokenizer(Tokenizers::charGroup)));
    }

    private static int longest(Settings settings) {
        return settings.getAsInt("max_token_length", LONGEST);
    }

    private static Supplier<Tokenizer> urls(Source source) {
        int longest = longest(source.settings());
        return () -> {
            UAX29URLEmailTokenizer tokenizer = new UAX29URLEmailTokenizer();
            tokenizer.setMaxTokenLength(longest);
            return tokenizer;
        };
    }

    private static Supplier<Tokenizer> pattern(Source source) {
        Pattern pattern = Regex.compile(source.settings().get("pattern", "\\W+"), source.settings().get("flags"));
        int group = source.settings().getAsInt("group", -1);
        return () -> new PatternTokenizer(pattern, group);
    }

    private static Supplier<Tokenizer> path(Source source) {
        Settings settings = source.settings();
        char delimiter = character(settings.get("delimiter", "/"));
        char replacement = character(settings.get("replacement", String.valueOf(delimiter)));
        int skip = settings.getAsInt("skip", PathHierarchyTokenizer.DEFAULT_SKIP);
        return settings.getAsBoolean("reverse", false)
                ? () -> new ReversePathHierarchyTokenizer(delimiter, replacement, skip)
                : () -> new PathHierarchyTokenizer(delimiter, replacement, skip);
    }

    private static char character(String text) {
        if (text.length() != 1) {
            throw new IllegalArgumentException("it must be one character, and is [" + text + "]");
        }
        return text.charAt(0);
    }

    private static Supplier<Tokenizer> charGroup(Source source) {
        IntPredicate separator = character -> false;
        for (String entry : source.settings().getAsList("tokenize_on_chars")) {
            separator = separator.or(separator(entry));
        }
        int longest = longest(source.settings());
        IntPredicate found = separator;
        return () -> new CharTokenizer(AttributeFactory.DEFAULT_ATTRIBUTE_FACTORY, longest) {
            @Override
            protected boolean isTokenChar(int character) {
                return !found.test(character);
            }
        };
    }

    private static IntPredicate separator(String entry) {
        String text = entry.startsWith("\\") ? CharFilters.unescaped(entry) : entry;
        if (text.codePointCount(0, text.length()) == 1) {
            int wanted = text.codePointAt(0);
            return character -> character == wanted;
        }
        return Grams.characterClass(text);
    }
}
