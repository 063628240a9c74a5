package riverline.analysis;

import java.text.Normalizer;
import java.util.Locale;
import java.util.regex.Pattern;
import org.elasticsearch.common.settings.Settings;

/**
 * A form of Unicode, named as the official ICU plugin names it: nfc, nfkc, or nfkc_cf, which also folds case and drops
 * what is never seen. Source: Unicode Standard Annex 15, and NFKC_Casefold in chapter 3.13 of the standard.
 */
record UnicodeForm(Normalizer.Form form, boolean folded) {
    /** Default_Ignorable_Code_Point: soft hyphens, joiners, marks of direction, Hangul fillers, variation selectors. */
    private static final Pattern IGNORABLE = Pattern.compile("[\\u00AD\\u034F\\u061C\\u115F\\u1160\\u17B4\\u17B5\\u180B-\\u180F"
            + "\\u200B-\\u200F\\u202A-\\u202E\\u2060-\\u206F\\u3164\\uFE00-\\uFE0F\\uFEFF\\uFFA0\\uFFF0-\\uFFF8"
            + "\\x{1BCA0}-\\x{1BCA3}\\x{1D173}-\\x{1D17A}\\x{E0000}-\\x{E0FFF}]");

    static UnicodeForm of(Settings settings) {
        boolean composed = !settings.get("mode", "compose").equals("decompose");
        String name = settings.get("name", "nfkc_cf").toLowerCase(Locale.ROOT);
        return switch (name) {
            case "nfc" -> new UnicodeForm(composed ? Normalizer.Form.NFC : Normalizer.Form.NFD, false);
            case "nfkc", "nfkc_cf" ->
                new UnicodeForm(composed ? Normalizer.Form.NFKC : Normalizer.Form.NFKD, name.equals("nfkc_cf"));
            default -> throw new IllegalArgumentException("Unknown normalization [" + name + "]");
        };
    }

    String of(String text) {
        String normal = Normalizer.normalize(text, form);
        return folded ? Normalizer.normalize(folded(normal), form) : normal;
    }

    private static String folded(String text) {
        StringBuilder folded = new StringBuilder(text.length());
        IGNORABLE.matcher(text.toUpperCase(Locale.ROOT)).replaceAll("").codePoints()
                .forEach(character -> folded.appendCodePoint(Character.toLowerCase(character)));
        return folded.toString();
    }

    /** Whether a character can change when the one before it does: a mark, a vowel or final of Hangul, a voiced mark. */
    static boolean continues(int character) {
        int type = Character.getType(character);
        return type == Character.NON_SPACING_MARK
                || type == Character.COMBINING_SPACING_MARK
                || type == Character.ENCLOSING_MARK
                || 0x1160 <= character && character <= 0x11FF
                || 0xFF9E <= character && character <= 0xFF9F;
    }
}
