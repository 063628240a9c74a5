package riverline.analysis;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.Tokenizer;
import org.apache.lucene.analysis.ngram.EdgeNGramTokenFilter;
import org.apache.lucene.analysis.ngram.EdgeNGramTokenizer;
import org.apache.lucene.analysis.ngram.NGramTokenFilter;
import org.apache.lucene.analysis.ngram.NGramTokenizer;
import org.apache.lucene.analysis.reverse.ReverseStringFilter;
import org.elasticsearch.common.settings.Settings;
import riverline.analysis.Factories.Source;

/** Pieces of words: from their beginning (edge_ngram) or from everywhere (ngram). */
final class Grams {
    private Grams() {}

    private record Range(int least, int most, boolean original) {
        static Range of(Settings settings) {
            return new Range(
                    settings.getAsInt("min_gram", 1),
                    settings.getAsInt("max_gram", 2),
                    settings.getAsBoolean("preserve_original", false));
        }

        /** Refuses ranges wider than the index allows: every step more multiplies the terms. */
        Range within(int difference) {
            if (most - least > difference) {
                throw new IllegalArgumentException("The difference between max_gram and min_gram in NGram Tokenizer must be"
                        + " less than or equal to: [" + difference + "] but was [" + (most - least) + "]. This limit can be"
                        + " set by changing the [index.max_ngram_diff] index level setting.");
            }
            return this;
        }
    }

    static UnaryOperator<TokenStream> edgeFilter(Source source) {
        Range range = Range.of(source.settings());
        UnaryOperator<TokenStream> front =
                tokens -> new EdgeNGramTokenFilter(tokens, range.least(), range.most(), range.original());
        if (source.settings().get("side", "front").equals("front")) {
            return front;
        }
        return tokens -> new ReverseStringFilter(front.apply(new ReverseStringFilter(tokens)));
    }

    static UnaryOperator<TokenStream> filter(Source source) {
        Range range = Range.of(source.settings()).within(source.index().getMaxNgramDiff());
        return tokens -> new NGramTokenFilter(tokens, range.least(), range.most(), range.original());
    }

    static Supplier<Tokenizer> edgeTokenizer(Source source) {
        Range range = Range.of(source.settings());
        IntPredicate kept = kept(source.settings());
        return () -> new EdgeNGramTokenizer(range.least(), range.most()) {
            @Override
            protected boolean isTokenChar(int character) {
                return kept.test(character);
            }
        };
    }

    static Supplier<Tokenizer> tokenizer(Source source) {
        Range range = Range.of(source.settings()).within(source.index().getMaxNgramDiff());
        IntPredicate kept = kept(source.settings());
        return () -> new NGramTokenizer(range.least(), range.most()) {
            @Override
            protected boolean isTokenChar(int character) {
                return kept.test(character);
            }
        };
    }

    private static IntPredicate kept(Settings settings) {
        List<IntPredicate> classes = new ArrayList<>();
        for (String name : settings.getAsList("token_chars")) {
            String custom = settings.get("custom_token_chars");
            classes.add(name.equalsIgnoreCase("custom") ? character -> custom.indexOf(character) >= 0 : characterClass(name));
        }
        return classes.stream().reduce(IntPredicate::or).orElse(character -> true);
    }

    /** A class of characters by its name; an IllegalArgumentException when there is none of that name. */
    static IntPredicate characterClass(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "letter" -> Character::isLetter;
            case "digit" -> Character::isDigit;
            case "whitespace" -> Character::isWhitespace;
            case "punctuation" -> character -> within(character, Character.DASH_PUNCTUATION, Character.OTHER_PUNCTUATION)
                    || within(character, Character.INITIAL_QUOTE_PUNCTUATION, Character.FINAL_QUOTE_PUNCTUATION);
            case "symbol" -> character -> within(character, Character.MATH_SYMBOL, Character.OTHER_SYMBOL);
            default -> throw new IllegalArgumentException("Unknown token type: '" + name + "'");
        };
    }

    /** Unicode's general categories as Java numbers them: dashes to other punctuation, and symbols, stand in a row. */
    private static boolean within(int character, byte first, byte last) {
        int type = Character.getType(character);
        return first <= type && type <= last;
    }
}
