package riverline.analysis;

import static java.util.Map.entry;
import static riverline.analysis.Factories.analyzer;
import static riverline.analysis.Factories.filter;
import static riverline.analysis.Factories.normalizing;
import static riverline.analysis.Factories.splitting;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.CharArraySet;
import org.apache.lucene.analysis.FilteringTokenFilter;
import org.apache.lucene.analysis.LowerCaseFilter;
import org.apache.lucene.analysis.TokenFilter;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.cjk.CJKAnalyzer;
import org.apache.lucene.analysis.cjk.CJKBigramFilter;
import org.apache.lucene.analysis.cjk.CJKWidthFilter;
import org.apache.lucene.analysis.core.DecimalDigitFilter;
import org.apache.lucene.analysis.core.FlattenGraphFilter;
import org.apache.lucene.analysis.core.UpperCaseFilter;
import org.apache.lucene.analysis.fr.FrenchAnalyzer;
import org.apache.lucene.analysis.miscellaneous.ASCIIFoldingFilter;
import org.apache.lucene.analysis.miscellaneous.KeepWordFilter;
import org.apache.lucene.analysis.miscellaneous.LengthFilter;
import org.apache.lucene.analysis.miscellaneous.LimitTokenCountFilter;
import org.apache.lucene.analysis.miscellaneous.RemoveDuplicatesTokenFilter;
import org.apache.lucene.analysis.miscellaneous.TrimFilter;
import org.apache.lucene.analysis.miscellaneous.TruncateTokenFilter;
import org.apache.lucene.analysis.miscellaneous.WordDelimiterGraphFilter;
import org.apache.lucene.analysis.miscellaneous.WordDelimiterIterator;
import org.apache.lucene.analysis.pattern.PatternReplaceFilter;
import org.apache.lucene.analysis.reverse.ReverseStringFilter;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.analysis.util.ElisionFilter;
import org.elasticsearch.common.regex.Regex;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.analysis.Analysis;
import org.elasticsearch.index.analysis.AnalyzerProvider;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.plugins.AnalysisPlugin;
import riverline.analysis.Factories.Source;

/** Token filters for all languages. */
final class TokenFilters {
    static final AnalysisProvider<AnalyzerProvider<? extends Analyzer>> CJK = analyzer(source -> new CJKAnalyzer(
            Analysis.parseStopWords(source.environment(), source.settings(), CJKAnalyzer.getDefaultStopSet())));

    private TokenFilters() {}

    static Map<String, AnalysisProvider<TokenFilterFactory>> all() {
        return Map.ofEntries(
                entry("lowercase", normalizing(source -> LowerCaseFilter::new)),
                entry("uppercase", normalizing(source -> UpperCaseFilter::new)),
                entry("asciifolding", normalizing(TokenFilters::asciiFolding)),
                entry("cjk_width", normalizing(source -> CJKWidthFilter::new)),
                entry("decimal_digit", normalizing(source -> DecimalDigitFilter::new)),
                entry("icu_normalizer", normalizing(TokenFilters::unicode)),
                entry("trim", normalizing(source -> TrimFilter::new)),
                entry("elision", normalizing(TokenFilters::elision)),
                entry("reverse", filter(source -> ReverseStringFilter::new)),
                entry("length", filter(TokenFilters::length)),
                entry("truncate", filter(TokenFilters::truncate)),
                entry("limit", filter(TokenFilters::limit)),
                entry("unique", filter(TokenFilters::unique)),
                entry("remove_duplicates", filter(source -> RemoveDuplicatesTokenFilter::new)),
                entry("pattern_replace", AnalysisPlugin.requiresAnalysisSettings(normalizing(TokenFilters::patternReplace))),
                entry("keep", AnalysisPlugin.requiresAnalysisSettings(filter(TokenFilters::keep))),
                entry("flatten_graph", splitting(source -> FlattenGraphFilter::new)),
                entry("cjk_bigram", splitting(TokenFilters::cjkBigrams)),
                entry("word_delimiter_graph", splitting(TokenFilters::wordParts)),
                entry("edge_ngram", splitting(Grams::edgeFilter)),
                entry("ngram", splitting(Grams::filter)));
    }

    private static UnaryOperator<TokenStream> asciiFolding(Source source) {
        boolean original = source.settings().getAsBoolean("preserve_original", false);
        return tokens -> new ASCIIFoldingFilter(tokens, original);
    }

    private static UnaryOperator<TokenStream> elision(Source source) {
        CharArraySet articles = Analysis.parseArticles(source.environment(), source.settings());
        CharArraySet used = articles == null ? FrenchAnalyzer.DEFAULT_ARTICLES : articles;
        return tokens -> new ElisionFilter(tokens, used);
    }

    private static UnaryOperator<TokenStream> length(Source source) {
        int least = source.settings().getAsInt("min", 0);
        int most = source.settings().getAsInt("max", Integer.MAX_VALUE);
        return tokens -> new LengthFilter(tokens, least, most);
    }

    private static UnaryOperator<TokenStream> truncate(Source source) {
        int length = source.settings().getAsInt("length", 10);
        return tokens -> new TruncateTokenFilter(tokens, length);
    }

    private static UnaryOperator<TokenStream> limit(Source source) {
        int most = source.settings().getAsInt("max_token_count", 1);
        boolean all = source.settings().getAsBoolean("consume_all_tokens", false);
        return tokens -> new LimitTokenCountFilter(tokens, most, all);
    }

    private static UnaryOperator<TokenStream> unique(Source source) {
        return source.settings().getAsBoolean("only_on_same_position", false)
                ? RemoveDuplicatesTokenFilter::new
                : UniqueFilter::new;
    }

    private static UnaryOperator<TokenStream> keep(Source source) {
        CharArraySet words = Analysis.getWordSet(source.environment(), source.settings(), "keep_words");
        if (words == null) {
            throw new IllegalArgumentException("keep requires `keep_words` or `keep_words_path`");
        }
        return tokens -> new KeepWordFilter(tokens, words);
    }

    private static UnaryOperator<TokenStream> patternReplace(Source source) {
        String pattern = source.settings().get("pattern");
        if (pattern == null) {
            throw new IllegalArgumentException("pattern is missing for [pattern_replace] token filter");
        }
        Pattern compiled = Regex.compile(pattern, source.settings().get("flags"));
        String replacement = source.settings().get("replacement", "");
        boolean all = source.settings().getAsBoolean("all", true);
        return tokens -> new PatternReplaceFilter(tokens, compiled, replacement, all);
    }

    private static UnaryOperator<TokenStream> cjkBigrams(Source source) {
        List<String> ignored = source.settings().getAsList("ignored_scripts");
        int flags = (ignored.contains("han") ? 0 : CJKBigramFilter.HAN)
                | (ignored.contains("hiragana") ? 0 : CJKBigramFilter.HIRAGANA)
                | (ignored.contains("katakana") ? 0 : CJKBigramFilter.KATAKANA)
                | (ignored.contains("hangul") ? 0 : CJKBigramFilter.HANGUL);
        boolean unigrams = source.settings().getAsBoolean("output_unigrams", false);
        return tokens -> new CJKBigramFilter(tokens, flags, unigrams);
    }

    private static UnaryOperator<TokenStream> unicode(Source source) {
        UnicodeForm form = UnicodeForm.of(source.settings());
        return tokens -> new TermFilter(tokens, form);
    }

    private static UnaryOperator<TokenStream> wordParts(Source source) {
        Settings settings = source.settings();
        if (settings.hasValue("type_table") || settings.hasValue("type_table_path")) {
            throw new IllegalArgumentException("word_delimiter_graph does not take a type_table here");
        }
        int flags = flag(settings, "generate_word_parts", true, WordDelimiterGraphFilter.GENERATE_WORD_PARTS)
                | flag(settings, "generate_number_parts", true, WordDelimiterGraphFilter.GENERATE_NUMBER_PARTS)
                | flag(settings, "catenate_words", false, WordDelimiterGraphFilter.CATENATE_WORDS)
                | flag(settings, "catenate_numbers", false, WordDelimiterGraphFilter.CATENATE_NUMBERS)
                | flag(settings, "catenate_all", false, WordDelimiterGraphFilter.CATENATE_ALL)
                | flag(settings, "preserve_original", false, WordDelimiterGraphFilter.PRESERVE_ORIGINAL)
                | flag(settings, "split_on_case_change", true, WordDelimiterGraphFilter.SPLIT_ON_CASE_CHANGE)
                | flag(settings, "split_on_numerics", true, WordDelimiterGraphFilter.SPLIT_ON_NUMERICS)
                | flag(settings, "stem_english_possessive", true, WordDelimiterGraphFilter.STEM_ENGLISH_POSSESSIVE)
                | flag(settings, "ignore_keywords", false, WordDelimiterGraphFilter.IGNORE_KEYWORDS);
        CharArraySet whole = Analysis.getWordSet(source.environment(), settings, "protected_words");
        boolean offsets = settings.getAsBoolean("adjust_offsets", true);
        byte[] table = WordDelimiterIterator.DEFAULT_WORD_DELIM_TABLE;
        return tokens -> new WordDelimiterGraphFilter(tokens, offsets, table, flags, whole);
    }

    private static int flag(Settings settings, String name, boolean otherwise, int flag) {
        return settings.getAsBoolean(name, otherwise) ? flag : 0;
    }

    /** Keeps the first of equal tokens. */
    private static final class UniqueFilter extends FilteringTokenFilter {
        private final CharTermAttribute term = addAttribute(CharTermAttribute.class);
        private final CharArraySet seen = new CharArraySet(8, false);

        UniqueFilter(TokenStream tokens) {
            super(tokens);
        }

        @Override
        protected boolean accept() {
            return seen.add(term.toString());
        }

        @Override
        public void reset() throws IOException {
            super.reset();
            seen.clear();
        }
    }

    /** Brings each term into a form of Unicode. */
    private static final class TermFilter extends TokenFilter {
        private final CharTermAttribute term = addAttribute(CharTermAttribute.class);
        private final UnicodeForm form;

        TermFilter(TokenStream tokens, UnicodeForm form) {
            super(tokens);
            this.form = form;
        }

        @Override
        public boolean incrementToken() throws IOException {
            if (!input.incrementToken()) {
                return false;
            }
            String normal = form.of(term.toString());
            term.setEmpty().append(normal);
            return true;
        }
    }
}
