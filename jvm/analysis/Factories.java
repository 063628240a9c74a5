package riverline.analysis;

import java.io.IOException;
import java.io.Reader;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.Tokenizer;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.index.IndexSettings;
import org.elasticsearch.index.analysis.AnalyzerProvider;
import org.elasticsearch.index.analysis.AnalyzerScope;
import org.elasticsearch.index.analysis.CharFilterFactory;
import org.elasticsearch.index.analysis.NormalizingCharFilterFactory;
import org.elasticsearch.index.analysis.NormalizingTokenFilterFactory;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.index.analysis.TokenizerFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;

/** Elasticsearch's factories, each made of one function: read the settings once, then make components from them. */
final class Factories {
    private Factories() {}

    /** What a component is made from: the settings of its index, the node's files, and its own settings. */
    record Source(IndexSettings index, Environment environment, Settings settings) {}

    interface Recipe<T> {
        T from(Source source) throws IOException;
    }

    /** A filter that turns one token into one or none. */
    static AnalysisProvider<TokenFilterFactory> filter(Recipe<UnaryOperator<TokenStream>> recipe) {
        return (index, environment, name, settings) ->
                new Filter(name, recipe.from(new Source(index, environment, settings)));
    }

    /** A filter of characters only, which normalizers and wildcard queries use too. */
    static AnalysisProvider<TokenFilterFactory> normalizing(Recipe<UnaryOperator<TokenStream>> recipe) {
        return (index, environment, name, settings) ->
                new NormalizingFilter(name, recipe.from(new Source(index, environment, settings)));
    }

    /** A filter that makes several tokens of one: rules of synonyms cannot be read through it. */
    static AnalysisProvider<TokenFilterFactory> splitting(Recipe<UnaryOperator<TokenStream>> recipe) {
        return (index, environment, name, settings) ->
                new SplittingFilter(name, recipe.from(new Source(index, environment, settings)));
    }

    static AnalysisProvider<TokenizerFactory> tokenizer(Recipe<Supplier<Tokenizer>> recipe) {
        return (index, environment, name, settings) ->
                TokenizerFactory.newFactory(name, recipe.from(new Source(index, environment, settings)));
    }

    static AnalysisProvider<CharFilterFactory> charFilter(Recipe<UnaryOperator<Reader>> recipe) {
        return (index, environment, name, settings) ->
                new Characters(name, recipe.from(new Source(index, environment, settings)));
    }

    static AnalysisProvider<CharFilterFactory> normalizingCharFilter(Recipe<UnaryOperator<Reader>> recipe) {
        return (index, environment, name, settings) ->
                new NormalizingCharacters(name, recipe.from(new Source(index, environment, settings)));
    }

    static AnalysisProvider<AnalyzerProvider<? extends Analyzer>> analyzer(Recipe<Analyzer> recipe) {
        return (index, environment, name, settings) ->
                new Provider(name, recipe.from(new Source(index, environment, settings)));
    }

    private record Filter(String name, UnaryOperator<TokenStream> over) implements TokenFilterFactory {
        @Override
        public TokenStream create(TokenStream tokens) {
            return over.apply(tokens);
        }
    }

    private record NormalizingFilter(String name, UnaryOperator<TokenStream> over)
            implements NormalizingTokenFilterFactory {
        @Override
        public TokenStream create(TokenStream tokens) {
            return over.apply(tokens);
        }
    }

    private record SplittingFilter(String name, UnaryOperator<TokenStream> over) implements TokenFilterFactory {
        @Override
        public TokenStream create(TokenStream tokens) {
            return over.apply(tokens);
        }

        @Override
        public boolean breaksFastVectorHighlighter() {
            return true;
        }

        @Override
        public TokenFilterFactory getSynonymFilter() {
            throw new IllegalArgumentException("Token filter [" + name + "] cannot be used to parse synonyms");
        }
    }

    private record Characters(String name, UnaryOperator<Reader> over) implements CharFilterFactory {
        @Override
        public Reader create(Reader text) {
            return over.apply(text);
        }
    }

    private record NormalizingCharacters(String name, UnaryOperator<Reader> over)
            implements NormalizingCharFilterFactory {
        @Override
        public Reader create(Reader text) {
            return over.apply(text);
        }
    }

    private record Provider(String name, Analyzer analyzer) implements AnalyzerProvider<Analyzer> {
        @Override
        public AnalyzerScope scope() {
            return AnalyzerScope.INDEX;
        }

        @Override
        public Analyzer get() {
            return analyzer;
        }
    }
}
