package riverline.analysis;

import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.text.ParseException;
import java.util.List;
import java.util.function.Function;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.synonym.SolrSynonymParser;
import org.apache.lucene.analysis.synonym.SynonymFilter;
import org.apache.lucene.analysis.synonym.SynonymGraphFilter;
import org.apache.lucene.analysis.synonym.SynonymMap;
import org.apache.lucene.util.CharsRef;
import org.apache.lucene.util.CharsRefBuilder;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.index.analysis.Analysis;
import org.elasticsearch.index.analysis.AnalysisMode;
import org.elasticsearch.index.analysis.CharFilterFactory;
import org.elasticsearch.index.analysis.CustomAnalyzer;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.index.analysis.TokenizerFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;

/**
 * Synonyms in Solr's format, from the settings (`synonyms`) or a file below the node's config folder (`synonyms_path`).
 *
 * <p>The rules are read through the analyser that stands before the filter, so they are written as people write. An
 * `updateable` filter serves searches only; its file is read again when its index is closed and opened.
 */
final class Synonyms implements TokenFilterFactory {
    private final String name;
    private final boolean graph;
    private final Environment environment;
    private final Settings settings;

    private Synonyms(String name, boolean graph, Environment environment, Settings settings) {
        this.name = name;
        this.graph = graph;
        this.environment = environment;
        this.settings = settings;
        if (!settings.get("format", "solr").equals("solr")) {
            throw new IllegalArgumentException("synonyms of format [" + settings.get("format") + "] are not read; use solr");
        }
    }

    static AnalysisProvider<TokenFilterFactory> flat() {
        return (index, environment, name, settings) -> new Synonyms(name, false, environment, settings);
    }

    static AnalysisProvider<TokenFilterFactory> graph() {
        return (index, environment, name, settings) -> new Synonyms(name, true, environment, settings);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public AnalysisMode getAnalysisMode() {
        return settings.getAsBoolean("updateable", false) ? AnalysisMode.SEARCH_TIME : AnalysisMode.ALL;
    }

    @Override
    public TokenStream create(TokenStream tokens) {
        throw new IllegalStateException("the synonyms of [" + name + "] are known only within an analyzer");
    }

    @Override
    public TokenFilterFactory getChainAwareTokenFilterFactory(
            TokenizerFactory tokenizer,
            List<CharFilterFactory> charFilters,
            List<TokenFilterFactory> before,
            Function<String, TokenFilterFactory> others) {
        TokenFilterFactory[] filters =
                before.stream().map(TokenFilterFactory::getSynonymFilter).toArray(TokenFilterFactory[]::new);
        CharFilterFactory[] characters = charFilters.toArray(CharFilterFactory[]::new);
        return new Applied(name, graph, getAnalysisMode(), map(new CustomAnalyzer(tokenizer, characters, filters)));
    }

    private SynonymMap map(Analyzer analyzer) {
        try (Reader rules = rules()) {
            LenientParser parser = new LenientParser(
                    settings.getAsBoolean("expand", true), settings.getAsBoolean("lenient", false), analyzer);
            parser.parse(rules);
            return parser.build();
        } catch (IOException | ParseException | RuntimeException error) {
            throw new IllegalArgumentException("failed to build synonyms", error);
        }
    }

    private Reader rules() {
        List<String> inline = settings.getAsList("synonyms", null);
        if (inline != null) {
            return new StringReader(String.join("\n", inline));
        }
        if (settings.get("synonyms_path") == null) {
            throw new IllegalArgumentException("synonym requires either `synonyms` or `synonyms_path` to be configured");
        }
        return Analysis.getReaderFromFile(environment, settings, "synonyms_path");
    }

    @SuppressWarnings("deprecation") // the flat filter is what the name `synonym` stands for
    private record Applied(String name, boolean graph, AnalysisMode mode, SynonymMap map) implements TokenFilterFactory {
        @Override
        public TokenStream create(TokenStream tokens) {
            if (map.fst == null) {
                return tokens;
            }
            return graph ? new SynonymGraphFilter(tokens, map, false) : new SynonymFilter(tokens, map, false);
        }

        /** Rules of later synonyms are not read through these. */
        @Override
        public TokenFilterFactory getSynonymFilter() {
            return IDENTITY_FILTER;
        }

        @Override
        public AnalysisMode getAnalysisMode() {
            return mode;
        }
    }

    /** Leaves out rules that the analyser makes nothing of, where it may. */
    private static final class LenientParser extends SolrSynonymParser {
        private final boolean lenient;

        LenientParser(boolean expand, boolean lenient, Analyzer analyzer) {
            super(true, expand, analyzer);
            this.lenient = lenient;
        }

        @Override
        public void add(CharsRef input, CharsRef output, boolean includeOriginal) {
            if (!lenient || input.length > 0 && output.length > 0) {
                super.add(input, output, includeOriginal);
            }
        }

        @Override
        public CharsRef analyze(String text, CharsRefBuilder reuse) throws IOException {
            try {
                return super.analyze(text, reuse);
            } catch (IllegalArgumentException error) {
                if (!lenient) {
                    throw error;
                }
                return new CharsRef("");
            }
        }
    }
}
