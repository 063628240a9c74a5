package riverline.analysis;

import static riverline.analysis.Factories.analyzer;
import static riverline.analysis.Factories.filter;
import static riverline.analysis.Factories.tokenizer;

import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.ko.KoreanAnalyzer;
import org.apache.lucene.analysis.ko.KoreanNumberFilter;
import org.apache.lucene.analysis.ko.KoreanPartOfSpeechStopFilter;
import org.apache.lucene.analysis.ko.KoreanReadingFormFilter;
import org.apache.lucene.analysis.ko.KoreanTokenizer;
import org.apache.lucene.analysis.ko.POS;
import org.apache.lucene.analysis.ko.dict.UserDictionary;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.analysis.Analysis;
import org.elasticsearch.index.analysis.AnalyzerProvider;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.index.analysis.TokenizerFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import riverline.analysis.Factories.Source;

/** Nori, Lucene's Korean morphological analyser. */
final class Korean {
    private static final String RULES = "user_dictionary_rules";
    private static final String FILE = "user_dictionary";

    static final AnalysisProvider<TokenizerFactory> TOKENIZER = tokenizer(source -> {
        UserDictionary words = userDictionary(source);
        KoreanTokenizer.DecompoundMode compounds = decompoundMode(source.settings());
        boolean discardPunctuation = source.settings().getAsBoolean("discard_punctuation", true);
        return () -> new KoreanTokenizer(
                TokenStream.DEFAULT_TOKEN_ATTRIBUTE_FACTORY, words, compounds, false, discardPunctuation);
    });

    static final AnalysisProvider<AnalyzerProvider<? extends Analyzer>> ANALYZER = analyzer(source -> new KoreanAnalyzer(
            userDictionary(source), decompoundMode(source.settings()), stopTags(source.settings()), false));

    private Korean() {}

    static Map<String, AnalysisProvider<TokenFilterFactory>> filters() {
        return Map.of(
                "nori_part_of_speech", filter(source -> {
                    Set<POS.Tag> tags = stopTags(source.settings());
                    return tokens -> new KoreanPartOfSpeechStopFilter(tokens, tags);
                }),
                "nori_readingform", filter(source -> KoreanReadingFormFilter::new),
                "nori_number", filter(source -> KoreanNumberFilter::new));
    }

    private static KoreanTokenizer.DecompoundMode decompoundMode(Settings settings) {
        return KoreanTokenizer.DecompoundMode.valueOf(settings.get("decompound_mode", "discard").toUpperCase(Locale.ROOT));
    }

    /** Words of the user, from the settings or from a file below the node's config folder; null when there are none. */
    private static UserDictionary userDictionary(Source source) throws IOException {
        boolean inline = source.settings().hasValue(RULES);
        if (inline && source.settings().hasValue(FILE)) {
            throw new IllegalArgumentException("It is not allowed to use [" + FILE + "] in conjunction with [" + RULES + "]");
        }
        try (Reader rules = inline
                ? new StringReader(String.join("\n", source.settings().getAsList(RULES)))
                : Analysis.getReaderFromFile(source.environment(), source.settings(), FILE)) {
            return rules == null ? null : UserDictionary.open(rules);
        }
    }

    private static Set<POS.Tag> stopTags(Settings settings) {
        List<String> named = settings.getAsList("stoptags", null);
        if (named == null) {
            return KoreanPartOfSpeechStopFilter.DEFAULT_STOP_TAGS;
        }
        Set<POS.Tag> tags = EnumSet.noneOf(POS.Tag.class);
        named.forEach(name -> tags.add(POS.resolveTag(name)));
        return tags;
    }
}
