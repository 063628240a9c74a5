package riverline.analysis;

import static java.util.Map.entry;
import static org.elasticsearch.plugins.AnalysisPlugin.requiresAnalysisSettings;
import static riverline.analysis.Factories.analyzer;
import static riverline.analysis.Factories.filter;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.CharArraySet;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.analysis.en.EnglishMinimalStemFilter;
import org.apache.lucene.analysis.en.EnglishPossessiveFilter;
import org.apache.lucene.analysis.en.KStemFilter;
import org.apache.lucene.analysis.en.PorterStemFilter;
import org.apache.lucene.analysis.miscellaneous.KeywordRepeatFilter;
import org.apache.lucene.analysis.miscellaneous.PatternKeywordMarkerFilter;
import org.apache.lucene.analysis.miscellaneous.SetKeywordMarkerFilter;
import org.apache.lucene.analysis.miscellaneous.StemmerOverrideFilter;
import org.apache.lucene.analysis.snowball.SnowballFilter;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.analysis.Analysis;
import org.elasticsearch.index.analysis.AnalyzerProvider;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import riverline.analysis.Factories.Source;

/** Words to their stems, and words that are kept from it. */
final class Stemming {
    private static final Set<String> SNOWBALL = Set.of(
            "arabic", "armenian", "basque", "catalan", "danish", "dutch", "estonian", "finnish", "french", "german",
            "german2", "hungarian", "irish", "italian", "kp", "lithuanian", "lovins", "norwegian", "portuguese",
            "romanian", "russian", "spanish", "swedish", "turkish");

    static final AnalysisProvider<AnalyzerProvider<? extends Analyzer>> ENGLISH = analyzer(source -> new EnglishAnalyzer(
            Analysis.parseStopWords(source.environment(), source.settings(), EnglishAnalyzer.getDefaultStopSet()),
            Analysis.parseStemExclusion(source.settings(), CharArraySet.EMPTY_SET)));

    private Stemming() {}

    static Map<String, AnalysisProvider<TokenFilterFactory>> filters() {
        return Map.ofEntries(
                entry("porter_stem", filter(source -> PorterStemFilter::new)),
                entry("kstem", filter(source -> KStemFilter::new)),
                entry("keyword_repeat", filter(source -> KeywordRepeatFilter::new)),
                entry("stemmer", filter(source -> stemmer(language(source.settings(), "porter")))),
                entry("snowball", filter(source -> snowball(language(source.settings(), "english")))),
                entry("keyword_marker", requiresAnalysisSettings(filter(Stemming::keywordMarker))),
                entry("stemmer_override", requiresAnalysisSettings(filter(Stemming::override))));
    }

    private static String language(Settings settings, String otherwise) {
        return settings.get("language", settings.get("name", otherwise)).toLowerCase(Locale.ROOT);
    }

    private static UnaryOperator<TokenStream> stemmer(String language) {
        return switch (language) {
            case "english", "porter" -> PorterStemFilter::new;
            case "light_english", "lightenglish", "kstem" -> KStemFilter::new;
            case "minimal_english", "minimalenglish" -> EnglishMinimalStemFilter::new;
            case "possessive_english", "possessiveenglish" -> EnglishPossessiveFilter::new;
            case "porter2" -> snowball("english");
            default -> snowball(language);
        };
    }

    private static UnaryOperator<TokenStream> snowball(String language) {
        if (!language.equals("english") && !language.equals("porter") && !SNOWBALL.contains(language)) {
            throw new IllegalArgumentException("Unknown stemmer language [" + language + "]");
        }
        String name = language.substring(0, 1).toUpperCase(Locale.ROOT) + language.substring(1);
        return tokens -> new SnowballFilter(tokens, name);
    }

    private static UnaryOperator<TokenStream> keywordMarker(Source source) {
        String pattern = source.settings().get("keywords_pattern");
        CharArraySet words = Analysis.getWordSet(source.environment(), source.settings(), "keywords");
        if ((pattern == null) == (words == null)) {
            throw new IllegalArgumentException("keyword filter requires either [keywords] or [keywords_pattern]");
        }
        if (pattern != null) {
            Pattern compiled = Pattern.compile(pattern);
            return tokens -> new PatternKeywordMarkerFilter(tokens, compiled);
        }
        return tokens -> new SetKeywordMarkerFilter(tokens, words);
    }

    /** Rules `word, word => stem`; they mark the word as a keyword, so that a later stemmer leaves it alone. */
    private static UnaryOperator<TokenStream> override(Source source) throws IOException {
        List<String> rules = Analysis.getWordList(source.environment(), source.settings(), "rules");
        if (rules == null) {
            throw new IllegalArgumentException("stemmer override filter requires either `rules` or `rules_path`");
        }
        StemmerOverrideFilter.Builder builder = new StemmerOverrideFilter.Builder(false);
        for (String rule : rules) {
            String[] sides = rule.split("=>");
            if (sides.length != 2 || sides[1].isBlank() || sides[1].contains(",")) {
                throw new IllegalArgumentException("Invalid Keyword override Rule: " + rule);
            }
            for (String word : sides[0].split(",")) {
                builder.add(word.strip(), sides[1].strip());
            }
        }
        StemmerOverrideFilter.StemmerOverrideMap map = builder.build();
        return tokens -> new StemmerOverrideFilter(tokens, map);
    }
}
